"""The Kubernetes cluster: the control plane, its nodes and their roles."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import ours, trust
from twin.blueprints.names import key_arn
from twin.blueprints.network import subnets_of
from twin.resources.aws.eks import Cluster
from twin.resources.aws.eks_node_group import NodeGroup
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_role import Role
from twin.resources.aws.logs import LogGroup
from twin.resources.declaration import Path
from twin.spec.model.compute import Eks
from twin.spec.model.compute import NodeGroup as NodeIntent

AT: Path = ("compute", "eks")
SERVICE = "eks.amazonaws.com"
NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")
LOG_DAYS = 90


def build(blueprint: Blueprint) -> None:
    """Declare the cluster and its nodes."""
    intent = blueprint.org.compute.eks
    if intent is None:
        return
    if intent.admins:
        blueprint.unsupported("giving roles access to the cluster", (*AT, "admins"), "leave `admins` out")
    _control_plane(blueprint, intent)
    nodes = Role(name=blueprint.name("nodes"), description="The cluster's nodes", trust=trust("ec2.amazonaws.com"))
    role = blueprint.add("nodes", nodes, (*AT, "nodes"))
    for policy in NODE_POLICIES:
        attachment = Attachment(role=role.id, policy=f"arn:aws:iam::aws:policy/{policy}")
        blueprint.add(f"nodes-{policy}", attachment, (*AT, "nodes"))
    for name, group in intent.nodes.items():
        _nodes(blueprint, name, group, intent)


def _control_plane(blueprint: Blueprint, intent: Eks) -> None:
    name = blueprint.name("eks")
    group = LogGroup(name=f"/aws/eks/{name}/cluster", retention_days=LOG_DAYS)
    blueprint.add("eks", group, (*AT, "logs"))
    trusted = trust(SERVICE, ours(SERVICE, blueprint.scope))
    role = Role(name=blueprint.name("cluster"), description="The cluster", trust=trusted)
    made = blueprint.add("cluster", role, AT)
    policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    blueprint.add("cluster", Attachment(role=made.id, policy=policy), AT)
    public = intent.endpoint in ("public", "both")
    cluster = Cluster(
        name=name,
        version=intent.version,
        role=made.arn,
        subnets=subnets_of(blueprint, intent.subnets),
        endpoint_public=public,
        endpoint_private=intent.endpoint in ("private", "both"),
        public_access_cidrs=[str(block) for block in intent.public_from] if public and intent.public_from else None,
        log_types=list(intent.logs),
        secrets_key=key_arn(intent.key),
        service_cidr=str(intent.service_cidr) if intent.service_cidr else None,
    )
    places = {
        "version": (*AT, "version"),
        "subnets": (*AT, "subnets"),
        "log_types": (*AT, "logs"),
        "service_cidr": (*AT, "service_cidr"),
    }
    blueprint.add("main", cluster, AT, {**places, "public_access_cidrs": (*AT, "public_from")})


def _nodes(blueprint: Blueprint, name: str, intent: NodeIntent, cluster: Eks) -> None:
    at = (*AT, "nodes", name)
    group = NodeGroup(
        cluster=ref("aws.eks.cluster", "main"),
        name=blueprint.name(name),
        role=ref("aws.iam.role", "nodes", "arn"),
        subnets=subnets_of(blueprint, cluster.subnets, intent.zones),
        instance_types=list(intent.instance_types),
        capacity_type="SPOT" if intent.spot else "ON_DEMAND",
        min_size=intent.min,
        desired_size=intent.min if intent.desired is None else intent.desired,
        max_size=intent.max,
        **({"disk_size": intent.disk.gib} if intent.disk else {}),
    )
    places = {"min_size": (*at, "min"), "desired_size": (*at, "desired"), "max_size": (*at, "max")}
    blueprint.add(name, group, at, {**places, "instance_types": (*at, "instance_types")})

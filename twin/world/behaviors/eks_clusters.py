"""EKS clusters pass through their states, have a security group of their own, and change by updates."""

import json
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.eks_updates import cluster_of, facts, find_cluster, record, running
from twin.world.scene import Scene

PROVIDES = {"eks-clusters": "EKS clusters take their time, and their updates are told"}
BY = "eks.amazonaws.com"
# https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html: modes go this way only.
MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
# How many minor versions a node may be behind: https://kubernetes.io/releases/version-skew-policy/
SKEW = 3


def where(cluster: Any) -> dict[str, str]:
    """Return how a call of EKS's about a cluster is made."""
    told = facts(cluster)
    return {"account": told["account"], "region": told["region"], "by": BY}


@follows("eks", "CreateCluster")
def created(done: Done, scene: Scene) -> dict[str, Any]:
    """A new cluster is being created; it has a network, a security group and an access configuration."""
    cluster, config = cluster_of(done), done.parameters.get("accessConfig") or {}
    mode = config.get("authenticationMode") or MODES[0]
    cluster.access_config = {"authenticationMode": mode}
    cluster.access_config["bootstrapClusterCreatorAdminPermissions"] = config.get(
        "bootstrapClusterCreatorAdminPermissions", True
    )
    _network(scene, cluster, done.state("ec2"))
    creator = done.call.principal.arn
    if mode != MODES[0] and cluster.access_config["bootstrapClusterCreatorAdminPermissions"]:
        scene.emit("eks.cluster.requested", **facts(cluster), principal=creator)
    seconds = scene.delay("eks.cluster_create")
    if seconds:
        cluster.status = "CREATING"
        scene.after(seconds, "eks.cluster.ready", **facts(cluster))
    else:
        ready(scene, **facts(cluster))
    network = {**done.result["cluster"]["resourcesVpcConfig"], **cluster.resources_vpc_config}
    told = {"status": cluster.status, "accessConfig": cluster.access_config, "resourcesVpcConfig": network}
    return {"cluster": {**done.result["cluster"], **told}}


def _network(scene: Scene, cluster: Any, ec2: Any) -> None:
    """Make the security group that EKS makes for a cluster and its nodes."""
    subnets = cluster.resources_vpc_config.get("subnetIds") or ()
    known = {subnet.id: subnet for zone in ec2.subnets.values() for subnet in zone.values()}
    vpc = next((known[name].vpc_id for name in subnets if name in known), None)
    if vpc is None:
        return
    call = where(cluster)
    params = {
        "GroupName": f"eks-cluster-sg-{cluster.name}-{scene.ids('eks').random.randrange(10**9)}",
        "Description": "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, "
        "as well as any managed workloads.",
        "VpcId": vpc,
        "TagSpecifications": [
            {
                "ResourceType": "security-group",
                "Tags": [
                    {"Key": f"kubernetes.io/cluster/{cluster.name}", "Value": "owned"},
                    {"Key": "aws:eks:cluster-name", "Value": cluster.name},
                ],
            }
        ],
    }
    group = scene.call("ec2:CreateSecurityGroup", params, **call)["GroupId"]
    within = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    scene.call("ec2:AuthorizeSecurityGroupIngress", {"GroupId": group, "IpPermissions": within}, **call)
    cluster.resources_vpc_config = {**cluster.resources_vpc_config, "vpcId": vpc, "clusterSecurityGroupId": group}


@happens("eks.cluster.ready")
def ready(scene: Scene, *, account: str, region: str, cluster: str) -> None:
    """A cluster is active."""
    found = find_cluster(account, region, cluster)
    if found is not None:
        found.status = "ACTIVE"
        scene.emit("eks.cluster.created", account=account, region=region, cluster=cluster)


@answers("eks", "DeleteCluster")
def leaving(asked: Asked, scene: Scene) -> None:
    """Keep a cluster that is deleted until it is gone."""
    cluster = asked.state().clusters.get(asked.parameters["name"])
    if cluster is not None:
        asked.state().leaving = cluster


@follows("eks", "DeleteCluster")
def deleted(done: Done, scene: Scene) -> dict[str, Any]:
    """A deleted cluster is told of until it is gone, and its security group goes with it."""
    cluster, told = done.state().leaving, done.result["cluster"]
    seconds = scene.delay("eks.cluster_delete")
    cluster.status = "DELETING"
    done.state().clusters[cluster.name] = cluster
    if seconds:
        scene.after(seconds, "eks.cluster.gone", **facts(cluster))
    else:
        gone(scene, **facts(cluster))
    return {"cluster": {**told, "status": "DELETING"}}


@happens("eks.cluster.gone")
def gone(scene: Scene, *, account: str, region: str, cluster: str) -> None:
    """A cluster is no more."""
    from twin.world.stores.moto_store import backends

    found = backends("eks")[account][region].clusters.pop(cluster)
    scene.memory.get("eks.updates", {}).pop(found.arn, None)
    group = found.resources_vpc_config.get("clusterSecurityGroupId")
    if group:
        try:
            scene.call("ec2:DeleteSecurityGroup", {"GroupId": group}, **where(found))
        except AwsError as in_use:
            scene.emit("eks.security_group.left", account=account, region=region, group=group, code=in_use.code)
    scene.emit("eks.cluster.deleted", account=account, region=region, cluster=cluster)


def busy(scene: Scene, cluster: Any) -> None:
    """Refuse an update of a cluster that is not active or has one under way."""
    if cluster.status != "ACTIVE" or running(scene, cluster):
        raise AwsError("ResourceInUseException", f"Cluster {cluster.name} is not in ACTIVE status", 409)


@answers("eks", "UpdateClusterConfig")
def configure(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Change one kind of setting; what a call does not name stays."""
    cluster, parameters = cluster_of(asked), asked.parameters
    busy(scene, cluster)
    if wanted := parameters.get("accessConfig"):
        kind, params = "AccessConfigUpdate", _access(cluster, wanted["authenticationMode"])
    elif wanted := parameters.get("logging"):
        kind = "LoggingUpdate"
        params = [{"type": "ClusterLogging", "value": json.dumps(wanted)}]
        cluster.logging = _logging(cluster.logging, wanted)
    elif wanted := parameters.get("resourcesVpcConfig"):
        kind = "VpcConfigUpdate" if "subnetIds" in wanted or "securityGroupIds" in wanted else "EndpointAccessUpdate"
        params = [{"type": key[0].upper() + key[1:], "value": json.dumps(value)} for key, value in wanted.items()]
        cluster.resources_vpc_config = {**cluster.resources_vpc_config, **wanted}
    else:
        named = sorted(set(parameters) - {"name", "clientRequestToken"})
        raise AwsError("TwinUnsupportedOperation", f"The twin does not implement eks:UpdateClusterConfig of {named}.")
    seconds = scene.delay("eks.cluster_config")
    return {"update": record(scene, cluster, kind=kind, params=params, seconds=seconds)}


def _access(cluster: Any, mode: str) -> list[dict[str, str]]:
    before = cluster.access_config["authenticationMode"]
    if MODES.index(mode) != MODES.index(before) + 1:
        raise AwsError("InvalidParameterException", f"Unsupported authentication mode update from {before} to {mode}")
    cluster.access_config = {**cluster.access_config, "authenticationMode": mode}
    return [{"type": "AuthenticationMode", "value": f'"{mode}"'}]


def _logging(kept: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    on = {kind: entry["enabled"] for entry in kept["clusterLogging"] for kind in entry["types"]}
    on |= {kind: entry["enabled"] for entry in wanted["clusterLogging"] for kind in entry["types"]}
    sides = [{"types": [k for k in on if on[k] is side], "enabled": side} for side in (True, False)]
    return {"clusterLogging": [entry for entry in sides if entry["types"]]}


@follows("eks", "UpdateClusterVersion")
def raised(done: Done, scene: Scene) -> dict[str, Any]:
    """A cluster runs the new version when its update is done; the store has it at once."""
    cluster, wanted = cluster_of(done), done.parameters["version"]
    seconds = scene.delay("eks.cluster_version")
    if seconds:
        major, minor = wanted.split(".")
        cluster.version, cluster.status = f"{major}.{int(minor) - 1}", "UPDATING"
        scene.after(seconds, "eks.cluster.version", **facts(cluster), version=wanted)
    params = [{"type": "Version", "value": wanted}, {"type": "PlatformVersion", "value": cluster.platformVersion}]
    return {"update": record(scene, cluster, kind="VersionUpdate", params=params, seconds=seconds)}


@happens("eks.cluster.version")
def runs_version(scene: Scene, *, account: str, region: str, cluster: str, version: str) -> None:
    """The control plane runs another version."""
    found = find_cluster(account, region, cluster)
    if found is not None:
        found.version, found.status = version, "ACTIVE"
        scene.emit("eks.cluster.updated", account=account, region=region, cluster=cluster, version=version)


@answers("eks", "UpdateClusterVersion")
def may_be_raised(asked: Asked, scene: Scene) -> None:
    """Refuse a version update while another update is under way, or one that leaves node groups too far behind."""
    cluster = cluster_of(asked)
    busy(scene, cluster)
    minor = int(asked.parameters["version"].partition(".")[2])
    late = [name for name, group in cluster.nodegroups.items() if int(group.version.partition(".")[2]) < minor - SKEW]
    if late:
        raise AwsError(
            "InvalidParameterException",
            f"Nodegroups {sorted(late)} must be updated to match cluster version {cluster.version} before updating "
            "cluster version",
        )

"""Workers: Auto Scaling groups, each with its launch template, role and security group."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import trust
from twin.blueprints.grants import attach
from twin.blueprints.names import key_arn
from twin.blueprints.network import ANYWHERE, VPC, subnets_of, vpc_range
from twin.blueprints.scaling import scale
from twin.resources.aws.autoscaling import AutoScalingGroup
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_instance_profile import InstanceProfile
from twin.resources.aws.iam_role import Role
from twin.resources.aws.launch_template import LaunchTemplate, Volume
from twin.resources.aws.security_group import SecurityGroup, SecurityRule
from twin.resources.declaration import Path
from twin.spec.model.compute import Workers

SESSIONS = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
"""Shells through Systems Manager, so that no instance needs an open SSH port."""


def build(blueprint: Blueprint) -> None:
    """Declare each group of workers."""
    for name, intent in blueprint.org.compute.workers.items():
        at: Path = ("compute", "workers", name)
        _identity(blueprint, name, intent, at)
        _group(blueprint, name, intent, at)


def _identity(blueprint: Blueprint, name: str, intent: Workers, at: Path) -> None:
    role = Role(name=blueprint.name(name), description=f"The workers {name}", trust=trust("ec2.amazonaws.com"))
    made = blueprint.add(name, role, at)
    blueprint.add(f"{name}-sessions", Attachment(role=made.id, policy=SESSIONS), at)
    attach(blueprint, "role", name, intent, at)
    blueprint.add(name, InstanceProfile(name=blueprint.name(name), role=made.id), at)


def _group(blueprint: Blueprint, name: str, intent: Workers, at: Path) -> None:
    guard = blueprint.add(name, _filter(blueprint, name, intent), at)
    image = f"resolve:ssm:{intent.image}" if intent.image.startswith("/") else intent.image
    template = LaunchTemplate(
        name=blueprint.name(name),
        image=image,
        instance_type=intent.instance_type,
        security_groups=[guard.id],
        instance_profile=ref("aws.iam.instance_profile", name, "arn"),
        volume=Volume(kms_key=key_arn(intent.key), **({"size": intent.disk.gib} if intent.disk else {})),
        instance_tags={"Name": blueprint.name(name), **blueprint.tags},
    )
    places = {field: (*at, field) for field in ("image", "instance_type")}
    made = blueprint.add(name, template, at, {**places, "volume": (*at, "disk")})
    group = AutoScalingGroup(
        name=blueprint.name(name),
        launch_template=made.id,
        subnets=subnets_of(blueprint, intent.subnets, intent.zones),
        min=intent.min,
        max=intent.max,
        desired=intent.desired,
        target_groups=[ref("aws.elbv2.target_group", "app", "arn")] if intent.behind_alb else [],
        health_check="ELB" if intent.behind_alb else "EC2",
    )
    blueprint.add(name, group, at, {field: (*at, field) for field in ("min", "max", "desired", "subnets")})
    scale(blueprint, name, intent)


def _filter(blueprint: Blueprint, name: str, intent: Workers) -> SecurityGroup:
    """In: only the load balancer, where the workers stand behind it. Out: HTTPS, and the databases of the VPC."""
    org, ingress = blueprint.org, []
    if intent.behind_alb and org.compute.alb:
        port, balancer = org.compute.alb.port, ref("aws.ec2.security_group", "alb")
        ingress = [SecurityRule(from_port=port, to_port=port, group=balancer, description="The load balancer")]
    egress = [SecurityRule(from_port=443, to_port=443, cidr=ANYWHERE, description="HTTPS")]
    if org.compute.databases:
        vpc = vpc_range(blueprint)
        ports = sorted({database_port(blueprint, key) for key in org.compute.databases})
        egress += [SecurityRule(from_port=p, to_port=p, cidr=vpc, description="Databases") for p in ports]
    description = f"The workers {name}"
    return SecurityGroup(vpc=VPC, name=blueprint.name(name), description=description, ingress=ingress, egress=egress)


def database_port(blueprint: Blueprint, name: str) -> int:
    """Return the port of a database: its own or its engine's."""
    intent = blueprint.org.compute.databases[name]
    return intent.port or {"postgres": 5432, "aurora-postgresql": 5432}.get(intent.engine, 3306)

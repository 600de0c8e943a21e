"""Databases: instances with their subnet and security groups, and their read replicas."""

from twin.blueprints.aurora import declare_cluster
from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.names import key_arn
from twin.blueprints.network import VPC, blocks_of, subnets_of
from twin.blueprints.workers import database_port
from twin.resources.aws.rds import Instance, SubnetGroup
from twin.resources.aws.rds_replica import Replica
from twin.resources.aws.security_group import SecurityGroup, SecurityRule
from twin.resources.declaration import Declaration, Path
from twin.spec.model.compute import Database

LOGS = {"postgres": ["postgresql", "upgrade"], "mysql": ["error", "slowquery"], "mariadb": ["error", "slowquery"]}


def build(blueprint: Blueprint) -> None:
    """Declare each database and what it stands in."""
    for name, intent in blueprint.org.compute.databases.items():
        at: Path = ("compute", "databases", name)
        guard = _filter(blueprint, name, at)
        subnets = SubnetGroup(
            name=blueprint.name(name),
            description=f"Where the database {name} stands",
            subnets=subnets_of(blueprint, intent.subnets),
        )
        where = blueprint.add(name, subnets, at, {"subnets": (*at, "subnets")})
        if intent.aurora:
            declare_cluster(blueprint, name, guard=guard, where=where)
            continue
        if intent.replica_of:
            _follower(blueprint, name, intent, guard=guard, where=where)
            continue
        made = _instance(blueprint, name, intent, guard=guard, where=where)
        _replicas(blueprint, name, intent, source=made, guard=guard)


def _instance(
    blueprint: Blueprint, name: str, intent: Database, *, guard: Declaration, where: Declaration
) -> Declaration:
    at: Path = ("compute", "databases", name)
    instance = Instance(
        name=blueprint.name(name),
        engine=intent.engine,
        engine_version=intent.version,
        instance_class=intent.instance_class,
        allocated_storage=intent.storage.gib if intent.storage else 0,
        max_allocated_storage=intent.max_storage.gib if intent.max_storage else None,
        kms_key=key_arn(intent.key),
        multi_az=intent.multi_az,
        subnet_group=where.id,
        security_groups=[guard.id],
        database=name.replace("-", "_"),
        username=intent.username,
        password=intent.password,
        port=database_port(blueprint, name),
        backup_retention=intent.backup_retention.days,
        deletion_protection=intent.deletion_protection,
        iam_authentication=True,
        log_exports=LOGS[intent.engine],
    )
    same = ("engine", "instance_class", "multi_az", "backup_retention", "deletion_protection", "username", "password")
    places: dict[str, Path] = {field: (*at, field) for field in same}
    places |= {"engine_version": (*at, "version"), "allocated_storage": (*at, "storage"), "port": (*at, "port")}
    return blueprint.add(name, instance, at, {**places, "max_allocated_storage": (*at, "max_storage")})


def _follower(blueprint: Blueprint, name: str, intent: Database, *, guard: Declaration, where: Declaration) -> None:
    """Declare a database as a read replica of the one of its name in another Region."""
    at: Path = ("compute", "databases", name)
    follows = str(intent.replica_of)
    if follows == blueprint.scope.region or follows not in (blueprint.home, *blueprint.spec.regions):
        message = f"{name} cannot be a replica of itself or of what stands nowhere: {follows}"
        blueprint.problem("TW0737", message, (*at, "replica_of"), "name another Region of this org")
        return
    replica = Replica(
        name=blueprint.name(name),
        source=ref("aws.rds.instance", f"{name}@{follows}", "arn"),
        instance_class=intent.instance_class,
        kms_key=key_arn(intent.key),
        multi_az=intent.multi_az,
        subnet_group=where.id,
        security_groups=[guard.id],
        deletion_protection=intent.deletion_protection,
    )
    places = {field: (*at, field) for field in ("instance_class", "multi_az", "deletion_protection")}
    blueprint.add(name, replica, at, {**places, "source": (*at, "replica_of"), "kms_key": (*at, "key")})


def _replicas(blueprint: Blueprint, name: str, intent: Database, *, source: Declaration, guard: Declaration) -> None:
    at: Path = ("compute", "databases", name, "replicas")
    for number in range(1, intent.replicas + 1):
        label = f"{name}-replica-{number}"
        replica = Replica(
            name=blueprint.name(label),
            source=source.id,
            instance_class=intent.instance_class,
            security_groups=[guard.id],
            deletion_protection=intent.deletion_protection,
        )
        blueprint.add(label, replica, at, {"instance_class": (*at[:-1], "instance_class")})


def _filter(blueprint: Blueprint, name: str, at: Path) -> Declaration:
    """Only what computes here connects: workers by their group, the cluster's pods by their subnets."""
    compute, port = blueprint.org.compute, database_port(blueprint, name)
    ingress = [
        SecurityRule(
            from_port=port,
            to_port=port,
            group=ref("aws.ec2.security_group", workers),
            description=f"The workers {workers}",
        )
        for workers in compute.workers
    ]
    if compute.eks:
        ingress += [
            SecurityRule(from_port=port, to_port=port, cidr=block, description="The cluster")
            for block in blocks_of(blueprint, compute.eks.subnets)
        ]
    group = SecurityGroup(
        vpc=VPC,
        name=blueprint.name("db", name),
        description=f"The database {name}",
        ingress=ingress,
        egress=[],
    )
    return blueprint.add(f"db-{name}", group, at)

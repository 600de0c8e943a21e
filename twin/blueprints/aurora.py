"""Aurora clusters: the cluster, its writer and its readers."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.names import key_arn
from twin.blueprints.workers import database_port
from twin.resources.aws.rds_cluster import Cluster
from twin.resources.aws.rds_cluster_instance import ClusterInstance
from twin.resources.aws.rds_global_cluster import GlobalCluster
from twin.resources.declaration import Declaration, Path

LOGS = {"aurora-postgresql": ["postgresql"], "aurora-mysql": ["error", "slowquery"]}


def declare_cluster(blueprint: Blueprint, name: str, *, guard: Declaration, where: Declaration) -> None:
    """Declare a cluster with its instances; Aurora places them in different zones, and one of them writes."""
    intent = blueprint.org.compute.databases[name]
    at: Path = ("compute", "databases", name)
    follows = intent.replica_of
    if follows and (follows != blueprint.home or not blueprint.abroad):
        message = f"{name} can follow the org's own Region alone, {blueprint.home}, and from another one"
        blueprint.problem("TW0737", message, (*at, "replica_of"), f"write {blueprint.home}, under `regions`")
        return
    cluster = Cluster(
        name=blueprint.name(name),
        engine=intent.engine,
        engine_version=intent.version,
        kms_key=key_arn(intent.key),
        subnet_group=where.id,
        security_groups=[guard.id],
        global_cluster=ref("aws.rds.global_cluster", f"{name}@{follows}") if follows else None,
        database=None if follows else name.replace("-", "_"),
        username=None if follows else intent.username,
        password=None if follows else intent.password,
        port=database_port(blueprint, name),
        backup_retention=intent.backup_retention.days,
        deletion_protection=intent.deletion_protection,
        iam_authentication=True,
        log_exports=LOGS[intent.engine],
    )
    same = ("engine", "backup_retention", "deletion_protection", "username", "password", "port")
    places = {field: (*at, field) for field in same}
    places |= {"engine_version": (*at, "version"), "kms_key": (*at, "key"), "global_cluster": (*at, "replica_of")}
    made = blueprint.add(name, cluster, at, places)
    if not blueprint.abroad and any(_follows(blueprint, name, region) for region in blueprint.spec.regions):
        blueprint.add(name, GlobalCluster(name=blueprint.name(name, "global"), source=made.arn), at)
    for number in range(1, intent.readers + 2):
        label = f"{name}-{number}"
        member = ClusterInstance(
            name=blueprint.name(label),
            cluster=made.id,
            engine=intent.engine,
            instance_class=intent.instance_class,
        )
        blueprint.add(label, member, at, {"instance_class": (*at, "instance_class"), "engine": (*at, "engine")})


def _follows(blueprint: Blueprint, name: str, region: str) -> bool:
    """Tell whether a Region's cluster of a name follows the org's own."""
    there = blueprint.elsewhere(region).org.compute.databases.get(name)
    return there is not None and there.aurora and there.replica_of == blueprint.home

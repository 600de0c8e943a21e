"""Aurora clusters: the cluster, its writer and its readers."""

from twin.blueprints.blueprint import Blueprint
from twin.blueprints.names import key_arn
from twin.blueprints.workers import database_port
from twin.resources.aws.rds_cluster import Cluster
from twin.resources.aws.rds_cluster_instance import ClusterInstance
from twin.resources.declaration import Declaration, Path

LOGS = {"aurora-postgresql": ["postgresql"], "aurora-mysql": ["error", "slowquery"]}


def declare_cluster(blueprint: Blueprint, name: str, *, guard: Declaration, where: Declaration) -> None:
    """Declare a cluster with its instances; Aurora places them in different zones, and one of them writes."""
    intent = blueprint.org.compute.databases[name]
    at: Path = ("compute", "databases", name)
    if intent.replica_of:
        message = f"{name} is an Aurora cluster, which follows another Region through a global database"
        help_ = "declare the cluster in this Region without `replica_of`, or use the engine postgres or mysql"
        blueprint.problem("TW0727", message, (*at, "replica_of"), help_)
        return
    cluster = Cluster(
        name=blueprint.name(name),
        engine=intent.engine,
        engine_version=intent.version,
        kms_key=key_arn(intent.key),
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
    same = ("engine", "backup_retention", "deletion_protection", "username", "password", "port")
    places = {field: (*at, field) for field in same}
    made = blueprint.add(name, cluster, at, {**places, "engine_version": (*at, "version"), "kms_key": (*at, "key")})
    for number in range(1, intent.readers + 2):
        label = f"{name}-{number}"
        member = ClusterInstance(
            name=blueprint.name(label),
            cluster=made.id,
            engine=intent.engine,
            instance_class=intent.instance_class,
        )
        blueprint.add(label, member, at, {"instance_class": (*at, "instance_class"), "engine": (*at, "engine")})

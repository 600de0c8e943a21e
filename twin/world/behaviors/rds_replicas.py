"""Read replicas: made from a source in any Region, promoted, and left on their own when their source is deleted."""

from copy import copy
from datetime import timedelta
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.rds_course import Step, happened, made_of, notes, start
from twin.world.behaviors.rds_creation import backed_up, begin
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_placement import require_capacity
from twin.world.behaviors.rds_power import dropped
from twin.world.behaviors.rds_reachability import SERVING
from twin.world.behaviors.rds_roles import inherit_roles
from twin.world.scene import Scene
from twin.world.stores.additions.rds_instances import new_resource_id
from twin.world.stores.rds_instances import find_instance, named_instance, subnet_group_of, where_is, where_of
from twin.world.stores.rds_replies import told

PROVIDES = {"rds-promotion": "a read replica is promoted in its time, also when its source's Region is lost"}


@answers("rds", "CreateDBInstanceReadReplica")
def capacity(asked: Asked, scene: Scene) -> None:
    """Refuse a replica for which there is no room."""
    wanted = asked.parameters
    source = named_instance(wanted.get("SourceDBInstanceIdentifier") or "", where_of(asked.call))
    same = source is not None and source.region == asked.call.region
    group = wanted.get("DBSubnetGroupName") or (subnet_group_of(source) if same else None)
    zone = wanted.get("AvailabilityZone")
    require_capacity(scene, asked, group=group, multi_az=bool(wanted.get("MultiAZ")), zone=zone)


@follows("rds", "CreateDBInstanceReadReplica")
def created(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Make what the store copied from the source a DB instance of its own."""
    wanted = done.parameters
    where = where_of(done.call)
    replica = named_instance(wanted["DBInstanceIdentifier"], where)
    source = named_instance(wanted["SourceDBInstanceIdentifier"], where)
    _own(replica, source, wanted)
    replica.instance_create_time = replica.created = scene.now()
    begin(scene, replica, zone=wanted.get("AvailabilityZone"), lasts="rds.replica_creating")
    tell(scene, replica, "RDS-EVENT-0046")
    return told("DBInstance", replica)


def _own(replica: Any, source: Any, wanted: dict[str, Any]) -> None:
    replica.dbi_resource_id = new_resource_id()
    replica.tags = [dict(tag) for tag in wanted.get("Tags") or ()]
    replica.multi_az = bool(wanted.get("MultiAZ"))
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html: a replica starts without backups.
    replica.backup_retention_period = int(wanted.get("BackupRetentionPeriod") or 0)
    replica.deletion_protection = bool(wanted.get("DeletionProtection"))
    replica.vpc_security_group_ids = list(wanted.get("VpcSecurityGroupIds") or replica.vpc_security_group_ids)
    replica.pending_modified_values, replica.log_file_manager = {}, copy(source.log_file_manager)
    across = source.region != replica.region
    replica.source_db_instance_identifier = str(source.arn) if across else source.db_instance_identifier
    if across and not wanted.get("DBSubnetGroupName"):
        replica.db_subnet_group_name = replica.db_subnet_group = None
    if across and replica.storage_encrypted:
        replica.kms_key_id = wanted.get("KmsKeyId")


@answers("rds", "PromoteReadReplica")
def promote(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Cut a replica off its source and make it writable."""
    wanted = asked.parameters
    replica = named_instance(wanted["DBInstanceIdentifier"], where_of(asked.call))
    if replica is None:
        return None
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PromoteReadReplica.html: 1 day when none is given.
    replica.backup_retention_period = int(wanted.get("BackupRetentionPeriod", replica.backup_retention_period or 1))
    replica.preferred_backup_window = wanted.get("PreferredBackupWindow") or replica.preferred_backup_window
    notes(scene, str(replica.arn))["promoted"] = scene.now()
    dropped(scene, replica, "it is promoted")
    start(scene, replica, _promotion(replica, "modifying"))
    return told("DBInstance", replica)


def _promotion(replica: Any, status: str) -> list[Step]:
    steps: list[Step] = [
        {"status": status, "lasts": "rds.promotion"},
        {"status": "rebooting", "task": "rds.cut", "lasts": "rds.reboot"},
        {"events": ["RDS-EVENT-0006"]},
    ]
    if backed_up(replica):
        steps.append({"status": "backing-up", "events": ["RDS-EVENT-0001"], "lasts": "rds.first_backup"})
        steps += [{"task": "rds.backed_up"}, {"events": ["RDS-EVENT-0002"]}]
    return [*steps, {"status": "available", "task": "rds.promoted"}]


@happens("rds.cut")
def cut_off(scene: Scene, *, arn: str) -> None:
    """Undo the link between a replica and its source."""
    cut(scene, find_instance(arn))


def cut(scene: Scene, replica: Any) -> None:
    """Take a replica out of its source's list, and the source out of the replica."""
    source = named_instance(str(replica.source_db_instance_identifier or ""), where_is(replica))
    replica.source_db_instance_identifier, replica.is_replica = None, False
    if source is not None:
        near = "rds.replica_lag" if source.region == replica.region else "rds.replica_lag_across_regions"
        lag = scene.delay(near)
        made_of(scene, replica, origin=str(source.arn), until=scene.now(), lag=lag)
        inherit_roles(replica, source, scene.now() - timedelta(seconds=lag))
        source.replicas = [name for name in source.replicas if name not in (replica.resource_id, str(replica.arn))]
    tell(scene, replica, "RDS-EVENT-0057")


@happens("rds.promoted")
def promoted(scene: Scene, *, arn: str) -> None:
    """Tell that a replica has become a database of its own."""
    began = notes(scene, arn).pop("promoted", None)
    seconds = (scene.now() - began).total_seconds() if began else 0.0
    happened(scene, find_instance(arn), "rds.replica.promoted", seconds=seconds)


def orphan(scene: Scene, source: Any) -> None:
    """Make databases of their own of the replicas of a DB instance that is deleted.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html
    """
    for name in list(source.replicas):
        replica = named_instance(name, where_is(source))
        if replica is not None:
            cut(scene, replica)
        if replica is not None and replica.status in SERVING:
            notes(scene, str(replica.arn))["promoted"] = scene.now()
            start(scene, replica, [
                {"status": "rebooting", "lasts": "rds.reboot"},
                {"status": "available", "events": ["RDS-EVENT-0006"], "task": "rds.promoted"},
            ])  # fmt: skip
    source.replicas = []

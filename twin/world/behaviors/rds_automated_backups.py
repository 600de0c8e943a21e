"""Automated backups tell from when and to when a DB instance can be restored, also after it is deleted."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.rds_restores import backups_arn
from twin.world.scene import Scene
from twin.world.stores.rds_backups import retained, window
from twin.world.stores.rds_instances import backend, is_member, where_of


@answers("rds", "DescribeDBInstanceAutomatedBackups")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List the automated backups of DB instances that are there and of those that are gone."""
    wanted, where = asked.parameters, where_of(asked.call)
    living = [db for db in backend(where).databases.values() if not is_member(db) and db.backup_retention_period]
    found = [_told(scene, db, "active" if db.backups_since else "creating") for db in living]
    found += [_told(scene, db, "retained") for db in retained(where, scene.now())]
    conditions = {
        "DBInstanceIdentifier": _list(wanted.get("DBInstanceIdentifier")),
        "DbiResourceId": _list(wanted.get("DbiResourceId")),
        "DBInstanceAutomatedBackupsArn": _list(wanted.get("DBInstanceAutomatedBackupsArn")),
    }
    names = {"db-instance-id": "DBInstanceIdentifier", "dbi-resource-id": "DbiResourceId", "status": "Status"}
    for condition in wanted.get("Filters") or ():
        if condition["Name"] not in names:
            raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {condition['Name']}")
        conditions[names[condition["Name"]]] = list(condition["Values"])
    kept = [told for told in found if all(not values or told[key] in values for key, values in conditions.items())]
    return {"DBInstanceAutomatedBackups": kept}


def _list(value: str | None) -> list[str]:
    return [value] if value else []


def _told(scene: Scene, database: Any, status: str) -> dict[str, Any]:
    span = window(database, scene.now())
    told = {
        "DBInstanceArn": str(database.arn),
        "DbiResourceId": database.dbi_resource_id,
        "Region": database.region,
        "DBInstanceIdentifier": database.db_instance_identifier,
        "RestoreWindow": {"EarliestTime": span[0], "LatestTime": span[1]} if span else None,
        "AllocatedStorage": database.allocated_storage,
        "Status": status,
        "Port": database.port,
        "AvailabilityZone": database.availability_zone,
        "InstanceCreateTime": database.instance_create_time,
        "MasterUsername": database.master_username,
        "Engine": database.engine,
        "EngineVersion": database.engine_version,
        "LicenseModel": database.license_model,
        "OptionGroupName": database.option_group_name,
        "Encrypted": bool(database.storage_encrypted),
        "StorageType": database.storage_type,
        "KmsKeyId": database.kms_key_id,
        "IAMDatabaseAuthenticationEnabled": bool(database.enable_iam_database_authentication),
        "BackupRetentionPeriod": database.backup_retention_period,
        "PreferredBackupWindow": database.preferred_backup_window,
        "DBInstanceAutomatedBackupsArn": backups_arn(database),
    }
    return {name: value for name, value in told.items() if value is not None}

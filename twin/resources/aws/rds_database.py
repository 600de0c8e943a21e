"""What DB instances, their read replicas and the members of clusters share: parameters, reading, change and removal."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.replies import pick
from twin.resources.aws.tagging import RDS
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Resource
from twin.resources.scope import Scope

ABSENT = ("DBInstanceNotFound", "DBInstanceNotFoundFault")

PARAMETERS = {
    "instance_class": "DBInstanceClass",
    "allocated_storage": "AllocatedStorage",
    "max_allocated_storage": "MaxAllocatedStorage",
    "storage_type": "StorageType",
    "multi_az": "MultiAZ",
    "security_groups": "VpcSecurityGroupIds",
    "password": "MasterUserPassword",
    "port": "Port",
    "backup_retention": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "deletion_protection": "DeletionProtection",
    "publicly_accessible": "PubliclyAccessible",
    "iam_authentication": "EnableIAMDatabaseAuthentication",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "promotion_tier": "PromotionTier",
}
"""The fields that RDS changes in place, by the name of their parameter at creation."""


def databases() -> Steps[list[dict[str, Any]]]:
    """Read all DB instances and replicas of the Region that are not on their way out."""
    reply = yield aws("rds", "DescribeDBInstances", pages=True)
    return [item for item in reply["DBInstances"] if item.get("DBInstanceStatus") != "deleting"]


def observed_fields(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that instances and replicas have in common."""
    return {
        "name": item["DBInstanceIdentifier"],
        "instance_class": item["DBInstanceClass"],
        "storage_type": item.get("StorageType"),
        "kms_key": item.get("KmsKeyId"),
        "multi_az": item.get("MultiAZ", False),
        "availability_zone": item.get("AvailabilityZone"),
        "security_groups": [group["VpcSecurityGroupId"] for group in item.get("VpcSecurityGroups") or ()],
        "maintenance_window": item.get("PreferredMaintenanceWindow"),
        "deletion_protection": item.get("DeletionProtection", False),
        "publicly_accessible": item.get("PubliclyAccessible") or False,
        "iam_authentication": item.get("IAMDatabaseAuthenticationEnabled", False),
        "auto_minor_version_upgrade": item.get("AutoMinorVersionUpgrade", True),
        "copy_tags_to_snapshot": item.get("CopyTagsToSnapshot", False),
        "log_exports": item.get("EnabledCloudwatchLogsExports") or [],
    }


def outputs(item: Any) -> dict[str, Any]:
    """Return the outputs that RDS's own reply tells; the endpoint comes only when the database is available."""
    return {
        "id": pick(item, "DBInstanceIdentifier"),
        "arn": pick(item, "DBInstanceArn"),
        "endpoint": pick(item, "Endpoint", "Address"),
        "resource_id": pick(item, "DbiResourceId"),
    }


def creation(resource: Resource) -> dict[str, Any]:
    """Return the creation's parameters for the fields of PARAMETERS that the resource has."""
    return {parameter: getattr(resource, name, None) for name, parameter in PARAMETERS.items()}


def change(resource: Resource, observed: Observed, changed: frozenset[str]) -> Call:
    """Make the call that changes fields at once, not in the next maintenance window."""
    params = {PARAMETERS[name]: getattr(resource, name) for name in sorted(changed & PARAMETERS.keys())}
    if "port" in changed:
        params["DBPortNumber"] = params.pop("Port")
    if "engine_version" in changed:
        params |= {"EngineVersion": getattr(resource, "engine_version", None), "AllowMajorVersionUpgrade": True}
    if "log_exports" in changed:
        params["CloudwatchLogsExportConfiguration"] = exports(getattr(resource, "log_exports", None), observed)
    return aws("rds", "ModifyDBInstance", {**params, "DBInstanceIdentifier": observed.id, "ApplyImmediately": True})


def exports(wanted: Iterable[str] | None, observed: Observed) -> dict[str, list[str]]:
    """Return which logs are to be sent to CloudWatch from now on, and which no longer."""
    now, had = set(wanted or ()), set(observed.fields.get("log_exports") or ())
    return {"EnableLogTypes": sorted(now - had), "DisableLogTypes": sorted(had - now)}


class Database(Resource):
    """What RDS knows as a DB instance, whatever it is made of; deleting it leaves no final snapshot."""

    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: Annotated[str, IMMUTABLE] = Field(description="The DB identifier, in lower case")
    tags: dict[str, str] = Field(default_factory=dict)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("rds", f"db:{self.name}")}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change at once whatever RDS changes in place."""
        if changed - {"tags", "owner"}:
            yield change(self, observed, changed)
        if changed & {"tags", "owner"}:
            yield from RDS.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Lift the deletion protection and delete the database without a final snapshot."""
        if observed.fields.get("deletion_protection"):
            unprotect = {"DBInstanceIdentifier": observed.id, "DeletionProtection": False, "ApplyImmediately": True}
            yield aws("rds", "ModifyDBInstance", unprotect, absent=ABSENT)
        params = {"DBInstanceIdentifier": observed.id, "SkipFinalSnapshot": True}
        yield aws("rds", "DeleteDBInstance", params, absent=ABSENT)

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """Tell whether the database is available."""
        reply = yield aws("rds", "DescribeDBInstances", {"DBInstanceIdentifier": id_})
        return bool(reply["DBInstances"][0]["DBInstanceStatus"] == "available")

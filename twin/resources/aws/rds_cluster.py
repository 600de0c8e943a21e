"""RDS: Aurora DB clusters."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.rds_checks import check_cluster
from twin.resources.aws.rds_database import exports
from twin.resources.aws.rds_global_cluster import NO_MEMBER, globals_
from twin.resources.aws.replies import pick
from twin.resources.aws.tagging import RDS
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, SENSITIVE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags, user_tags

ABSENT = ("DBClusterNotFoundFault", "DBClusterNotFound")
ENGINES = ("aurora-mysql", "aurora-postgresql")
"""RDS tells of Neptune's and DocumentDB's clusters, and of Multi-AZ DB clusters, by the same call."""
STANDARD = "aurora"
"""The storage configuration that RDS does not name in its replies (API reference, DBCluster, StorageType)."""

PARAMETERS = {
    "storage_type": "StorageType",
    "security_groups": "VpcSecurityGroupIds",
    "password": "MasterUserPassword",
    "port": "Port",
    "backup_retention": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "deletion_protection": "DeletionProtection",
    "iam_authentication": "EnableIAMDatabaseAuthentication",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
}
"""The fields that RDS changes in place, by the name of their parameter."""


class Cluster(Resource):
    """An Aurora DB cluster: the storage and the names of its instances; deleting it leaves no final snapshot."""

    TYPE: ClassVar[str] = "aws.rds.cluster"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "endpoint", "reader_endpoint", "secret_arn", "resource_id")

    name: Annotated[str, IMMUTABLE] = Field(description="The DB cluster identifier, in lower case")
    engine: Annotated[str, IMMUTABLE] = Field(description="aurora-postgresql or aurora-mysql")
    engine_version: str | None = Field(None, description="A full version, or a major one for its newest minor")
    storage_type: str = Field(STANDARD, description="aurora, or aurora-iopt1 where I/O is in the price")
    storage_encrypted: Annotated[bool, IMMUTABLE] = True
    kms_key: Annotated[str | None, RefTo("aws.kms.key"), IMMUTABLE] = Field(None, description="ARN of the key")
    subnet_group: Annotated[str | None, RefTo("aws.rds.subnet_group"), IMMUTABLE] = Field(None, description="Its id")
    security_groups: Annotated[list[str] | None, RefTo("aws.ec2.security_group"), UNORDERED] = Field(
        None, description="Ids; those of all its instances"
    )
    database: Annotated[str | None, IMMUTABLE] = Field(None, description="The database made at first")
    global_cluster: Annotated[str | None, RefTo("aws.rds.global_cluster"), IMMUTABLE] = Field(
        None, description="Id of the global database that it joins as a reader from another Region"
    )
    username: Annotated[str | None, IMMUTABLE] = Field(None, description="A global database's other clusters have none")
    password: Annotated[str | None, SENSITIVE] = Field(None, description="Without it RDS keeps one in Secrets Manager")
    port: int | None = None
    backup_retention: int = Field(7, description="Days that automatic backups are kept; Aurora never turns them off")
    backup_window: str | None = None
    maintenance_window: str | None = None
    deletion_protection: bool = False
    iam_authentication: bool = False
    copy_tags_to_snapshot: bool = True
    log_exports: Annotated[list[str] | None, UNORDERED] = Field(None, description="Logs sent to CloudWatch")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all Aurora clusters with one DescribeDBClusters, which tells the tags too."""
        reply = yield aws("rds", "DescribeDBClusters", pages=True)
        aurora = (item for item in reply["DBClusters"] if item["Engine"] in ENGINES)
        held = [item for item in aurora if item.get("Status") != "deleting"]
        joined = {
            member["DBClusterArn"]: one["GlobalClusterIdentifier"]
            for one in ((yield from globals_()) if held else ())
            for member in one.get("GlobalClusterMembers") or ()
        }
        return [cls._observed(scope, item, joined.get(item["DBClusterArn"])) for item in held]

    @classmethod
    def _observed(cls, scope: Scope, item: Mapping[str, Any], joined: str | None) -> Observed:
        tags = plain_tags(item.get("TagList"))
        fields = {
            "name": item["DBClusterIdentifier"],
            "engine": item["Engine"],
            "engine_version": item["EngineVersion"],
            "storage_type": item.get("StorageType") or STANDARD,
            "storage_encrypted": item.get("StorageEncrypted", False),
            "kms_key": item.get("KmsKeyId"),
            "subnet_group": item.get("DBSubnetGroup"),
            "security_groups": [group["VpcSecurityGroupId"] for group in item.get("VpcSecurityGroups") or ()],
            "global_cluster": joined,
            "database": item.get("DatabaseName"),
            "username": item.get("MasterUsername"),
            "port": item.get("Port"),
            "backup_retention": item.get("BackupRetentionPeriod"),
            "backup_window": item.get("PreferredBackupWindow"),
            "maintenance_window": item.get("PreferredMaintenanceWindow"),
            "deletion_protection": item.get("DeletionProtection", False),
            "iam_authentication": item.get("IAMDatabaseAuthenticationEnabled", False),
            "copy_tags_to_snapshot": item.get("CopyTagsToSnapshot", False),
            "log_exports": item.get("EnabledCloudwatchLogsExports") or [],
            "tags": user_tags(tags),
        }
        owner, other = scope.own(tags), scope.other(tags)
        return Observed(item["DBClusterIdentifier"], fields, _outputs(item), owner, other=other)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """A major version means any of its minor ones."""
        if name == "engine_version" and isinstance(observed, str):
            return observed == desired or observed.startswith(f"{desired}.")
        return super().same(name, desired, observed)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("rds", f"cluster:{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the cluster in one call; its instances are resources of their own."""
        params = {
            **{parameter: getattr(self, name) for name, parameter in PARAMETERS.items()},
            "DBClusterIdentifier": self.name,
            "Engine": self.engine,
            "EngineVersion": self.engine_version,
            "StorageEncrypted": self.storage_encrypted,
            "KmsKeyId": self.kms_key,
            "DBSubnetGroupName": self.subnet_group,
            "DatabaseName": self.database,
            "MasterUsername": self.username,
            "GlobalClusterIdentifier": self.global_cluster,
            "ManageMasterUserPassword": True if self.password is None and self.global_cluster is None else None,
            "EnableCloudwatchLogsExports": self.log_exports,
            "Tags": scope.tag_list(address, self.tags),
        }
        item = (yield aws("rds", "CreateDBCluster", params))["DBCluster"]
        secret = pick(item, "MasterUserSecret", "SecretArn") if self.password is None else None
        return {**self.predict(scope), **_outputs(item), "secret_arn": secret}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change at once whatever RDS changes in place."""
        if changed - {"tags", "owner"}:
            params = {PARAMETERS[name]: getattr(self, name) for name in sorted(changed & PARAMETERS.keys())}
            if "engine_version" in changed:
                params |= {"EngineVersion": self.engine_version, "AllowMajorVersionUpgrade": True}
            if "log_exports" in changed:
                params["CloudwatchLogsExportConfiguration"] = exports(self.log_exports, observed)
            always = {"DBClusterIdentifier": observed.id, "ApplyImmediately": True}
            yield aws("rds", "ModifyDBCluster", {**params, **always})
        if changed & {"tags", "owner"}:
            yield from RDS.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Lift the protection and delete the cluster, whose instances are gone, without a final snapshot."""
        named = {"DBClusterIdentifier": observed.id}
        if joined := observed.fields.get("global_cluster"):
            params = {"GlobalClusterIdentifier": joined, "DbClusterIdentifier": observed.outputs["arn"]}
            yield aws("rds", "RemoveFromGlobalCluster", params, absent=NO_MEMBER)
        if observed.fields.get("deletion_protection"):
            unprotect = {**named, "DeletionProtection": False, "ApplyImmediately": True}
            yield aws("rds", "ModifyDBCluster", unprotect, absent=ABSENT)
        yield aws("rds", "DeleteDBCluster", {**named, "SkipFinalSnapshot": True}, absent=ABSENT)

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """Tell whether the cluster is available."""
        reply = yield aws("rds", "DescribeDBClusters", {"DBClusterIdentifier": id_})
        return bool(reply["DBClusters"][0]["Status"] == "available")

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Name, engine, version, storage and retention are ones that Aurora takes."""
        yield from check_cluster(self)


def _outputs(item: Any) -> dict[str, Any]:
    return {
        "id": pick(item, "DBClusterIdentifier"),
        "arn": pick(item, "DBClusterArn"),
        "endpoint": pick(item, "Endpoint"),
        "reader_endpoint": pick(item, "ReaderEndpoint"),
        "secret_arn": pick(item, "MasterUserSecret", "SecretArn"),
        "resource_id": pick(item, "DbClusterResourceId"),
    }

"""RDS: DB subnet groups and DB instances."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.limits import matches
from twin.resources.aws.rds_checks import check_instance
from twin.resources.aws.rds_database import Database, creation, databases, observed_fields, outputs
from twin.resources.aws.replies import pick
from twin.resources.aws.spread import spread
from twin.resources.aws.tagging import RDS
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, SENSITIVE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags, user_tags

ELSEWHERE = ("ReadReplicaSourceDBInstanceIdentifier", "DBClusterIdentifier")
"""What marks a DB instance as a replica or as a member of a cluster, which are types of their own."""


class SubnetGroup(Resource):
    """The subnets in which RDS may place a database, in at least two Availability Zones."""

    TYPE: ClassVar[str] = "aws.rds.subnet_group"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    description: str = Field("Subnets for databases")
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED] = Field(description="Ids of the subnets")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all groups with one DescribeDBSubnetGroups, their tags with the tagging API."""
        reply = yield aws("rds", "DescribeDBSubnetGroups", pages=True)
        groups = {group["DBSubnetGroupName"]: group for group in reply["DBSubnetGroups"]}
        names = sought(wanted) & groups.keys()
        tags = yield from tags_of(scope, (groups[name]["DBSubnetGroupArn"] for name in names), RDS.read)
        return [cls._observed(scope, group, tags.get(group["DBSubnetGroupArn"], {})) for group in groups.values()]

    @classmethod
    def _observed(cls, scope: Scope, group: Mapping[str, Any], tags: Mapping[str, str]) -> Observed:
        name = group["DBSubnetGroupName"]
        return Observed(
            id=name,
            fields={
                "name": name,
                "description": group["DBSubnetGroupDescription"],
                "subnets": [subnet["SubnetIdentifier"] for subnet in group["Subnets"]],
                "tags": user_tags(tags),
            },
            outputs={"id": name, "arn": group["DBSubnetGroupArn"]},
            owner=scope.own(tags),
            other=scope.other(tags),
            builtin=name == "default",
        )

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("rds", f"subgrp:{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the group."""
        yield aws("rds", "CreateDBSubnetGroup", {**self._params(), "Tags": scope.tag_list(address, self.tags)})
        return self.predict(scope)

    def _params(self) -> dict[str, Any]:
        return {
            "DBSubnetGroupName": self.name,
            "DBSubnetGroupDescription": self.description,
            "SubnetIds": self.subnets,
        }

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change subnets, description, tags."""
        if changed & {"subnets", "description"}:
            yield aws("rds", "ModifyDBSubnetGroup", self._params())
        if changed & {"tags", "owner"}:
            yield from RDS.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the group."""
        yield aws(
            "rds",
            "DeleteDBSubnetGroup",
            {"DBSubnetGroupName": observed.id},
            absent=("DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound"),
        )

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A group has a valid name and covers two zones."""
        yield from matches("rds", "subnet_group.name", self.name, "name")
        yield from spread(peers, self.subnets, what="a DB subnet group", source="RDS user guide, USER_VPC")


class Instance(Database):
    """A database instance; deleting it leaves no final snapshot."""

    TYPE: ClassVar[str] = "aws.rds.instance"
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "endpoint", "secret_arn", "resource_id")

    engine: Annotated[str, IMMUTABLE] = Field(description="postgres or mysql, and RDS's other engines")
    engine_version: str | None = Field(None, description="A full version, or a major one for its newest minor")
    instance_class: str
    allocated_storage: int = Field(description="GiB")
    max_allocated_storage: int | None = Field(None, description="GiB up to which storage grows by itself")
    storage_type: str = "gp3"
    storage_encrypted: Annotated[bool, IMMUTABLE] = True
    kms_key: Annotated[str | None, RefTo("aws.kms.key"), IMMUTABLE] = Field(None, description="ARN of the key")
    multi_az: bool = False
    availability_zone: Annotated[str | None, IMMUTABLE] = None
    subnet_group: Annotated[str | None, RefTo("aws.rds.subnet_group"), IMMUTABLE] = Field(None, description="Its id")
    security_groups: Annotated[list[str] | None, RefTo("aws.ec2.security_group"), UNORDERED] = Field(
        None, description="Ids"
    )
    database: Annotated[str | None, IMMUTABLE] = Field(None, description="The database made at first")
    username: Annotated[str, IMMUTABLE]
    password: Annotated[str | None, SENSITIVE] = Field(None, description="Without it RDS keeps one in Secrets Manager")
    port: int | None = None
    backup_retention: int = Field(7, description="Days that automatic backups are kept; 0 turns them off")
    backup_window: str | None = None
    maintenance_window: str | None = None
    deletion_protection: bool = False
    publicly_accessible: bool = False
    iam_authentication: bool = False
    auto_minor_version_upgrade: bool = True
    copy_tags_to_snapshot: bool = True
    log_exports: Annotated[list[str] | None, UNORDERED] = Field(None, description="Logs sent to CloudWatch")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all instances that follow nobody with one DescribeDBInstances, which tells the tags too."""
        items = yield from databases()
        return [cls._observed(scope, item) for item in items if not any(item.get(name) for name in ELSEWHERE)]

    @classmethod
    def _observed(cls, scope: Scope, item: Mapping[str, Any]) -> Observed:
        tags = plain_tags(item.get("TagList"))
        own = {
            "engine": item["Engine"],
            "subnet_group": pick(item, "DBSubnetGroup", "DBSubnetGroupName"),
            "database": item.get("DBName"),
            "username": item["MasterUsername"],
            "backup_retention": item["BackupRetentionPeriod"],
            "backup_window": item.get("PreferredBackupWindow"),
            "engine_version": item["EngineVersion"],
            "allocated_storage": item["AllocatedStorage"],
            "max_allocated_storage": item.get("MaxAllocatedStorage"),
            "storage_encrypted": item.get("StorageEncrypted", False),
            "port": pick(item, "Endpoint", "Port"),
        }
        return Observed(
            id=item["DBInstanceIdentifier"],
            fields={**observed_fields(item), **own, "tags": user_tags(tags)},
            outputs={**outputs(item), "secret_arn": pick(item, "MasterUserSecret", "SecretArn")},
            owner=scope.own(tags),
            other=scope.other(tags),
        )

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """A major version means any of its minor ones."""
        if name == "engine_version" and isinstance(observed, str):
            return observed == desired or observed.startswith(f"{desired}.")
        return super().same(name, desired, observed)

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the instance in one call."""
        params = {
            **creation(self),
            "DBInstanceIdentifier": self.name,
            "Engine": self.engine,
            "EngineVersion": self.engine_version,
            "StorageEncrypted": self.storage_encrypted,
            "KmsKeyId": self.kms_key,
            "AvailabilityZone": self.availability_zone,
            "DBSubnetGroupName": self.subnet_group,
            "DBName": self.database,
            "MasterUsername": self.username,
            "ManageMasterUserPassword": True if self.password is None else None,
            "EnableCloudwatchLogsExports": self.log_exports,
            "Tags": scope.tag_list(address, self.tags),
        }
        item = (yield aws("rds", "CreateDBInstance", params))["DBInstance"]
        secret = pick(item, "MasterUserSecret", "SecretArn") if self.password is None else None
        return {**self.predict(scope), **outputs(item), "secret_arn": secret}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Name, class, version, storage and retention are ones that RDS takes."""
        yield from check_instance(self)

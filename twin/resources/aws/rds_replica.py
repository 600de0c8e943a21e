"""RDS read replicas."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.rds import Instance
from twin.resources.aws.rds_checks import check_class, check_name
from twin.resources.aws.rds_database import Database, creation, databases, observed_fields, outputs
from twin.resources.aws.replies import pick
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Wanted
from twin.resources.scope import Scope, plain_tags, user_tags


class Replica(Database):
    """A read replica of a DB instance; engine, storage and encryption are its source's."""

    TYPE: ClassVar[str] = "aws.rds.replica"
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "endpoint", "resource_id")

    source: Annotated[str, RefTo("aws.rds.instance"), IMMUTABLE] = Field(
        description="Id of the source instance, its ARN in another Region"
    )
    instance_class: str
    storage_type: str | None = None
    kms_key: Annotated[str | None, RefTo("aws.kms.key"), IMMUTABLE] = Field(None, description="ARN of the key")
    multi_az: bool = False
    availability_zone: Annotated[str | None, IMMUTABLE] = None
    security_groups: Annotated[list[str] | None, RefTo("aws.ec2.security_group"), UNORDERED] = Field(
        None, description="Ids"
    )
    subnet_group: Annotated[str | None, RefTo("aws.rds.subnet_group"), IMMUTABLE] = Field(
        None, description="Where it stands; the source's own when left out, which a replica in another Region cannot"
    )
    deletion_protection: bool = False
    publicly_accessible: bool = False
    auto_minor_version_upgrade: bool = True

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all replicas with the DescribeDBInstances that reads the instances too."""
        found = []
        for item in (yield from databases()):
            source = item.get("ReadReplicaSourceDBInstanceIdentifier")
            if not source:
                continue
            tags = plain_tags(item.get("TagList"))
            found.append(
                Observed(
                    id=item["DBInstanceIdentifier"],
                    fields={
                        **observed_fields(item),
                        "source": source,
                        "subnet_group": pick(item, "DBSubnetGroup", "DBSubnetGroupName"),
                        "tags": user_tags(tags),
                    },
                    outputs=outputs(item),
                    owner=scope.own(tags),
                    other=scope.other(tags),
                )
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the replica in one call."""
        params = {
            **creation(self),
            "DBInstanceIdentifier": self.name,
            "SourceDBInstanceIdentifier": self.source,
            "KmsKeyId": self.kms_key,
            "DBSubnetGroupName": self.subnet_group,
            "AvailabilityZone": self.availability_zone,
            "Tags": scope.tag_list(address, self.tags),
        }
        reply = yield aws("rds", "CreateDBInstanceReadReplica", params)
        return {**outputs(reply["DBInstance"]), **self.predict(scope)}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A replica's source keeps automatic backups (RDS user guide, USER_ReadRepl)."""
        yield from check_name(self.name)
        yield from check_class(self.instance_class)
        source = peers.get(self.source)
        if isinstance(source, Instance) and source.backup_retention == 0:
            yield Problem(
                "TW0476",
                f"a read replica needs a source with automatic backups; {source.name} keeps none",
                "source",
                "set backup_retention of the source to 1 or more",
            )

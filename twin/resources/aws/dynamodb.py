"""DynamoDB tables."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.dynamodb_indexes import Index, changes, key_schema, plain, told, written
from twin.resources.aws.limits import at_most, matches
from twin.resources.aws.replies import pick
from twin.resources.aws.tagging import DYNAMODB
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

GONE = ("ResourceNotFoundException", "TableNotFoundException")


class Table(Resource):
    """A table with its keys and its global secondary indexes; local ones are not covered."""

    TYPE: ClassVar[str] = "aws.dynamodb.table"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    attributes: Annotated[dict[str, Literal["S", "N", "B"]], IMMUTABLE] = Field(
        description="Types of the keys, those of indexes among them"
    )
    hash_key: Annotated[str, IMMUTABLE]
    range_key: Annotated[str | None, IMMUTABLE] = None
    indexes: dict[str, Index] = Field(default_factory=dict, description="Global secondary indexes, by name")
    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"] = "PAY_PER_REQUEST"
    read_capacity: int | None = Field(None, description="For PROVISIONED")
    write_capacity: int | None = Field(None, description="For PROVISIONED")
    kms_key: Annotated[str | None, RefTo("aws.kms.key")] = Field(
        None, description="ARN of the key; without it DynamoDB's own key encrypts"
    )
    point_in_time_recovery: bool = True
    ttl_attribute: str | None = Field(None, description="The attribute that holds an item's end of life")
    deletion_protection: bool = False
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the names of all tables, and the details of ours one by one (DynamoDB has no batch)."""
        names = (yield aws("dynamodb", "ListTables", pages=True))["TableNames"]
        arns = {name: scope.arn("dynamodb", f"table/{name}") for name in names}
        mine = sought(wanted) & arns.keys()
        tags = yield from tags_of(scope, (arns[name] for name in mine), DYNAMODB.read)
        found = []
        for name, arn in arns.items():
            own = tags.get(arn, {})
            details = (yield from _details(name)) if name in mine or scope.own(own) else {}
            if details is None:
                continue
            fields = {**details, "name": name, "tags": user_tags(own)}
            found.append(Observed(name, fields, {"id": name, "arn": arn}, scope.own(own), other=scope.other(own)))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("dynamodb", f"table/{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the table, then turn on recovery and expiry."""
        indexes = [written(name, index, self._throughput()) for name, index in sorted(self.indexes.items())]
        params = {
            "TableName": self.name,
            "KeySchema": key_schema(self.hash_key, self.range_key),
            "AttributeDefinitions": self._types(),
            "GlobalSecondaryIndexes": indexes or None,
            "BillingMode": self.billing_mode,
            "ProvisionedThroughput": self._throughput(),
            "SSESpecification": self._encryption() if self.kms_key else None,
            "DeletionProtectionEnabled": self.deletion_protection,
            "Tags": scope.tag_list(address, self.tags),
        }
        yield aws("dynamodb", "CreateTable", params)
        if self.point_in_time_recovery:
            yield self._recovery()
        if self.ttl_attribute is not None:
            yield _expiry(self.name, self.ttl_attribute, on=True)
        return self.predict(scope)

    def _types(self) -> list[dict[str, str]]:
        return [{"AttributeName": name, "AttributeType": type_} for name, type_ in sorted(self.attributes.items())]

    def _throughput(self) -> dict[str, Any] | None:
        if self.billing_mode == "PAY_PER_REQUEST":
            return None
        return {"ReadCapacityUnits": self.read_capacity, "WriteCapacityUnits": self.write_capacity}

    def _encryption(self) -> dict[str, Any]:
        if self.kms_key is None:
            return {"Enabled": False}
        return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.kms_key}

    def _recovery(self) -> Call:
        setup = {"PointInTimeRecoveryEnabled": self.point_in_time_recovery}
        params = {"TableName": self.name, "PointInTimeRecoverySpecification": setup}
        return aws("dynamodb", "UpdateContinuousBackups", params)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change billing, encryption, protection, recovery, expiry, tags; each is a call of its own at DynamoDB."""
        if changed & {"billing_mode", "read_capacity", "write_capacity"}:
            yield self._table(BillingMode=self.billing_mode, ProvisionedThroughput=self._throughput())
        if "indexes" in changed:
            for change in changes(observed.fields.get("indexes") or {}, self.indexes, self._throughput()):
                yield self._table(AttributeDefinitions=self._types(), GlobalSecondaryIndexUpdates=[change])
        if "kms_key" in changed:
            yield self._table(SSESpecification=self._encryption())
        if "deletion_protection" in changed:
            yield self._table(DeletionProtectionEnabled=self.deletion_protection)
        if "point_in_time_recovery" in changed:
            yield self._recovery()
        if "ttl_attribute" in changed:
            before = observed.fields.get("ttl_attribute")
            if before:
                yield _expiry(self.name, before, on=False)
            if self.ttl_attribute is not None:
                yield _expiry(self.name, self.ttl_attribute, on=True)
        if changed & {"tags", "owner"}:
            yield from DYNAMODB.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """The types of an index's keys come and go with it; attributes that an index copies are in no order."""
        if name == "attributes" and isinstance(observed, Mapping):
            return all(desired[key] == type_ for key, type_ in observed.items() if key in desired)
        if name == "indexes" and isinstance(observed, Mapping):
            return {key: plain(one) for key, one in desired.items()} == {k: plain(one) for k, one in observed.items()}
        return super().same(name, desired, observed)

    def _table(self, **settings: Any) -> Call:
        return aws("dynamodb", "UpdateTable", {"TableName": self.name, **settings})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Lift the protection and delete the table."""
        if observed.fields.get("deletion_protection"):
            unprotect = {"TableName": observed.id, "DeletionProtectionEnabled": False}
            yield aws("dynamodb", "UpdateTable", unprotect, absent=GONE)
        yield aws("dynamodb", "DeleteTable", {"TableName": observed.id}, absent=GONE)

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """Tell whether the table is active."""
        reply = yield aws("dynamodb", "DescribeTable", {"TableName": id_})
        return bool(reply["Table"]["TableStatus"] == "ACTIVE")

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Keys and declared attributes are the same set, and capacity goes with PROVISIONED."""
        yield from matches("services", "dynamodb.name", self.name, "name")
        own = {self.hash_key, self.range_key} - {None}
        keys = own | {key for one in self.indexes.values() for key in (one.hash_key, one.range_key)} - {None}
        for key in sorted(str(k) for k in keys - self.attributes.keys()):
            field = "hash_key" if key == self.hash_key else "range_key" if key in own else "indexes"
            yield Problem("TW0490", f"the key {key!r} is not declared in attributes", field)
        for name in sorted(self.attributes.keys() - keys):
            yield Problem("TW0490", f"the attribute {name!r} is no key; only keys are declared", "attributes")
        for name, index in self.indexes.items():
            yield from matches("services", "dynamodb.name", name, "indexes")
            if (index.projection == "INCLUDE") != bool(index.include):
                yield Problem(
                    "TW0494", f"the index {name} copies attributes with INCLUDE, and with it alone", "indexes"
                )
        yield from at_most("services", "dynamodb.indexes", len(self.indexes), "indexes")
        given = self.read_capacity is not None and self.write_capacity is not None
        any_given = self.read_capacity is not None or self.write_capacity is not None
        if self.billing_mode == "PROVISIONED" and not given:
            yield Problem("TW0494", "PROVISIONED needs read_capacity and write_capacity", "billing_mode")
        if self.billing_mode == "PAY_PER_REQUEST" and any_given:
            yield Problem("TW0494", "PAY_PER_REQUEST takes no capacity", "billing_mode", "set PROVISIONED")


def _expiry(table: str, attribute: str, *, on: bool) -> Call:
    setup = {"Enabled": on, "AttributeName": attribute}
    return aws("dynamodb", "UpdateTimeToLive", {"TableName": table, "TimeToLiveSpecification": setup})


def _details(name: str) -> Steps[dict[str, Any] | None]:
    reply = yield aws("dynamodb", "DescribeTable", {"TableName": name}, absent=GONE)
    if reply is None or reply["Table"]["TableStatus"] == "DELETING":
        return None
    table = reply["Table"]
    backups = yield aws("dynamodb", "DescribeContinuousBackups", {"TableName": name})
    expiry = (yield aws("dynamodb", "DescribeTimeToLive", {"TableName": name}))["TimeToLiveDescription"]
    recovery = pick(
        backups, "ContinuousBackupsDescription", "PointInTimeRecoveryDescription", "PointInTimeRecoveryStatus"
    )
    keys = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
    mode = pick(table, "BillingModeSummary", "BillingMode") or "PROVISIONED"
    provisioned = table["ProvisionedThroughput"] if mode == "PROVISIONED" else {}
    return {
        "attributes": {item["AttributeName"]: item["AttributeType"] for item in table["AttributeDefinitions"]},
        "hash_key": keys["HASH"],
        "range_key": keys.get("RANGE"),
        "indexes": told(table),
        "billing_mode": mode,
        "read_capacity": provisioned.get("ReadCapacityUnits"),
        "write_capacity": provisioned.get("WriteCapacityUnits"),
        "kms_key": pick(table, "SSEDescription", "KMSMasterKeyArn"),
        "point_in_time_recovery": recovery == "ENABLED",
        "ttl_attribute": expiry.get("AttributeName") if expiry["TimeToLiveStatus"] in ("ENABLED", "ENABLING") else None,
        "deletion_protection": table.get("DeletionProtectionEnabled", False),
    }

"""What DynamoDB refuses about tables, and about a restore to a point in time, of which the twin does not do all.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
"""

import re
from collections.abc import Callable
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.items import invalid

NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
MOST_INDEXES = {"GlobalSecondaryIndexes": 20, "LocalSecondaryIndexes": 5}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
GLOBAL_KEY = re.compile(r"(HASH ){1,4}(RANGE ){0,4}")


@refuses("dynamodb", "RestoreTableToPointInTime")
def point_in_time_is_kept(asked: Asked) -> None:
    """A table goes back in time only while its points in time are kept; the twin has its latest state alone."""
    given = asked.parameters
    name = str(given.get("SourceTableName") or given.get("SourceTableArn") or "").rpartition("/")[2]
    table = asked.state().tables.get(name)
    if table is None:
        return
    kept = (table.continuous_backups or {}).get("PointInTimeRecoveryDescription") or {}
    if kept.get("PointInTimeRecoveryStatus") != "ENABLED":
        message = f"Point in time recovery is not enabled for table '{name}'"
        raise Refusal("PointInTimeRecoveryUnavailableException", message)
    if given.get("RestoreDateTime") is not None:
        raise Refusal(
            "TwinUnsupportedOperation",
            "The twin restores a table to its latest state only (dynamodb:RestoreTableToPointInTime).",
        )


@refuses("dynamodb", "CreateTable")
def new_table(asked: Asked) -> None:
    """A table has a name of its form, one hash key first, and indexes that are made as such."""
    given = asked.parameters
    _named(given["TableName"].rpartition("/")[2])
    _schema(given["KeySchema"])
    kinds = {each["AttributeName"]: each["AttributeType"] for each in given["AttributeDefinitions"]}
    indexes = [*(given.get("GlobalSecondaryIndexes") or ()), *(given.get("LocalSecondaryIndexes") or ())]
    names = [index["IndexName"] for index in indexes]
    if len(set(names)) < len(names):
        raise invalid("One or more parameter values were invalid: Duplicate index name: "
                      f"{next(name for name in names if names.count(name) > 1)}")  # fmt: skip
    for index in given.get("GlobalSecondaryIndexes") or ():
        _index(index, _global_schema)
    for index in given.get("LocalSecondaryIndexes") or ():
        _index(index, _schema)
        if len(given["KeySchema"]) < 2:
            raise invalid("One or more parameter values were invalid: Table KeySchema does not have a range key, which "
                          "is required when specifying a LocalSecondaryIndex")  # fmt: skip
        if len(index["KeySchema"]) < 2:
            raise invalid("One or more parameter values were invalid: Index KeySchema does not have a range key for "
                          f"index: {index['IndexName']}")  # fmt: skip
        if index["KeySchema"][0] != given["KeySchema"][0]:
            raise invalid("One or more parameter values were invalid: Index KeySchema does not have the same leading "
                          f"hash key as table KeySchema for index: {index['IndexName']}")  # fmt: skip
    for name, most in MOST_INDEXES.items():
        if len(given.get(name) or ()) > most:
            raise invalid(f"One or more parameter values were invalid: {name} count exceeds the per-table limit of "
                          f"{most}")  # fmt: skip
    if len(kinds) < len(given["AttributeDefinitions"]):
        raise invalid("One or more parameter values were invalid: Duplicate AttributeName in AttributeDefinitions")


@refuses("dynamodb", "UpdateTable")
def changed_table(asked: Asked) -> None:
    """An update changes something, one index at a time, and says the throughput where it is provisioned."""
    given = asked.parameters
    table = asked.state().tables.get(given["TableName"].rpartition("/")[2])
    if table is None:
        return
    if not set(given) - {"TableName", "AttributeDefinitions"}:
        raise invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                      "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")  # fmt: skip
    provisioned = given.get("BillingMode") == "PROVISIONED" and table.billing_mode != "PROVISIONED"
    if provisioned and not given.get("ProvisionedThroughput"):
        raise invalid("One or more parameter values were invalid: ProvisionedThroughput must be specified when "
                      "BillingMode is PROVISIONED")  # fmt: skip
    held = {index.name for index in table.global_indexes}
    changes = given.get("GlobalSecondaryIndexUpdates") or ()
    if sum("Update" not in change for change in changes) > 1:
        raise Refusal(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        )
    for change in changes:
        ((kind, index),) = change.items()
        if kind != "Create" and index["IndexName"] not in held:
            raise Refusal("ResourceNotFoundException", "Requested resource not found")
        if kind == "Create":
            _index(index, _global_schema)
            if index["IndexName"] in held:
                raise invalid("One or more parameter values were invalid: Index with name: "
                              f"{index['IndexName']} already exists")  # fmt: skip


@refuses("dynamodb", "UpdateTimeToLive")
def time_to_live(asked: Asked) -> None:
    """Time to live is switched on once, and off by the attribute that it has."""
    given = asked.parameters["TimeToLiveSpecification"]
    table = asked.state().tables.get(asked.parameters["TableName"].rpartition("/")[2])
    if table is None:
        raise Refusal("ResourceNotFoundException", f"Requested resource not found: Table: "
                      f"{asked.parameters['TableName']} not found")  # fmt: skip
    on, name = table.ttl.get("TimeToLiveStatus") == "ENABLED", table.ttl.get("AttributeName")
    if on and given["Enabled"]:
        raise invalid("TimeToLive is already enabled")
    if not on and not given["Enabled"]:
        raise invalid("TimeToLive is already disabled")
    if on and given["AttributeName"] != name:
        raise invalid(f"TimeToLive is active on a different AttributeName: current AttributeName is {name}")


@refuses("dynamodb", "TagResource", "UntagResource")
def tagged_table(asked: Asked) -> None:
    """What is tagged is a table that there is."""
    arn = asked.parameters["ResourceArn"]
    if not any(table.table_arn == arn for table in asked.state().tables.values()):
        raise Refusal("ResourceNotFoundException", f"Requested resource not found: ResourcArn: {arn} not found")


def _named(name: str) -> None:
    if not NAME.fullmatch(name):
        raise invalid("Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may "
                      "contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'")  # fmt: skip


def _schema(schema: list[dict[str, str]]) -> None:
    kinds = [each["KeyType"] for each in schema]
    if len(kinds) > 2:
        raise invalid("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must "
                      "have length less than or equal to 2")  # fmt: skip
    if kinds not in (["HASH"], ["HASH", "RANGE"]):
        raise invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type" if kinds[0] != "HASH" else
                      "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")  # fmt: skip
    _each_once(schema)


def _global_schema(schema: list[dict[str, str]]) -> None:
    kinds = [each["KeyType"] for each in schema]
    if not GLOBAL_KEY.fullmatch("".join(f"{kind} " for kind in kinds)):
        raise invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type" if kinds[0] != "HASH" else
                      "Invalid KeySchema: A global secondary index has one to four HASH key elements and then up to "
                      "four RANGE key elements")  # fmt: skip
    _each_once(schema)


def _each_once(schema: list[dict[str, str]]) -> None:
    if len({each["AttributeName"] for each in schema}) < len(schema):
        raise invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")


def _index(index: dict[str, Any], hold: Callable[[list[dict[str, str]]], None]) -> None:
    _named(index["IndexName"])
    hold(index["KeySchema"])
    projection = index.get("Projection") or {}
    kind, more = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind == "INCLUDE" and not more:
        raise invalid("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is "
                      "not specified")  # fmt: skip
    if kind != "INCLUDE" and more:
        raise invalid(f"One or more parameter values were invalid: ProjectionType is {kind}, but NonKeyAttributes is "
                      "specified")  # fmt: skip

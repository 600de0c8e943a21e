"""The global secondary indexes of DynamoDB tables: how they are written, read and changed."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Capacity = dict[str, Any] | None


class Index(BaseModel):
    """Another key by which the items of a table are found; a table with capacity gives the index as much."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hash_key: str
    range_key: str | None = None
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    include: list[str] = Field(default_factory=list, description="The attributes that INCLUDE copies")


def key_schema(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    """Return keys as DynamoDB writes them."""
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys if range_key is None else [*keys, {"AttributeName": range_key, "KeyType": "RANGE"}]


def written(name: str, index: Index, capacity: Capacity) -> dict[str, Any]:
    """Return an index as CreateTable and UpdateTable take it."""
    copied = {"NonKeyAttributes": index.include} if index.include else {}
    return {
        "IndexName": name,
        "KeySchema": key_schema(index.hash_key, index.range_key),
        "Projection": {"ProjectionType": index.projection, **copied},
        **({"ProvisionedThroughput": capacity} if capacity else {}),
    }


def told(table: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the indexes that DescribeTable tells of, by name, but for those that go."""
    found = {}
    for item in table.get("GlobalSecondaryIndexes") or ():
        keys = {key["KeyType"]: key["AttributeName"] for key in item["KeySchema"]}
        if item.get("IndexStatus") != "DELETING":
            found[item["IndexName"]] = {
                "hash_key": keys["HASH"],
                "range_key": keys.get("RANGE"),
                "projection": item["Projection"]["ProjectionType"],
                "include": sorted(item["Projection"].get("NonKeyAttributes") or ()),
            }
    return found


def plain(index: Any) -> dict[str, Any]:
    """Return an index in the form in which `told` has it."""
    one = Index.model_validate(index)
    return {**one.model_dump(), "include": sorted(one.include)}


def changes(before: Mapping[str, Any], after: Mapping[str, Index], capacity: Capacity) -> Iterator[dict[str, Any]]:
    """Yield what takes a table from some indexes to others: DynamoDB changes one at a time, and none in place."""
    kept = {name for name, index in after.items() if before.get(name) == plain(index)}
    for name in sorted(before.keys() - kept):
        yield {"Delete": {"IndexName": name}}
    for name in sorted(after.keys() - kept):
        yield {"Create": written(name, after[name], capacity)}

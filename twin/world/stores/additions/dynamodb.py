"""DynamoDB: updates without a change, transactions with wrong items; a table knows when its next item is over."""

from typing import Any

from moto.dynamodb.exceptions import TransactionCanceledException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from twin.world.refusals.items import NO_MATCH, wrong_item, wrong_key
from twin.world.stores.additions import adds

DUE = "twin_due"
put_by_moto = Table.put_item
update_by_moto = DynamoDBBackend.update_item
transact_by_moto = DynamoDBBackend.transact_write_items


def over(table: Any, item: Any) -> float | None:
    """Return the instant that an item's time to live names; None when it has none."""
    told = item.attrs.get(table.ttl.get("AttributeName"))
    return float(told.value) if told is not None and told.is_number() else None


def _note(table: Any, item: Any) -> None:
    known = table.__dict__.get(DUE)
    if known is not None and (instant := over(table, item)) is not None:
        table.__dict__[DUE] = (known[0], min(known[1], instant))


@adds(Table)
def put_item(table: Any, *given: Any, **named: Any) -> Any:
    """Write an item."""
    item = put_by_moto(table, *given, **named)
    _note(table, item)
    return item


@adds(DynamoDBBackend)
def update_item(backend: Any, table_name: str, *given: Any, **named: Any) -> Any:
    """Change an item, or make one that has only its key."""
    if not named.get("update_expression"):
        named["attribute_updates"] = named.get("attribute_updates") or {}
    item = update_by_moto(backend, table_name, *given, **named)
    _note(backend.get_table(table_name), item)
    return item


@adds(DynamoDBBackend)
def transact_write_items(backend: Any, transact_items: list[dict[str, Any]]) -> Any:
    """Carry out all writes or none; one that its table cannot take is told among the reasons."""
    reasons: list[tuple[str | None, str | None, None]] = []
    for each in transact_items:
        kind, write = next(iter(each.items()))
        table = backend.get_table(write["TableName"])
        if kind == "Put":
            told = wrong_item(table, write["Item"])
        else:
            told = NO_MATCH if wrong_key(table, write["Key"]) else None
        reasons.append(("ValidationError" if told else None, told, None))
    if any(code for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)
    return transact_by_moto(backend, transact_items)

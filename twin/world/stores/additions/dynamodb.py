"""DynamoDB: a table knows when its next item is over, so that nobody goes through all of them to see."""

from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from twin.world.stores.additions import adds

DUE = "twin_due"
put_by_moto = Table.put_item
update_by_moto = DynamoDBBackend.update_item


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
    """Change an item."""
    item = update_by_moto(backend, table_name, *given, **named)
    _note(backend.get_table(table_name), item)
    return item

"""What DynamoDB refuses about items: keys that are not the table's, values that are none, batches that are too much.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

MOST_WRITES, MOST_DIGITS = 25, 38
LARGEST, SMALLEST = Decimal("9.9999999999999999999999999999999999999E+125"), Decimal("1E-130")
NO_MATCH = "The provided key element does not match the schema"
Value = Mapping[str, Any]


@refuses("dynamodb", "GetItem", "UpdateItem", "DeleteItem")
def key_of_an_item(asked: Asked) -> None:
    """A key has the table's attributes, each of its type, and nothing besides."""
    if (table := _table(asked, asked.parameters["TableName"])) is not None and wrong_key(
        table, asked.parameters["Key"]
    ):
        raise invalid(NO_MATCH)


@refuses("dynamodb", "PutItem")
def new_item(asked: Asked) -> None:
    """An item's values are such as DynamoDB keeps, also where an index has them as keys."""
    table = _table(asked, asked.parameters["TableName"])
    if table is not None and (told := wrong_item(table, asked.parameters["Item"])) is not None:
        raise invalid(told)


@refuses("dynamodb", "UpdateItem")
def new_values(asked: Asked) -> None:
    """The values of an update are such as DynamoDB keeps."""
    for value in (asked.parameters.get("ExpressionAttributeValues") or {}).values():
        if (told := wrong_value(value)) is not None:
            raise invalid(f"ExpressionAttributeValues contains invalid value: {told}")


@refuses("dynamodb", "BatchGetItem")
def batch_of_keys(asked: Asked) -> None:
    """Each key of a batch is of its table's schema, and there is one."""
    wanted = asked.parameters["RequestItems"]
    if not wanted:
        raise invalid(_length("requestItems", "greater than or equal to 1"))
    for name, request in wanted.items():
        table = _table(asked, name)
        if table is not None and any(wrong_key(table, key) for key in request["Keys"]):
            raise invalid(NO_MATCH)


@refuses("dynamodb", "BatchWriteItem")
def batch_of_writes(asked: Asked) -> None:
    """A batch has one to 25 writes, each of an item of its own, and all are as their table wants them."""
    wanted = asked.parameters["RequestItems"]
    if not wanted or any(not requests for requests in wanted.values()):
        raise invalid(_length("requestItems", "greater than or equal to 1"))
    if sum(map(len, wanted.values())) > MOST_WRITES:
        raise invalid("Too many items requested for the BatchWriteItem call")
    for name, requests in wanted.items():
        if (table := _table(asked, name)) is None:
            continue
        seen = []
        for request in requests:
            if "PutRequest" in request:
                item = request["PutRequest"]["Item"]
                if (told := wrong_item(table, item)) is not None:
                    raise invalid(told)
                key = {name: item[name] for name in key_names(table) if name in item}
            else:
                key = request["DeleteRequest"]["Key"]
                if wrong_key(table, key):
                    raise invalid(NO_MATCH)
            if key in seen:
                raise invalid("Provided list of item keys contains duplicates")
            seen.append(key)


@refuses("dynamodb", "TransactGetItems")
def keys_of_a_transaction(asked: Asked) -> None:
    """Each key that a transaction reads is of its table's schema."""
    for each in asked.parameters["TransactItems"]:
        table = _table(asked, each["Get"]["TableName"])
        if table is not None and wrong_key(table, each["Get"]["Key"]):
            raise invalid(NO_MATCH)


def key_names(table: Any) -> list[str]:
    """Return the names of a table's key attributes."""
    return [name for name in (table.hash_key_attr, table.range_key_attr) if name]


def types_of(table: Any) -> dict[str, str]:
    """Return the declared type of each key attribute of a table and its indexes."""
    return {each["AttributeName"]: each["AttributeType"] for each in table.attr}


def wrong_key(table: Any, key: Mapping[str, Value]) -> bool:
    """Tell whether a key is not of a table's schema."""
    types = types_of(table)
    return set(key) != set(key_names(table)) or any(next(iter(value)) != types[name] for name, value in key.items())


def wrong_item(table: Any, item: Mapping[str, Value]) -> str | None:
    """Say what is wrong with an item; None when nothing is."""
    for value in item.values():
        if (told := wrong_value(value)) is not None:
            return told
    types, own = types_of(table), key_names(table)
    for name in own:
        if name not in item:
            return f"One or more parameter values were invalid: Missing the key {name} in the item"
    for index in (*table.global_indexes, *table.indexes):
        for name in (each["AttributeName"] for each in index.schema):
            if name in item and name not in own and (actual := next(iter(item[name]))) != types.get(name, actual):
                return ("One or more parameter values were invalid: Type mismatch for Index Key "
                        f"{name} Expected: {types[name]} Actual: {actual} IndexName: {index.name}")  # fmt: skip
    return None


def wrong_value(value: Value) -> str | None:
    """Say what is wrong with a value, or with one in it; None when nothing is."""
    if len(value) != 1:
        return "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    ((kind, held),) = value.items()
    if kind in ("SS", "NS", "BS"):
        return _wrong_set(kind, held)
    if kind == "N":
        return _wrong_number(held)
    if kind in ("L", "M"):
        inner = held if kind == "L" else held.values()
        return next((told for each in inner if (told := wrong_value(each)) is not None), None)
    return None


def _wrong_set(kind: str, held: Iterable[Any]) -> str | None:
    members = list(held)
    if kind == "NS":
        for member in members:
            if (told := _wrong_number(member)) is not None:
                return told
        members = [Decimal(member) for member in members]
    if len(set(members)) < len(members):
        return f"One or more parameter values were invalid: Input collection {members} contains duplicates."
    return None


def _wrong_number(text: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return f"The parameter cannot be converted to a numeric value: {text}"
    if not number.is_finite():
        return f"The parameter cannot be converted to a numeric value: {text}"
    if len(str(int("".join(map(str, number.as_tuple().digits)))).rstrip("0")) > MOST_DIGITS:
        return "Attempting to store more than 38 significant digits in a Number"
    if abs(number) > LARGEST:
        return "Number overflow. Attempting to store a number with magnitude larger than supported range"
    if number and abs(number) < SMALLEST:
        return "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    return None


def writes(asked: Asked) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what each write of a transaction does and its parameters."""
    for each in asked.parameters["TransactItems"]:
        if len(each) == 1:
            yield next(iter(each.items()))


def invalid(message: str) -> Refusal:
    """Return DynamoDB's refusal of a request that is not well made."""
    return Refusal("ValidationException", message)


def _length(what: str, bound: str) -> str:
    return (f"1 validation error detected: Value at '{what}' failed to satisfy constraint: Member must have length "
            f"{bound}")  # fmt: skip


def _table(asked: Asked, name: str) -> Any:
    return asked.state().tables.get(name.rpartition("/")[2])

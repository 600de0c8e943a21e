"""What DynamoDB refuses about expressions: placeholders without a meaning or a use, forms that are none, queries.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.items import invalid, key_names, types_of, writes

HOLDER = re.compile(r"[:#]\w+")
NAMES, VALUES = "ExpressionAttributeNames", "ExpressionAttributeValues"
EXPRESSIONS = (
    "UpdateExpression", "ConditionExpression", "KeyConditionExpression", "FilterExpression", "ProjectionExpression",
)  # fmt: skip
JUDGED = ("ConditionExpression", "FilterExpression")
ORDERED = ("S", "N", "B")
# The first step of a path: no step after it, no value, no function (a key may be called `size`).
FIRST_STEP = re.compile(r"(?<![:.#\w-])#?[A-Za-z_][\w-]*+(?!\s*\()")


@refuses("dynamodb", "PutItem", "UpdateItem", "DeleteItem", "GetItem", "Query", "Scan")
def expressions(asked: Asked) -> None:
    """Each placeholder of an expression means something, and each meaning is used."""
    _hold(asked.parameters)


@refuses("dynamodb", "TransactWriteItems")
def expressions_of_a_transaction(asked: Asked) -> None:
    """The expressions of each write are well made."""
    for _, write in writes(asked):
        _hold(write)


@refuses("dynamodb", "TransactGetItems")
def projections_of_a_transaction(asked: Asked) -> None:
    """The twin reads whole items in a transaction."""
    if any(each["Get"].get("ProjectionExpression") for each in asked.parameters["TransactItems"]):
        raise Refusal(
            "TwinUnsupportedOperation",
            "The twin does not project what a transaction reads (dynamodb:TransactGetItems with ProjectionExpression).",
        )


@refuses("dynamodb", "Query")
def condition_of_a_query(asked: Asked) -> None:
    """A query compares the keys of its table or index with values of their types, and filters by no key."""
    given = asked.parameters
    table = asked.state().tables.get(given["TableName"].rpartition("/")[2])
    if table is None:
        return
    schema = _schema(table, given.get("IndexName"))
    if given.get("KeyConditionExpression") and schema:
        _compared(table, schema, given)
    names = given.get(NAMES) or {}
    for word in FIRST_STEP.findall(given.get("FilterExpression") or ""):
        if names.get(word, word) in schema:
            raise invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: "
                          f"{names.get(word, word)}")  # fmt: skip


@refuses("dynamodb", "Query", "Scan")
def start_of_a_page(asked: Asked) -> None:
    """A page begins after a key of the table, with that of the index where one is asked."""
    start = asked.parameters.get("ExclusiveStartKey")
    table = asked.state().tables.get(asked.parameters["TableName"].rpartition("/")[2])
    if not start or table is None:
        return
    wanted = {*key_names(table), *_schema(table, asked.parameters.get("IndexName"))}
    types = types_of(table)
    if set(start) != wanted or any(next(iter(value)) != types[name] for name, value in start.items()):
        raise invalid("The provided starting key is invalid")


def _hold(given: Mapping[str, Any]) -> None:
    told = {name: given[name] for name in EXPRESSIONS if given.get(name) is not None}
    if not told:
        for name in (NAMES, VALUES):
            if given.get(name):
                raise invalid(f"{name} can only be specified when using expressions")
        return
    names, values, used = given.get(NAMES) or {}, given.get(VALUES) or {}, set()
    for kind, text in told.items():
        if not text.strip():
            raise invalid(f"Invalid {kind}: The expression can not be empty;")
        for found in HOLDER.findall(text):
            used.add(found)
            if found.startswith("#") and found not in names:
                raise invalid(f"Invalid {kind}: An expression attribute name used in the document path is not defined; "
                              f"attribute name: {found}")  # fmt: skip
            if found.startswith(":") and found not in values:
                raise invalid(f"Invalid {kind}: An expression attribute value used in expression is not defined; "
                              f"attribute value: {found}")  # fmt: skip
        if kind == "ProjectionExpression":
            _apart([[names.get(step, step) for step in path.strip().split(".")] for path in text.split(",")])
        if kind in JUDGED:
            _parsed(kind, text, names, values)
    for kind, held in ((NAMES, names), (VALUES, values)):
        if unused := sorted(set(held) - used):
            raise invalid(f"Value provided in {kind} unused in expressions: keys: {{{', '.join(unused)}}}")


def _apart(paths: list[list[str]]) -> None:
    for place, one in enumerate(paths):
        for other in paths[place + 1 :]:
            if one[: len(other)] == other[: len(one)]:
                raise invalid("Invalid ProjectionExpression: Two document paths overlap with each other; must remove "
                              f"or rewrite one of these paths; path one: {one}, path two: {other}")  # fmt: skip


def _parsed(kind: str, text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
    from moto.dynamodb.comparisons import create_condition_expression_parser
    from moto.dynamodb.exceptions import MockValidationException

    try:
        create_condition_expression_parser(text, dict(names), dict(values)).parse()
    except MockValidationException:
        return  # the store tells it itself
    except Exception as error:
        raise invalid(f"Invalid {kind}: Syntax error; {text}") from error


def _schema(table: Any, index: str | None) -> dict[str, str]:
    """Return the kind of each key attribute (`HASH` or `RANGE`) of a table or of an index of it."""
    held = table.schema
    if index is not None:
        held = next((each.schema for each in (*table.global_indexes, *table.indexes) if each.name == index), None)
        if held is None:
            raise invalid(f"The table does not have the specified index: {index}")
    return {each["AttributeName"]: each["KeyType"] for each in held}


def _compared(table: Any, schema: Mapping[str, str], given: Mapping[str, Any]) -> None:
    types, names, values = types_of(table), given.get(NAMES) or {}, given.get(VALUES) or {}
    text = given["KeyConditionExpression"]
    for word, kind in re.findall(r"begins_with\s*\(\s*(#?[\w.-]+)\s*(,)", text, re.IGNORECASE):
        name = names.get(word, word)
        if kind and types.get(name) == "N":
            raise invalid("Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator "
                          "or function: begins_with, operand type: N")  # fmt: skip
    for low, high in re.findall(r"\bbetween\s+(:\w+)\s+and\s+(:\w+)", text, re.IGNORECASE):
        if _ordered(values[low]) > _ordered(values[high]):
            raise invalid("Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater "
                          "than or equal to lower bound; lower bound operand: AttributeValue: "
                          f"{values[low]}, upper bound operand: AttributeValue: {values[high]}")  # fmt: skip
    for word, value in re.findall(r"(#?[\w.-]+)\s*(?:=|<=|>=|<|>|,|\bbetween\b)\s*(:\w+)", text, re.IGNORECASE):
        name = names.get(word, word)
        if name in schema and next(iter(values[value])) != types[name]:
            raise invalid("One or more parameter values were invalid: Condition parameter type does not match schema "
                          "type")  # fmt: skip


def _ordered(value: Mapping[str, Any]) -> Any:
    ((kind, held),) = value.items()
    return Decimal(held) if kind == "N" else held

"""From a tree to a closure over the fields of a request; a missing value makes a comparison false."""

import operator
from collections.abc import Callable
from typing import Any

from twin.semantics.rules import regex, wildcard
from twin.semantics.rules.catalogue import functions
from twin.semantics.rules.functions import IMPLEMENTED
from twin.semantics.rules.kinds import ADDRESS, BOOLEANS
from twin.semantics.rules.lists import Lists, member
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.syntax import (
    Access,
    Argument,
    Call,
    Comparison,
    Constant,
    Each,
    Expression,
    Field,
    Group,
    Index,
    InlineList,
    Ip,
    Logic,
    Logical,
    NamedList,
    Not,
    Text,
    Truth,
)
from twin.semantics.rules.values import Fields, Value

Compiled = Callable[[Fields], Any]
Test = Callable[[Any], bool]
NO_LISTS: Lists = {}
ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def compiled(expression: Expression, lists: Lists = NO_LISTS) -> Callable[[Fields], Value | None]:
    """Return the expression as a function of the fields: a boolean, or for a value what it is, None if missing."""
    if isinstance(expression, Constant):
        said = expression.value
        return lambda fields: said
    return _access(expression, lists) if isinstance(expression, Access) else _logical(expression, lists)


def _logical(node: Logical, lists: Lists) -> Compiled:
    match node:
        case Group(inner):
            return _logical(inner, lists)
        case Not(operand):
            return _not(_logical(operand, lists), node.kind == BOOLEANS)
        case Logic(name, operands):
            parts = [_logical(operand, lists) for operand in operands]
            return _logic_of_arrays(name, parts) if node.kind == BOOLEANS else _logic(name, parts)
        case Truth(value):
            found = _access(value, lists)
            return _array(found) if node.kind == BOOLEANS else lambda fields: found(fields) is True
        case Comparison():
            return _comparison(node, lists)


def _array(found: Compiled) -> Compiled:
    return lambda fields: found(fields) or []


def _not(operand: Compiled, arrays: bool) -> Compiled:
    if arrays:
        return lambda fields: [not item for item in operand(fields)]
    return lambda fields: not operand(fields)


def _logic(name: str, parts: list[Compiled]) -> Compiled:
    # Operands are conditions: they give booleans.
    if name == "xor":
        return lambda fields: sum(part(fields) for part in parts) % 2 == 1
    decisive = name == "or"
    if len(parts) == 2:
        first, second = parts
        if decisive:
            return lambda fields: first(fields) or second(fields)
        return lambda fields: first(fields) and second(fields)

    def evaluate(fields: Fields) -> bool:
        for part in parts:
            if part(fields) == decisive:
                return decisive
        return not decisive

    return evaluate


def _logic_of_arrays(name: str, parts: list[Compiled]) -> Compiled:
    combine: Callable[[tuple[bool, ...]], bool] = {"and": all, "or": any, "xor": lambda row: sum(row) % 2 == 1}[name]
    return lambda fields: [combine(row) for row in zip(*(part(fields) for part in parts), strict=False)]


def _comparison(node: Comparison, lists: Lists) -> Compiled:
    if isinstance(node.right, Access):
        return _compared_values(node.left, node.operator, node.right, lists)
    test = _test(node, lists)
    found = _access(node.left, lists)
    if node.left.mapped:
        return lambda fields: [test(item) for item in found(fields) or ()]
    if isinstance(node.left.root, Field) and not node.left.indexes:
        name = node.left.root.name
        return lambda fields: (value := fields.get(name)) is not None and test(value)
    return lambda fields: (value := found(fields)) is not None and test(value)


def _compared_values(left: Access, name: str, right: Access, lists: Lists) -> Compiled:
    one, other = _access(left, lists), _access(right, lists)
    compare = _address_order(name) if left.kind == ADDRESS else ORDER[name]
    if left.mapped:
        return lambda fields: [
            (limit := other(fields)) is not None and compare(item, limit) for item in one(fields) or ()
        ]
    return lambda fields: (
        (value := one(fields)) is not None and (limit := other(fields)) is not None and compare(value, limit)
    )


def _address_order(name: str) -> Callable[[Any, Any], bool]:
    """Return a comparison of addresses: those of different versions are unequal and have no order."""
    compare = ORDER[name]
    return lambda one, other: bool(compare(one, other)) if one.version == other.version else bool(name == "ne")


def _test(node: Comparison, lists: Lists) -> Test:
    name, right = node.operator, node.right
    if isinstance(right, InlineList | NamedList):
        return member(right, node.left.kind, lists)
    assert not isinstance(right, Access)
    wanted: Any = right.value
    if isinstance(right, Text) and name not in ORDER:
        return _text_test(name, right.value)
    if name == "bitwise_and":
        return lambda value: value & wanted != 0
    if isinstance(wanted, Ip):
        ordered = _address_order(name)
        return lambda value: ordered(value, wanted)
    if name == "eq":
        return lambda value: bool(value == wanted)
    compare = ORDER[name]
    return lambda value: bool(compare(value, wanted))


def _text_test(name: str, wanted: bytes) -> Test:
    if name == "contains":
        return lambda value: wanted in value
    if name == "matches":
        return regex.search(wanted)
    return wildcard.matcher(wanted, strict=name == "strict wildcard")


def _access(node: Access, lists: Lists) -> Compiled:
    root = _call(node.root, lists) if isinstance(node.root, Call) else _field(node.root.name)
    if node.mapped:
        steps = node.indexes
        return lambda fields: None if (value := root(fields)) is None else _each(value, steps)
    for index in node.indexes:
        root = _indexed(root, index)
    return root


def _field(name: str) -> Compiled:
    return lambda fields: fields.get(name)


def _indexed(found: Compiled, index: Index) -> Compiled:
    if isinstance(index, str):
        key = index.encode()
        return lambda fields: None if (value := found(fields)) is None else value.get(key)
    assert isinstance(index, int)
    return lambda fields: None if (value := found(fields)) is None or index >= len(value) else value[index]


def _each(value: Any, steps: tuple[Index, ...]) -> list[Any]:
    """Return every element that the indexes lead to, in one array; what is missing on the way is left out."""
    found = [value]
    for step in steps:
        if isinstance(step, Each):
            found = [item for outer in found for item in (outer.values() if isinstance(outer, dict) else outer)]
        elif isinstance(step, str):
            found = [outer[step.encode()] for outer in found if step.encode() in outer]
        else:
            found = [outer[step] for outer in found if step < len(outer)]
    return found


def _call(node: Call, lists: Lists) -> Compiled:
    function = functions()[node.name]
    if function.reads is not None:
        raise RuleError(f"{node.name}() reads {function.reads}, which the twin does not have", node.at)
    apply = IMPLEMENTED[node.name]
    given = [_argument(argument, lists) for argument in node.arguments]
    first = node.arguments[0]
    if isinstance(first, Access) and first.mapped:
        return _mapped(apply, given)
    if function.skips_missing:
        return _skipping(apply, given)
    if len(given) == 1:
        only = given[0]
        return lambda fields: None if (value := only(fields)) is None else apply(value)

    def evaluate(fields: Fields) -> Any:
        values = [argument(fields) for argument in given]
        return None if None in values else apply(*values)

    return evaluate


def _mapped(apply: Callable[..., Any], given: list[Compiled]) -> Compiled:
    """Call a function for every element of its first argument; missing results are left out."""
    first, *rest = given

    def evaluate(fields: Fields) -> Any:
        items, values = first(fields), [argument(fields) for argument in rest]
        if items is None or None in values:
            return None
        results = (apply(item, *values) for item in items)
        return [result for result in results if result is not None]

    return evaluate


def _skipping(apply: Callable[..., Any], given: list[Compiled]) -> Compiled:
    def evaluate(fields: Fields) -> Any:
        values = [value for argument in given if (value := argument(fields)) is not None]
        return apply(*values) if values else None

    return evaluate


def _argument(node: Argument, lists: Lists) -> Compiled:
    if isinstance(node, Access):
        return _access(node, lists)
    if isinstance(node, Truth | Comparison | Not | Group | Logic):
        return _logical(node, lists)
    constant = node.value
    return lambda fields: constant

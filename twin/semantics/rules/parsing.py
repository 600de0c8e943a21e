"""From text to a typed tree; the type on the left of an operator decides how its right side is read."""

from typing import Literal as OneOf

from twin.semantics.rules import accessing, literals
from twin.semantics.rules.cursor import Cursor
from twin.semantics.rules.kinds import ADDRESS, BOOLEAN, INTEGER, STRING, Kind
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.pattern_text import check_regex, check_wildcard, regex_text
from twin.semantics.rules.scope import Scope
from twin.semantics.rules.syntax import (
    Access,
    Comparison,
    Constant,
    Expression,
    Group,
    Logic,
    Logical,
    Not,
    Number,
    Right,
    Text,
    Truth,
)

Form = OneOf["filter", "value", "any"]
LONGEST = 4096  # developers.cloudflare.com/ruleset-engine/rules-language/expressions

# Signs as the engine tries them, in this order: `in` before `eq`, `<=` before `<`.
COMPARISONS = {
    "in": "in",
    "eq": "eq",
    "==": "eq",
    "ne": "ne",
    "!=": "ne",
    "ge": "ge",
    ">=": "ge",
    "le": "le",
    "<=": "le",
    "gt": "gt",
    ">": "gt",
    "lt": "lt",
    "<": "lt",
    "&": "bitwise_and",
    "bitwise_and": "bitwise_and",
    "contains": "contains",
    "~": "matches",
    "matches": "matches",
    "wildcard": "wildcard",
    "strict wildcard": "strict wildcard",
}
ORDERINGS = frozenset({"eq", "ne", "ge", "le", "gt", "lt"})
TEXTUAL = frozenset({"contains", "matches", "wildcard", "strict wildcard"})
COMBININGS = {"or": "or", "||": "or", "xor": "xor", "^^": "xor", "and": "and", "&&": "and"}
# Rules for all requests are written so through the API, for instance those that deploy managed rulesets.
CONSTANTS = {"true": True, "false": False}
BINDING = {"or": 1, "xor": 2, "and": 3}


def parse(text: str, form: Form = "any", phase: str | None = None) -> Expression:
    """Return the tree of an expression.

    A `filter` is true or false; a `value` is a field or a function of any type. With a `phase`, functions
    that the documentation keeps to other phases, and fields of packets, are refused.
    """
    if len(text) > LONGEST:
        raise RuleError(f"the expression has {len(text)} characters, {LONGEST} are the most", LONGEST)
    cursor = Cursor(text)
    if cursor.done:
        raise RuleError("the expression is empty", 0)
    start = cursor.at
    scope = Scope(phase)
    if form != "value" and (whole := text[start : cursor.end]) in CONSTANTS:
        return Constant(CONSTANTS[whole], start)
    if form != "filter" and (value := _value(cursor, scope, form)) is not None:
        scope.close("value")
        return value
    cursor, scope = Cursor(text), Scope(phase)
    expression = logical(cursor, scope)
    if not cursor.done:
        cursor.skip_space()
        raise RuleError("unrecognised input", cursor.at)
    if expression.kind != BOOLEAN:
        raise RuleError(f"expected Boolean, but got {expression.kind}: put it into any() or all()", start)
    if form == "value":
        raise RuleError("expected a field or a function, but this is a condition", start)
    scope.close("filter")
    return expression


def _value(cursor: Cursor, scope: Scope, form: Form) -> Access | None:
    """Read a value expression, None when this is a filter; a mistake that both share is met again there."""
    try:
        value = accessing.access(cursor, scope)
    except RuleError:
        return None
    if not cursor.done or value.mapped or (value.kind == BOOLEAN and form == "any"):
        return None
    return value


def logical(cursor: Cursor, scope: Scope) -> Logical:
    """Read operands and the operators between them."""
    start = cursor.at
    first = _simple(cursor, scope)
    return _combined(cursor, scope, first, 0, start)


def _combined(cursor: Cursor, scope: Scope, left: Logical, floor: int, start: int) -> Logical:
    """Join operands whose operators bind tighter than `floor`."""
    while True:
        before = cursor.at
        operator = _combining(cursor)
        if operator is None or BINDING[operator] <= floor:
            cursor.at = before
            return left
        cursor.skip_space()
        at = cursor.at
        right = _combined(cursor, scope, _simple(cursor, scope), BINDING[operator], at)
        if right.kind != left.kind:
            raise RuleError(f"expected {left.kind}, but got {right.kind}", at)
        if isinstance(left, Logic) and left.operator == operator:
            left = Logic(operator, (*left.operands, right), start)
        else:
            left = Logic(operator, (left, right), start)


def _combining(cursor: Cursor) -> str | None:
    cursor.skip_space()
    return next((name for sign, name in COMBININGS.items() if cursor.take(sign)), None)


def _simple(cursor: Cursor, scope: Scope) -> Logical:
    start = cursor.at
    if cursor.take("("):
        with scope.nested(start):
            cursor.skip_space()
            inner = logical(cursor, scope)
            cursor.skip_space()
            cursor.expect(")")
            return Group(inner, start)
    if cursor.take("not") or cursor.take("!"):
        with scope.nested(start):
            cursor.skip_space()
            return Not(_simple(cursor, scope), start)
    return comparison(cursor, scope, accessing.access(cursor, scope))


def comparison(cursor: Cursor, scope: Scope, left: Access) -> Logical:
    """Read the operator and the right side; a boolean needs neither."""
    if left.kind == BOOLEAN:
        return Truth(left, left.at)
    if left.kind.of == BOOLEAN:
        if left.mapped:
            raise RuleError(f"cannot use Array<{left.kind}> as a condition", cursor.at)
        return Truth(left, left.at)
    cursor.skip_space()
    at = cursor.at
    operator = operator_at(cursor)
    if operator is None:
        raise RuleError("expected a comparison operator", at)
    _check_operator(left.kind, operator, at)
    cursor.skip_space()
    return Comparison(left, operator, _right(cursor, scope, left.kind, operator), left.at)


def operator_at(cursor: Cursor) -> str | None:
    """Move over a comparison operator when one comes next."""
    return next((name for sign, name in COMPARISONS.items() if cursor.take(sign)), None)


def _check_operator(kind: Kind, operator: str, at: int) -> None:
    fits = (
        kind == STRING
        if operator in TEXTUAL
        else kind == INTEGER
        if operator == "bitwise_and"
        else kind in (STRING, INTEGER, ADDRESS)
    )
    if not fits:
        raise RuleError(f"cannot use `{operator}` on {kind}", at)


def _right(cursor: Cursor, scope: Scope, kind: Kind, operator: str) -> Right:
    if cursor.done:
        raise RuleError("expected a value", cursor.at)
    if operator == "in":
        return literals.named_list(cursor) if cursor.peek() == "$" else literals.inline_list(cursor, kind)
    if operator == "bitwise_and":
        start = cursor.at
        return Number(literals.integer(cursor), start)
    if operator in ("wildcard", "strict wildcard"):
        return check_wildcard(literals.text(cursor) if _string_next(cursor) else _no_string(cursor))
    if operator == "matches":
        return check_regex(regex_text(cursor) if _string_next(cursor) else _no_string(cursor))
    if operator == "contains":
        return literals.text(cursor)
    return _ordered(cursor, scope, kind)


def _string_next(cursor: Cursor) -> bool:
    return cursor.peek() == '"' or literals.starts_raw(cursor)


def _no_string(cursor: Cursor) -> Text:
    raise RuleError('expected a string, "…" or r"…"', cursor.at)


def _ordered(cursor: Cursor, scope: Scope, kind: Kind) -> Right:
    """Read a literal, or a field or function of the same type as the left side."""
    start = cursor.at
    if not accessing.name_starts(cursor) or literals.starts_raw(cursor):
        return literals.literal(cursor, kind)
    if kind in (STRING, ADDRESS):
        try:
            return literals.literal(cursor, kind)
        except RuleError:
            cursor.at = start
    value = accessing.access(cursor, scope)
    if value.mapped or value.kind != kind:
        actual = f"Array<{value.kind}>" if value.mapped else value.kind
        raise RuleError(f"expected {kind}, but got {actual}", start)
    return value

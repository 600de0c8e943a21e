"""The part of Okta's expression language that group rules, claims and SAML attributes are written in.

Source: https://developer.okta.com/docs/reference/okta-expression-language/
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from twin.semantics.words import Words
from twin.world.saas.okta.profile import ATTRIBUTES

Expression = Callable[[dict[str, Any]], Any]

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<number>\d+)|(?P<mark>==|!=|&&|\|\||<=|>=|[()!,<>{}?:])|(?P<name>[A-Za-z_][\w.]*))"""
)


class ExpressionError(ValueError):
    """The expression is not one that a group rule may hold; the message says why."""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


# name -> (number of arguments or -1 for any, what it computes from the user's groups and the arguments)
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "String.stringContains": (2, lambda _, whole, part: _text(part) in _text(whole)),
    "String.startsWith": (2, lambda _, whole, part: _text(whole).startswith(_text(part))),
    "String.endsWith": (2, lambda _, whole, part: _text(whole).endswith(_text(part))),
    "String.toLowerCase": (1, lambda _, whole: _text(whole).lower()),
    "String.toUpperCase": (1, lambda _, whole: _text(whole).upper()),
    "String.len": (1, lambda _, whole: len(_text(whole))),
    "String.substringBefore": (2, lambda _, whole, mark: _text(whole).partition(_text(mark))[0]),
    "String.substringAfter": (2, lambda _, whole, mark: _text(whole).partition(_text(mark))[2]),
    "isMemberOfGroup": (1, lambda groups, one: one in groups),
    "isMemberOfAnyGroup": (-1, lambda groups, *many: any(one in groups for one in many)),
    "isMemberOfGroupName": (1, lambda groups, name: name in groups.values()),
    "isMemberOfGroupNameStartsWith": (1, lambda groups, part: any(n.startswith(part) for n in groups.values())),
    "isMemberOfGroupNameContains": (1, lambda groups, part: any(part in n for n in groups.values())),
    "isMemberOfGroupNameRegex": (1, lambda groups, form: any(re.fullmatch(form, n) for n in groups.values())),
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
SYNONYMS = {
    "eq": "==", "ne": "!=", "EQ": "==", "NE": "!=", "and": "&&", "AND": "&&", "or": "||", "OR": "||", "not": "!",
}  # fmt: skip


@lru_cache(maxsize=1024)
def compile_expression(source: str) -> Expression:
    """Return the test; it takes `{"profile": …, "groups": {id: name}}`. ExpressionError when it is malformed."""
    return _whole(source, _Parser.disjunction)


@lru_cache(maxsize=1024)
def compile_value(source: str) -> Expression:
    """Return what computes a value, for which a condition may choose between two (`test ? one : other`)."""
    return _whole(source, _Parser.conditional)


def _whole(source: str, rule: Callable[["_Parser"], Expression]) -> Expression:
    parser = _Parser(source, TOKEN, ExpressionError, SYNONYMS)
    if not parser.found:
        raise ExpressionError("the expression is empty")
    found = rule(parser)
    parser.end()
    return found


class _Parser(Words):
    def conditional(self) -> Expression:
        test = self.disjunction()
        if not self.mark("?"):
            return test
        one = self.conditional()
        self.expect(":")
        other = self.conditional()
        return lambda user: one(user) if test(user) else other(user)

    def disjunction(self) -> Expression:
        parts = [self.conjunction()]
        while self.mark("||"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda user: any(part(user) for part in parts)

    def conjunction(self) -> Expression:
        parts = [self.comparison()]
        while self.mark("&&"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else lambda user: all(part(user) for part in parts)

    def comparison(self) -> Expression:
        left = self.operand()
        operator = self.mark(*COMPARE)
        if not operator:
            return left
        right, compare = self.operand(), COMPARE[operator]
        return lambda user: compare(left(user), right(user))

    def operand(self) -> Expression:
        if self.mark("!"):
            inner = self.operand()
            return lambda user: not inner(user)
        if self.mark("("):
            inside = self.disjunction()
            self.expect(")")
            return inside
        kind, token = self.take()
        if kind in ("text", "number"):
            constant = token[1:-1] if kind == "text" else int(token)
            return lambda user: constant
        if kind == "name":
            return self.call(token) if self.mark("(") else _attribute(token)
        raise ExpressionError(f"unexpected '{token}'")

    def call(self, name: str) -> Expression:
        if name not in FUNCTIONS:
            raise ExpressionError(f"the function {name} is not supported")
        arguments: list[Expression] = []
        while not self.mark(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.disjunction())
        count, compute = FUNCTIONS[name]
        if not arguments or count not in (-1, len(arguments)):
            raise ExpressionError(f"{name} takes {max(count, 1)} argument(s)")
        return lambda user: compute(user["groups"], *(argument(user) for argument in arguments))


def _attribute(name: str) -> Expression:
    if name in ("true", "false", "null"):
        constant = {"true": True, "false": False, "null": None}[name]
        return lambda user: constant
    prefix, _, attribute = name.partition(".")
    if prefix != "user" or attribute not in ATTRIBUTES:
        raise ExpressionError(f"Invalid property {attribute or name} in expression {name}")
    return lambda user: user["profile"].get(attribute)

"""Okta's SCIM-like `filter` and `search` expressions: parsed once, then asked of each record."""

import re
from collections.abc import Callable
from typing import Any

from twin.world.saas.okta.errors import OktaError

Record = dict[str, Any]
Test = Callable[[Record], bool]

TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()])|(?P<word>[^\s()"]+))')
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "sw": lambda left, right: isinstance(left, str) and left.startswith(str(right)),
    "ew": lambda left, right: isinstance(left, str) and left.endswith(str(right)),
    "co": lambda left, right: isinstance(left, str) and str(right) in left,
    "gt": lambda left, right: _ordered(left, right) and left > right,
    "ge": lambda left, right: _ordered(left, right) and left >= right,
    "lt": lambda left, right: _ordered(left, right) and left < right,
    "le": lambda left, right: _ordered(left, right) and left <= right,
}


def _ordered(left: Any, right: Any) -> bool:
    return left is not None and type(left) is type(right)


def compile_criteria(expression: str, attributes: str, *, operators: str = "", fold: bool = False) -> Test:
    """Return the test that `expression` states.

    `attributes` is a regular expression of the names that may be asked, `operators` the words that may be used (all
    when empty), `fold` ignores case in values, as Okta's `search` does. Anything else raises E0000031.
    """
    parser = _Parser(_tokens(expression), re.compile(attributes), operators.split() or [*COMPARE, "pr"], fold)
    test = parser.disjunction()
    parser.expect_end()
    return test


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, expression.rstrip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token or not token.lastgroup:
            raise OktaError("E0000031")
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    if not found:
        raise OktaError("E0000031")
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], names: re.Pattern[str], operators: list[str], fold: bool) -> None:
        self.tokens, self.names, self.operators, self.fold = tokens, names, operators, fold
        self.at = 0

    def take(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise OktaError("E0000031")
        self.at += 1
        return self.tokens[self.at - 1]

    def word(self, *words: str) -> bool:
        here = self.tokens[self.at] if self.at < len(self.tokens) else ("text", "")
        found = here[0] != "text" and here[1].lower() in words
        self.at += found
        return found

    def expect_end(self) -> None:
        if self.at != len(self.tokens):
            raise OktaError("E0000031")

    def disjunction(self) -> Test:
        tests = [self.conjunction()]
        while self.word("or"):
            tests.append(self.conjunction())
        return lambda record: any(test(record) for test in tests)

    def conjunction(self) -> Test:
        tests = [self.term()]
        while self.word("and"):
            tests.append(self.term())
        return lambda record: all(test(record) for test in tests)

    def term(self) -> Test:
        if self.word("not"):
            inner = self.term()
            return lambda record: not inner(record)
        if self.word("("):
            test = self.disjunction()
            if not self.word(")"):
                raise OktaError("E0000031")
            return test
        return self.comparison()

    def comparison(self) -> Test:
        kind, name = self.take()
        _, given = self.take()
        operator = given.lower()
        if kind != "word" or not self.names.fullmatch(name) or operator not in self.operators:
            raise OktaError("E0000031")
        if operator == "pr":
            return lambda record: any(found not in (None, "", []) for found in read(record, name))
        wanted = self._folded(_literal(*self.take()))
        compare = COMPARE[operator]
        return lambda record: any(compare(self._folded(found), wanted) for found in read(record, name) or [None])

    def _folded(self, value: Any) -> Any:
        return value.casefold() if self.fold and isinstance(value, str) else value


def _literal(kind: str, token: str) -> Any:
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    if token.lower() in ("true", "false"):
        return token.lower() == "true"
    if re.fullmatch(r"-?\d+", token):
        return int(token)
    raise OktaError("E0000031")


def read(record: Record, path: str) -> list[Any]:
    """Return every value at a dotted path; lists on the way are walked through."""
    found: list[Any] = [record]
    for name in path.split("."):
        step = [value.get(name) for value in found if isinstance(value, dict)]
        found = [member for value in step for member in (value if isinstance(value, list) else [value])]
    return found

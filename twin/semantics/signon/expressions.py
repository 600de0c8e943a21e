"""Custom expressions of authentication policy rules: the part of Okta's expression language that reads a sign-in.

Source: https://developer.okta.com/docs/reference/okta-expression-language-in-identity-engine/
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Expression = Callable[[Mapping[str, Any]], Any]

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<number>\d+)|(?P<mark>==|!=|&&|\|\||<=|>=|[()!,<>{}:.])|(?P<name>[A-Za-z_]\w*))"""
)
WORDS = {"AND": "&&", "and": "&&", "OR": "||", "or": "||", "NOT": "!", "not": "!", "eq": "==", "ne": "!="}
CONSTANTS = {"true": True, "false": False, "null": None}
ROOTS = ("user", "device", "security", "accessRequest", "session")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def _contains(whole: Any, part: Any) -> bool:
    return whole is not None and part in whole


def _text(value: Any) -> str:
    return "" if value is None else str(value)


# method -> (number of arguments, what it computes of its subject)
METHODS: dict[str, tuple[int, Callable[..., Any]]] = {
    "contains": (1, _contains),
    "startsWith": (1, lambda whole, part: _text(whole).startswith(_text(part))),
    "endsWith": (1, lambda whole, part: _text(whole).endswith(_text(part))),
    "toLowerCase": (0, lambda whole: _text(whole).lower()),
    "toUpperCase": (0, lambda whole: _text(whole).upper()),
    "length": (0, lambda whole: len(_text(whole))),
}


@lru_cache(maxsize=1024)
def compile_expression(source: str) -> Expression:
    """Return the test of an expression; ValueError for what is malformed or not supported."""
    parser = _Parser(_tokens(source))
    test = parser.disjunction()
    if parser.at != len(parser.tokens):
        raise ValueError(f"elCondition: unexpected '{parser.tokens[parser.at][1]}'")
    return test


def _tokens(source: str) -> list[tuple[str, str]]:
    found, at, whole = [], 0, source.rstrip()
    while at < len(whole):
        token = TOKEN.match(whole, at)
        if not token or not token.lastgroup:
            raise ValueError(f"elCondition: unexpected character at {at}")
        word = token[token.lastgroup]
        joined = token.lastgroup == "name" and word in WORDS
        found.append(("mark", WORDS[word]) if joined else (token.lastgroup, word))
        at = token.end()
    return found


def _is_member(groups: Mapping[str, str], *asked: Mapping[str, Any]) -> bool:
    return any(_member(groups, one) for one in asked)


def _member(groups: Mapping[str, str], asked: Mapping[str, Any]) -> bool:
    ids, name, how = asked.get("group.id"), asked.get("group.profile.name"), asked.get("operator", "EXACT")
    wanted = {ids} if isinstance(ids, str) else set(ids or ())
    if wanted & set(groups):
        return True
    if name is None:
        return False
    if how == "STARTS_WITH":
        return any(one.startswith(name) for one in groups.values())
    if how == "EXACT":
        return name in groups.values()
    raise ValueError(f"elCondition: the operator {how} of isMemberOf is not supported")


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def mark(self, *marks: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "mark" and self.tokens[self.at][1] in marks:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def expect(self, mark: str) -> None:
        if not self.mark(mark):
            raise ValueError(f"elCondition: '{mark}' is missing")

    def take(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise ValueError("elCondition: the expression ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def disjunction(self) -> Expression:
        parts = [self.conjunction()]
        while self.mark("||"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda facts: any(part(facts) for part in parts)

    def conjunction(self) -> Expression:
        parts = [self.comparison()]
        while self.mark("&&"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else lambda facts: all(part(facts) for part in parts)

    def comparison(self) -> Expression:
        left = self.operand()
        operator = self.mark(*COMPARE)
        if not operator:
            return left
        right, compare = self.operand(), COMPARE[operator]

        def compared(facts: Mapping[str, Any]) -> bool:
            try:
                return compare(left(facts), right(facts))
            except TypeError as unlike:
                raise ValueError(f"elCondition: {unlike}") from unlike

        return compared

    def operand(self) -> Expression:
        if self.mark("!"):
            inner = self.operand()
            return lambda facts: not inner(facts)
        if self.mark("("):
            inside = self.disjunction()
            self.expect(")")
            return inside
        if self.mark("{"):
            return self.literal()
        kind, token = self.take()
        if kind in ("text", "number"):
            constant = token[1:-1] if kind == "text" else int(token)
            return lambda facts: constant
        if kind != "name":
            raise ValueError(f"elCondition: unexpected '{token}'")
        if token in CONSTANTS:
            return lambda facts: CONSTANTS[token]
        if token not in ROOTS:
            raise ValueError(f"elCondition: '{token}' is not supported; an expression reads {', '.join(ROOTS)}")
        return self.path(token)

    def path(self, root: str) -> Expression:
        def found(facts: Mapping[str, Any]) -> Any:
            return facts.get(root)

        value: Expression = found
        while self.mark("."):
            kind, name = self.take()
            if kind != "name":
                raise ValueError(f"elCondition: unexpected '{name}'")
            value = self.call(value, name) if self.mark("(") else _attribute(value, name)
        return value

    def call(self, subject: Expression, name: str) -> Expression:
        arguments: list[Expression] = []
        while not self.mark(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.disjunction())
        if name == "isMemberOf" and arguments:
            return lambda facts: _is_member(facts["groups"], *(one(facts) for one in arguments))
        if name not in METHODS:
            raise ValueError(f"elCondition: the method {name} is not supported")
        count, compute = METHODS[name]
        if len(arguments) != count:
            raise ValueError(f"elCondition: {name} takes {count} argument(s)")
        return lambda facts: compute(subject(facts), *(one(facts) for one in arguments))

    def literal(self) -> Expression:
        """Read a set `{a, b}` or a map `{'key': value}`."""
        keys: list[Expression] = []
        values: list[Expression] = []
        while not self.mark("}"):
            if keys:
                self.expect(",")
            keys.append(self.disjunction())
            if self.mark(":"):
                values.append(self.disjunction())
        if values and len(values) != len(keys):
            raise ValueError("elCondition: a map needs a value for each key")
        if values:
            return lambda facts: {key(facts): value(facts) for key, value in zip(keys, values, strict=True)}
        return lambda facts: [key(facts) for key in keys]


def _attribute(subject: Expression, name: str) -> Expression:
    def read(facts: Mapping[str, Any]) -> Any:
        whole = subject(facts)
        return whole.get(name) if isinstance(whole, Mapping) else None

    return read

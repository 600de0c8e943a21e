"""Custom expressions of authentication policy rules: the part of Okta's expression language that reads a sign-in.

Source: https://developer.okta.com/docs/reference/okta-expression-language-in-identity-engine/
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from twin.semantics.signon.expression_methods import METHODS, argument_counts, equal, groups_found, plus, truth, wrong
from twin.semantics.words import Words

Expression = Callable[[Mapping[str, Any]], Any]

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?)"""
    r"""|(?P<mark>==|!=|&&|\|\||<=|>=|[()!,<>{}:.?+-])|(?P<name>[A-Za-z_]\w*))"""
)
SYNONYMS = {"AND": "&&", "and": "&&", "OR": "||", "or": "||", "NOT": "!", "not": "!", "eq": "==", "ne": "!="}
CONSTANTS = {"true": True, "false": False, "null": None}
ROOTS = ("user", "device", "security", "accessRequest", "session")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


@lru_cache(maxsize=1024)
def compile_expression(source: str) -> Expression:
    """Return the test of an expression; ValueError for what is malformed or not supported."""
    parser = _Parser(source, TOKEN, wrong, SYNONYMS)
    test = parser.whole()
    parser.end()
    return _typed(truth, test)


class _Parser(Words):
    def whole(self) -> Expression:
        """Read a condition, or a choice between two values: condition ? one : other."""
        test = self.disjunction()
        if not self.mark("?"):
            return test
        one = self.whole()
        self.expect(":")
        other = self.whole()
        return lambda facts: one(facts) if truth(test(facts)) else other(facts)

    def disjunction(self) -> Expression:
        parts = [self.conjunction()]
        while self.mark("||"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda facts: any(truth(part(facts)) for part in parts)

    def conjunction(self) -> Expression:
        parts = [self.comparison()]
        while self.mark("&&"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else lambda facts: all(truth(part(facts)) for part in parts)

    def comparison(self) -> Expression:
        left = self.sum()
        operator = self.mark(*COMPARE)
        return _typed(COMPARE[operator], left, self.sum()) if operator else left

    def sum(self) -> Expression:
        left = self.operand()
        while self.mark("+"):
            left = _typed(plus, left, self.operand())
        return left

    def operand(self) -> Expression:
        if self.mark("!"):
            inner = self.operand()
            return lambda facts: not truth(inner(facts))
        if self.mark("("):
            inside = self.whole()
            self.expect(")")
            return self.path(inside)
        if self.mark("{"):
            return self.path(self.literal())
        sign = -1 if self.mark("-") else 1
        kind, token = self.take()
        if kind == "number":
            number = sign * (float(token) if "." in token else int(token))
            return lambda facts: number
        if sign < 0 or kind not in ("text", "name"):
            raise wrong(f"unexpected '{token}'")
        if kind == "text":
            constant = token[1:-1].replace("''", "'") if token[0] == "'" else token[1:-1]
            return self.path(lambda facts: constant)
        if token in CONSTANTS:
            return lambda facts: CONSTANTS[token]
        if token not in ROOTS:
            raise wrong(f"'{token}' is not supported; an expression reads {', '.join(ROOTS)}")
        return self.path(lambda facts: facts.get(token))

    def path(self, value: Expression) -> Expression:
        """Read the attributes and methods after a value."""
        while self.mark("."):
            kind, name = self.take()
            if kind != "name":
                raise wrong(f"unexpected '{name}'")
            value = self.call(value, name) if self.mark("(") else _attribute(value, name)
        return value

    def call(self, subject: Expression, name: str) -> Expression:
        arguments: list[Expression] = []
        while not self.mark(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.whole())
        if name == "isMemberOf" and arguments:
            return lambda facts: bool(groups_found(facts, *(one(facts) for one in arguments)))
        if name == "getGroups" and arguments:
            return lambda facts: groups_found(facts, *(one(facts) for one in arguments))
        counts = [str(count) for count in argument_counts(name)]
        if not counts:
            raise wrong(f"the method {name} is not supported")
        compute = METHODS.get((name, len(arguments)))
        if compute is None:
            raise wrong(f"{name} takes {' or '.join(counts)} argument(s)")
        return _typed(compute, subject, *arguments)

    def literal(self) -> Expression:
        """Read a set `{a, b}` or a map `{'key': value}`."""
        keys: list[Expression] = []
        values: list[Expression] = []
        while not self.mark("}"):
            if keys:
                self.expect(",")
            keys.append(self.disjunction())
            if self.mark(":"):
                values.append(self.whole())
        if values and len(values) != len(keys):
            raise wrong("a map needs a value for each key")
        if values:
            return lambda facts: {key(facts): value(facts) for key, value in zip(keys, values, strict=True)}
        return lambda facts: [key(facts) for key in keys]


def _typed(compute: Callable[..., Any], *parts: Expression) -> Expression:
    """Compute something of several values; values that do not go together are a mistake of the expression."""

    def computed(facts: Mapping[str, Any]) -> Any:
        try:
            return compute(*(part(facts) for part in parts))
        except TypeError as unlike:
            raise wrong(f"{unlike}") from unlike

    return computed


def _attribute(subject: Expression, name: str) -> Expression:
    def read(facts: Mapping[str, Any]) -> Any:
        whole = subject(facts)
        return whole.get(name) if isinstance(whole, Mapping) else None

    return read

"""Expressions of workflows: literals, contexts, operators, and the functions that decide whether a job runs.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<operator>==|!=|<=|>=|&&|\|\||[!<>().,\[\]])"
    r"|(?P<name>[A-Za-z_][\w-]*))"
)
PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
Status = Mapping[str, bool]


class BadExpression(Exception):
    """An expression that GitHub would not take, or that has a function that is not simulated."""


def evaluate(text: str, contexts: Mapping[str, Any], status: Status | None = None) -> Any:
    """Return what an expression comes to; `status` answers success(), failure(), cancelled() and always()."""
    parser = _Parser(_tokens(text), contexts, status or {})
    value = parser.either()
    if parser.rest:
        raise BadExpression(f"unexpected {parser.rest[0][1]!r} in {text!r}")
    return value


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    """Return a text with every `${{ … }}` replaced by what it comes to."""
    return PLACE.sub(lambda found: _written(evaluate(found[1], contexts)), text)


def truthy(value: Any) -> bool:
    """Tell whether a value counts as true."""
    return value not in (None, False, 0, "")


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadExpression(f"unexpected {text[at:].strip()[:1]!r} in {text!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    """Reads tokens from the left and computes on the way; nothing of GitHub's expressions has a side effect."""

    def __init__(self, rest: list[tuple[str, str]], contexts: Mapping[str, Any], status: Status) -> None:
        self.rest, self.contexts, self.status = rest, contexts, status

    def _next(self, *wanted: str) -> str | None:
        if self.rest and self.rest[0][0] == "operator" and self.rest[0][1] in wanted:
            return self.rest.pop(0)[1]
        return None

    def _need(self, wanted: str) -> None:
        if self._next(wanted) is None:
            raise BadExpression(f"{wanted!r} is missing")

    def either(self) -> Any:
        value = self._both()
        while self._next("||"):
            other = self._both()
            value = value if truthy(value) else other
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self._next("&&"):
            other = self._equal()
            value = other if truthy(value) else value
        return value

    def _equal(self) -> Any:
        value = self._ordered()
        while (operator := self._next("==", "!=")) is not None:
            same = _same(value, self._ordered())
            value = same if operator == "==" else not same
        return value

    def _ordered(self) -> Any:
        value = self._not()
        while (operator := self._next(*ORDERED)) is not None:
            one, other = _number(value), _number(self._not())
            value = one is not None and other is not None and ORDERED[operator](one, other)
        return value

    def _not(self) -> Any:
        if self._next("!"):
            return not truthy(self._not())
        return self._value()

    def _value(self) -> Any:
        if self._next("("):
            value = self.either()
            self._need(")")
            return value
        if not self.rest:
            raise BadExpression("the expression ends too early")
        kind, text = self.rest.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind == "operator":
            raise BadExpression(f"unexpected {text!r}")
        if text.lower() in WORDS:
            return WORDS[text.lower()]
        if self._next("("):
            return self._called(text)
        if text not in self.contexts:
            raise BadExpression(f"unrecognized named-value: {text!r}")
        return self._looked_up(self.contexts[text])

    def _looked_up(self, value: Any) -> Any:
        while (operator := self._next(".", "[")) is not None:
            if operator == ".":
                if not self.rest or self.rest[0][0] != "name":
                    raise BadExpression("a name is missing after '.'")
                key: Any = self.rest.pop(0)[1]
            else:
                key = self.either()
                self._need("]")
            value = _member(value, key)
        return value

    def _called(self, name: str) -> Any:
        given = []
        if not self._next(")"):
            given.append(self.either())
            while self._next(","):
                given.append(self.either())
            self._need(")")
        if name in self.status:
            return self.status[name]
        if name not in FUNCTIONS:
            raise BadExpression(f"the function {name} is not simulated")
        return FUNCTIONS[name](*given)


def _member(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        lowered = {str(name).lower(): one for name, one in value.items()}
        return lowered.get(str(key).lower())
    if isinstance(value, list) and isinstance(key, float) and 0 <= key < len(value):
        return value[int(key)]
    return None


def _same(one: Any, other: Any) -> bool:
    """Compare as GitHub does: texts without case, different types as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return bool(one == other)
    left, right = _number(one), _number(other)
    return left is not None and left == right


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None


def _contains(held: Any, item: Any) -> bool:
    if isinstance(held, list):
        return any(_same(one, item) for one in held)
    return _written(item).lower() in _written(held).lower()


def _format(text: Any, *values: Any) -> str:
    return re.sub(r"\{(\d+)\}", lambda found: _written(values[int(found[1])]), _written(text))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "startsWith": lambda text, start: _written(text).lower().startswith(_written(start).lower()),
    "endsWith": lambda text, end: _written(text).lower().endswith(_written(end).lower()),
    "format": _format,
}

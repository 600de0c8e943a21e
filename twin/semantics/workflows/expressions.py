"""Expressions of workflows: literals, contexts, operators, and the functions that decide whether a job runs.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from twin.semantics.words import Words

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<mark>==|!=|<=|>=|&&|\|\||[!<>().,\[\]])"
    r"|(?P<name>[A-Za-z_][\w-]*))"
)
PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
Status = Mapping[str, bool]


class BadExpression(Exception):
    """An expression that GitHub would not take, or that has a function that is not simulated."""


def evaluate(text: str, contexts: Mapping[str, Any], status: Status | None = None) -> Any:
    """Return what an expression comes to; `status` answers success(), failure(), cancelled() and always()."""
    parser = _Parser(text, contexts, status or {})
    value = parser.either()
    parser.end()
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


class _Parser(Words):
    """Computes on the way; nothing of GitHub's expressions has a side effect."""

    def __init__(self, text: str, contexts: Mapping[str, Any], status: Status) -> None:
        super().__init__(text, TOKEN, lambda what: BadExpression(f"{what} in {text!r}"))
        self.contexts, self.status = contexts, status

    def either(self) -> Any:
        value = self._both()
        while self.mark("||"):
            other = self._both()
            value = value if truthy(value) else other
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self.mark("&&"):
            other = self._equal()
            value = other if truthy(value) else value
        return value

    def _equal(self) -> Any:
        value = self._ordered()
        while operator := self.mark("==", "!="):
            same = _same(value, self._ordered())
            value = same if operator == "==" else not same
        return value

    def _ordered(self) -> Any:
        value = self._not()
        while operator := self.mark(*ORDERED):
            one, other = _number(value), _number(self._not())
            value = one is not None and other is not None and ORDERED[operator](one, other)
        return value

    def _not(self) -> Any:
        if self.mark("!"):
            return not truthy(self._not())
        return self._value()

    def _value(self) -> Any:
        if self.mark("("):
            value = self.either()
            self.expect(")")
            return value
        kind, text = self.take()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind == "mark":
            raise self.wrong(f"unexpected {text!r}")
        if text.lower() in CONSTANTS:
            return CONSTANTS[text.lower()]
        if self.mark("("):
            return self._called(text)
        if text not in self.contexts:
            raise self.wrong(f"unrecognized named-value: {text!r}")
        return self._looked_up(self.contexts[text])

    def _looked_up(self, value: Any) -> Any:
        while operator := self.mark(".", "["):
            if operator == ".":
                kind, key = self.take()
                if kind != "name":
                    raise self.wrong("a name is missing after '.'")
            else:
                key = self.either()
                self.expect("]")
            value = _member(value, key)
        return value

    def _called(self, name: str) -> Any:
        given = []
        if not self.mark(")"):
            given.append(self.either())
            while self.mark(","):
                given.append(self.either())
            self.expect(")")
        if name in self.status:
            return self.status[name]
        if name not in FUNCTIONS:
            raise self.wrong(f"the function {name} is not simulated")
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

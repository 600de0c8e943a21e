"""Conditions of filter patterns on JSON and space-delimited log events: parsed once, judged on what an event holds.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

Values = Callable[[str], list[Any]]
ORDERS: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt}
SPACE = re.compile(r"\s*")
LEFT = re.compile(r"\$(?:\.?[\w:@/-]+|\[(?:\d+|\*)\]|\.?\[\"[^\"]+\"\]|\.?\['[^']+'\])+|[A-Za-z_]\w*")
OPERATOR = re.compile(r"!=|>=|<=|=|>|<|IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS|EXISTS", re.IGNORECASE)
RIGHT = re.compile(r'"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s()&|,\]}]+)')
STEP = re.compile(r"\.?([\w:@/-]+)|\[(\d+|\*)\]|\.?\[\"([^\"]+)\"\]|\.?\['([^']+)'\]")


class PatternError(ValueError):
    """A filter pattern that cannot be read."""


@dataclass(frozen=True, slots=True)
class Condition:
    """AND and OR of `parts`, or one comparison of what `left` names."""

    kind: str
    parts: tuple["Condition", ...] = ()
    left: str = ""
    wanted: "re.Pattern[str] | None" = None
    number: float | None = None

    def holds(self, values: Values) -> bool:
        """Tell whether an event meets the condition; what is absent meets NOT EXISTS only."""
        if self.kind == "AND":
            return all(part.holds(values) for part in self.parts)
        if self.kind == "OR":
            return any(part.holds(values) for part in self.parts)
        found = values(self.left)
        if self.kind in ("NOT EXISTS", "EXISTS"):
            return bool(found) == (self.kind == "EXISTS")
        return any(self._one(value) for value in found)

    def _one(self, value: Any) -> bool:
        if self.kind.startswith("IS"):
            return value is {"IS NULL": None, "IS TRUE": True, "IS FALSE": False}[self.kind]
        if self.kind in ORDERS:
            number = as_number(value)
            return number is not None and self.number is not None and ORDERS[self.kind](number, self.number)
        return self._equals(value) == (self.kind == "=")

    def _equals(self, value: Any) -> bool:
        if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
            return False
        if self.number is not None and as_number(value) == self.number:
            return True
        return self.wanted is not None and self.wanted.search(str(value)) is not None


def as_number(value: Any) -> float | None:
    """Return what a value is as a number; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def parse_condition(text: str) -> Condition:
    """Read a condition; PatternError when it is none. `&&` binds closer than `||`."""
    reader = _Reader(text)
    condition = reader.either()
    if reader.place != len(text):
        raise PatternError(f"unexpected text at position {reader.place}")
    return condition


def select(event: Any, selector: str) -> list[Any]:
    """Return what a selector (`$.a.b[0]`) finds in a JSON event; `[*]` finds every element."""
    found, place = [event], 1
    while place < len(selector):
        step = STEP.match(selector, place)
        if step is None:
            return []
        place = step.end()
        name = step[1] or step[3] or step[4]
        found = [inner for outer in found for inner in _inner(outer, name, step[2])]
    return found


def _inner(outer: Any, name: str | None, index: str | None) -> list[Any]:
    if name is not None:
        return [outer[name]] if isinstance(outer, dict) and name in outer else []
    if not isinstance(outer, list):
        return []
    return outer if index == "*" else outer[int(index or 0) : int(index or 0) + 1]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self._skip()

    def _skip(self) -> None:
        found = SPACE.match(self.text, self.place)
        self.place = found.end() if found else self.place

    def _takes(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.place):
            return False
        self.place += len(mark)
        self._skip()
        return True

    def either(self) -> Condition:
        parts = [self.both()]
        while self._takes("||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Condition("OR", tuple(parts))

    def both(self) -> Condition:
        parts = [self.one()]
        while self._takes("&&"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Condition("AND", tuple(parts))

    def one(self) -> Condition:
        if self._takes("("):
            inner = self.either()
            if not self._takes(")"):
                raise PatternError(f"a closing parenthesis is wanted at position {self.place}")
            return inner
        left = self._match(LEFT, "a property")
        kind = re.sub(r"\s+", " ", self._match(OPERATOR, "an operator")[0]).upper()
        if kind.endswith(("NULL", "TRUE", "FALSE", "EXISTS")):
            return Condition(kind, left=left[0])
        right = self._match(RIGHT, "a value")
        return _comparison(kind, left[0], right)

    def _match(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        found = pattern.match(self.text, self.place)
        if found is None:
            raise PatternError(f"{what} is wanted at position {self.place}")
        self.place = found.end()
        self._skip()
        return found


def _comparison(kind: str, left: str, right: re.Match[str]) -> Condition:
    quoted, expression, bare = right.groups()
    if expression is not None:
        try:
            return Condition(kind, left=left, wanted=re.compile(expression))
        except re.error as wrong:
            raise PatternError(f"no regular expression: {expression}") from wrong
    text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
    number = as_number(bare) if bare is not None else None
    if kind in ORDERS and number is None:
        raise PatternError(f"a number is wanted, not {text}")
    wanted = re.compile("^" + ".*".join(re.escape(part) for part in text.split("*")) + r"\Z", re.DOTALL)
    return Condition(kind, left=left, wanted=wanted, number=number)

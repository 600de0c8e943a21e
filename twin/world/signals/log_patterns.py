"""Filter patterns of CloudWatch Logs: terms, JSON and space-delimited fields, and what a matching event yields.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from twin.world.signals.log_conditions import Condition, PatternError, parse_condition, select

TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|(\S+))\s*')
FIELD = re.compile(r'\[([^\]]*)\]|"([^"]*)"|(\S+)')
PLAIN = re.compile(r"[\w:@#$./*-]+$")
NAME = re.compile(r"\s*([A-Za-z_]\w*)\s*")
Extracted = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogPattern:
    """A pattern; `match` returns what the event yields (`$name` or a selector to a value), None when it differs."""

    text: str
    match: Callable[[str], Extracted | None]


@cache
def compile_pattern(text: str) -> LogPattern:
    """Read a pattern; PatternError when it is none."""
    bare = text.strip()
    if bare.startswith("{"):
        return LogPattern(text, _json(bare))
    if bare.startswith("["):
        return LogPattern(text, _fields(bare))
    return LogPattern(text, _terms(bare))


def value_of(written: str, message: str, extracted: Extracted) -> str | None:
    """Return a value of a metric transformation: a literal, a field (`$bytes`) or a selector of JSON (`$.latency`)."""
    if not written.startswith("$"):
        return written
    if written[1:2] not in (".", "["):
        found = extracted.get(written)
        return None if found is None else str(found)
    event = _read(message)
    values = select(event, written) if event is not None else []
    plain = [value for value in values if isinstance(value, (str, int, float)) and not isinstance(value, bool)]
    return str(plain[0]) if plain else None


def _read(message: str) -> Any:
    try:
        event = json.loads(message)
    except ValueError:
        # An event that is no JSON matches no pattern on JSON.
        return None
    return event if isinstance(event, (dict, list)) else None


def _json(text: str) -> Callable[[str], Extracted | None]:
    if not text.endswith("}"):
        raise PatternError("a closing brace is wanted")
    condition = parse_condition(text[1:-1])
    if any(not left.startswith("$") for left in _lefts(condition)):
        raise PatternError("a property is written $.name")

    def match(message: str) -> Extracted | None:
        event = _read(message)
        if event is None:
            return None
        return {} if condition.holds(lambda left: select(event, left)) else None

    return match


def _lefts(condition: Condition) -> list[str]:
    return [condition.left] if condition.left else [left for part in condition.parts for left in _lefts(part)]


def _terms(text: str) -> Callable[[str], Extracted | None]:
    wanted: list[Callable[[str], bool]] = []
    optional: list[Callable[[str], bool]] = []
    for sign, quoted, expression, bare in TERM.findall(text):
        test = _term(quoted, expression, bare)
        if sign == "-":
            wanted.append(lambda message, test=test: not test(message))  # type: ignore[misc]
        else:
            (optional if sign == "?" else wanted).append(test)

    def match(message: str) -> Extracted | None:
        # With other terms beside them, those after a question mark decide nothing.
        if not all(test(message) for test in wanted):
            return None
        return {} if wanted or not optional or any(test(message) for test in optional) else None

    return match


def _term(quoted: str, expression: str, bare: str) -> Callable[[str], bool]:
    if expression:
        try:
            found = re.compile(expression)
        except re.error as wrong:
            raise PatternError(f"no regular expression: {expression}") from wrong
        return lambda message: found.search(message) is not None
    if bare and not PLAIN.match(bare):
        raise PatternError(f"a term with other characters than letters and digits stands in quotes: {bare}")
    text = bare or re.sub(r"\\(.)", r"\1", quoted)
    return lambda message: text in message


def _fields(text: str) -> Callable[[str], Extracted | None]:
    if not text.endswith("]"):
        raise PatternError("a closing bracket is wanted")
    fields = [_field(part.strip(), number) for number, part in enumerate(_split(text[1:-1]))]
    dots = [number for number, (name, _) in enumerate(fields) if name == "..."]
    if len(dots) > 1:
        raise PatternError("an ellipsis stands once")

    def match(message: str) -> Extracted | None:
        values = [next((part for part in found if part), "") for found in FIELD.findall(message)]
        wanted = list(fields)
        if dots:
            extra = len(values) - (len(fields) - 1)
            if extra < 0:
                return None
            wanted[dots[0] : dots[0] + 1] = [("", None)] * extra
        if len(values) != len(wanted):
            return None
        for (name, condition), value in zip(wanted, values, strict=True):
            if condition is not None and not condition.holds(lambda left, n=name, v=value: [v] if left == n else []):  # type: ignore[misc]
                return None
        return {f"${name}": value for (name, _), value in zip(wanted, values, strict=True) if name}

    return match


def _split(text: str) -> list[str]:
    """Split at commas outside of quotes."""
    return re.findall(r'(?:"[^"]*"|%[^%]*%|[^,])+', text) or [text]


def _field(text: str, number: int) -> tuple[str, Condition | None]:
    if text == "...":
        return "...", None
    found = NAME.match(text)
    if found is None:
        raise PatternError(f"field {number + 1} has no name: {text}")
    return found[1], parse_condition(text) if found.end() < len(text) else None

"""EventBridge event patterns."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.resources.aws.facts import facts
from twin.resources.canonical import text
from twin.resources.resource import Problem


def pattern_problems(pattern: Mapping[str, Any], field: str) -> Iterator[Problem]:
    """Check a pattern's form: names, down to lists of values or of known matchers (EventBridge user guide)."""
    if not pattern:
        yield Problem("TW0488", "an empty pattern matches nothing", field)
    size = facts("services")["events.pattern_size"]
    if len(text(pattern)) > size:
        yield Problem("TW0488", f"the pattern has {len(text(pattern)):,} characters; {size:,} are allowed", field)
    for reason in _level(pattern, ""):
        yield Problem("TW0488", reason, field)


def _level(part: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, value in part.items():
        here = f"{path}.{name}" if path else name
        if name == "$or" and isinstance(value, list):
            for item in value:
                yield from (
                    _level(item, here) if isinstance(item, Mapping) else [f"{here} holds {item!r}, not a pattern"]
                )
        elif isinstance(value, Mapping):
            yield from _level(value, here) if value else [f"{here} is empty"]
        elif not isinstance(value, list):
            yield f"{here} is {value!r}; it has to be a list"
        elif not value:
            yield f"{here} is an empty list, which matches nothing"
        else:
            yield from (reason for item in value if (reason := _value(item, here)))


def _value(item: Any, path: str) -> str | None:
    if isinstance(item, list):
        return f"{path} holds a list in a list"
    if not isinstance(item, Mapping):
        return None
    known = facts("services")["events.matchers"]
    if len(item) != 1 or next(iter(item)) not in known:
        return f"{path}: {text(item)} is no matcher; there are {', '.join(known)}"
    return None

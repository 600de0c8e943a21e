"""Event patterns of EventBridge: checked when they are written, judged on an event.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import ipaddress
import json
from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt
from typing import Any

from twin.semantics.events.wildcards import matches_wildcard

ORDERS: dict[str, Callable[[float, float], bool]] = {"=": eq, ">=": ge, "<=": le, ">": gt, "<": lt}
LARGEST = 5_000_000_000
ABSENT = object()
OR = "$or"


class EventPatternError(ValueError):
    """A pattern that EventBridge would not take; its text says why."""


def read_pattern(text: str) -> dict[str, Any]:
    """Read and check a pattern; EventPatternError when it is none."""
    try:
        pattern = json.loads(text)
    except ValueError as wrong:
        raise EventPatternError("Unable to parse JSON") from wrong
    _check(pattern, "")
    return dict(pattern)


def event_matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Tell whether an event, or one element of a list of them, meets every field of a pattern."""
    if isinstance(event, list):
        return any(event_matches(pattern, one) for one in event)
    for name, wanted in pattern.items():
        if name == OR:
            if not any(event_matches(one, event) for one in wanted):
                return False
        elif not _field(wanted, event.get(name, ABSENT) if isinstance(event, dict) else ABSENT):
            return False
    return True


def _field(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        # A field that must be absent may be so because what would hold it is.
        return event_matches(wanted, {} if found is ABSENT else found)
    if found.__class__ is str:
        if found in wanted:
            return True
        if all(matcher.__class__ is not dict for matcher in wanted):
            return False
    values = found if isinstance(found, list) else [found]
    return any(_one(matcher, value) for matcher in wanted for value in values or [ABSENT])


def _one(matcher: Any, value: Any) -> bool:
    if not isinstance(matcher, dict):
        return value is not ABSENT and _same(matcher, value)
    kind, wanted = next(iter(matcher.items()))
    if kind == "exists":
        return bool((value is not ABSENT and not isinstance(value, dict)) == wanted)
    return value is not ABSENT and MATCHERS[kind](wanted, value)


def _same(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool) or wanted is None or value is None:
        return wanted is value
    return (type(wanted) is type(value) and wanted == value) or (_numbers(wanted, value) and wanted == value)


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def _starts(wanted: Any, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if isinstance(wanted, dict):
        return value.lower().startswith(wanted["equals-ignore-case"].lower())
    return value.startswith(wanted)


def _ends(wanted: Any, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if isinstance(wanted, dict):
        return value.lower().endswith(wanted["equals-ignore-case"].lower())
    return value.endswith(wanted)


def _but(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        kind, texts = next(iter(wanted.items()))
        if not isinstance(value, str):
            return True
        return not any(MATCHERS[kind](text, value) for text in (texts if isinstance(texts, list) else [texts]))
    return not any(_same(one, value) for one in (wanted if isinstance(wanted, list) else [wanted]))


def _ordered(wanted: list[Any], value: Any) -> bool:
    if not _numbers(value):
        return False
    return all(ORDERS[sign](value, limit) for sign, limit in zip(wanted[::2], wanted[1::2], strict=True))


def _within(wanted: str, value: Any) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted)
    except ValueError:
        return False


def _alike(wanted: str, value: Any) -> bool:
    return isinstance(value, str) and value.lower() == wanted.lower()


def _wild(wanted: str, value: Any) -> bool:
    return isinstance(value, str) and matches_wildcard(wanted, value)


MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": _starts,
    "suffix": _ends,
    "anything-but": _but,
    "numeric": _ordered,
    "cidr": _within,
    "equals-ignore-case": _alike,
    "wildcard": _wild,
}


def _check(pattern: Any, path: str) -> None:
    if not isinstance(pattern, dict):
        raise EventPatternError("Filter is not an object")
    if not pattern:
        raise EventPatternError("Empty objects are not allowed")
    for name, wanted in pattern.items():
        place = f"{path}.{name}" if path else name
        if name == OR:
            if not isinstance(wanted, list) or len(wanted) < 2:
                raise EventPatternError('"$or" must be an array of at least two patterns')
            for one in wanted:
                _check(one, path)
        elif isinstance(wanted, dict):
            _check(wanted, place)
        elif not isinstance(wanted, list):
            raise EventPatternError(f'"{place}" must be an object or an array')
        elif not wanted:
            raise EventPatternError("Empty arrays are not allowed")
        else:
            for matcher in wanted:
                _check_matcher(matcher)


def _check_matcher(matcher: Any) -> None:
    if isinstance(matcher, list):
        raise EventPatternError("Nested arrays are not allowed")
    if not isinstance(matcher, dict):
        return
    if len(matcher) != 1:
        raise EventPatternError("Only one key allowed in match expression")
    kind, wanted = next(iter(matcher.items()))
    check = CHECKS.get(kind)
    if check is None:
        raise EventPatternError(f"Unrecognized match type {kind}")
    if not check(wanted):
        raise EventPatternError(f"{kind} match pattern is not valid")


def _is_affix(wanted: Any) -> bool:
    return _is_text(wanted) or (isinstance(wanted, dict) and list(wanted) == ["equals-ignore-case"])


def _is_text(wanted: Any) -> bool:
    return isinstance(wanted, str)


def _is_numeric(wanted: Any) -> bool:
    if not isinstance(wanted, list) or len(wanted) not in (2, 4):
        return False
    limits = wanted[1::2]
    return all(sign in ORDERS for sign in wanted[::2]) and _numbers(*limits) and all(abs(n) <= LARGEST for n in limits)


def _is_network(wanted: Any) -> bool:
    try:
        return bool(ipaddress.ip_network(wanted))
    except ValueError:
        return False


def _is_excluded(wanted: Any) -> bool:
    if isinstance(wanted, dict):
        if len(wanted) != 1 or next(iter(wanted)) not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            return False
        texts = next(iter(wanted.values()))
        return all(isinstance(text, str) for text in (texts if isinstance(texts, list) else [texts]))
    values = wanted if isinstance(wanted, list) else [wanted]
    return bool(values) and all(isinstance(v, (str, int, float)) and not isinstance(v, bool) for v in values)


CHECKS: dict[str, Callable[[Any], bool]] = {
    "prefix": _is_affix,
    "suffix": _is_affix,
    "anything-but": _is_excluded,
    "numeric": _is_numeric,
    "exists": lambda wanted: isinstance(wanted, bool),
    "cidr": _is_network,
    "equals-ignore-case": _is_text,
    "wildcard": lambda wanted: isinstance(wanted, str) and "**" not in wanted,
}

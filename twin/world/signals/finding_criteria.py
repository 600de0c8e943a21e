"""Criteria by which findings of GuardDuty are listed and suppressed.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListFindings.html
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

ORDERS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThan": lambda value, limit: value > limit,
    "GreaterThanOrEqual": lambda value, limit: value >= limit,
    "LessThan": lambda value, limit: value < limit,
    "LessThanOrEqual": lambda value, limit: value <= limit,
}
OLD = {"Eq": "Equals", "Neq": "NotEquals", "Gt": "GreaterThan", "Gte": "GreaterThanOrEqual", "Lt": "LessThan",
       "Lte": "LessThanOrEqual"}  # fmt: skip


def meets(finding: Mapping[str, Any], criteria: Mapping[str, Any] | None) -> bool:
    """Tell whether a finding meets every criterion; a field is written `service.archived`, `severity`."""
    wanted = (criteria or {}).get("Criterion") or {}
    return all(_one(value_at(finding, field), conditions) for field, conditions in wanted.items())


def value_at(finding: Mapping[str, Any], field: str) -> Any:
    """Return the value of a field; None where there is none."""
    value: Any = finding
    for part in field.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, Mapping):
            return None
        value = next((kept for name, kept in value.items() if name.lower() == part.lower()), None)
    return value


def _one(value: Any, conditions: Mapping[str, Any]) -> bool:
    for written, wanted in conditions.items():
        if wanted in (None, []):
            continue
        operator = OLD.get(written, written)
        if operator in ORDERS:
            number = _number(value)
            if number is None or not ORDERS[operator](number, float(wanted)):
                return False
            continue
        met = any(fnmatchcase(_text(value), one) if "Matches" in operator else _text(value) == one for one in wanted)
        if met == operator.startswith("Not"):
            return False
    return True


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> float | None:
    """Return a number; an instant as milliseconds since 1970, as criteria write it."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC).timestamp() * 1000
    except ValueError:
        return None

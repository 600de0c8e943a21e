"""Priorities of policies and rules: a place is taken, the others move, the system's own stays last."""

from collections.abc import Iterable

from twin.world.saas.okta.state import Record


def place(records: Iterable[Record], record: Record, wanted: int | None) -> None:
    """Give `record` the priority asked for (last when none) and number the others around it without gaps."""
    others = sorted((one for one in records if one is not record and not one["system"]), key=_priority)
    first = min([1, *(one["priority"] for one in others), *([wanted] if wanted is not None else [])])
    at = len(others) if wanted is None else min(wanted - first, len(others))
    for number, one in enumerate([*others[:at], record, *others[at:]], start=first):
        one["priority"] = number


def close_gaps(records: Iterable[Record]) -> None:
    """Number what is left after a deletion."""
    left = sorted((one for one in records if not one["system"]), key=_priority)
    first = min([1, *(one["priority"] for one in left)])
    for number, one in enumerate(left, start=first):
        one["priority"] = number


def _priority(record: Record) -> int:
    return int(record["priority"])

"""When nobody is on call by an escalation policy: to the second, over a year in which clocks change and layers end.

Between two changes of the clocks and of the layers, whether somebody is depends on the local time of the week alone, so
that a week of each such stretch, looked at wherever a restriction begins or ends, shows every gap.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from twin.semantics.oncall.escalation import Find, next_level
from twin.semantics.oncall.rotation import DAY, WEEK, instant, restricted_from

Record = Mapping[str, Any]
YEAR = timedelta(days=366)
SECOND = timedelta(seconds=1)


class Stretch(NamedTuple):
    """A time in which all the while somebody is on call, or nobody is."""

    start: datetime
    end: datetime
    covered: bool


def weeks(policy: Record, at: datetime, schedule_of: Find) -> Iterator[list[Stretch]]:
    """Yield a week, or what there is of it, for each combination of clocks and layers in the year from `at` on."""
    named = [one["id"] for rule in policy["escalation_rules"] for one in rule["targets"]]
    schedules = [one for one in map(schedule_of, dict.fromkeys(named)) if one is not None]
    for start, end in pairwise(sorted({at, at + YEAR, *_changes(schedules, at)})):
        until = min(end, start + WEEK)
        turns = sorted({start, until, *_turns(schedules, start, until)})
        found: list[Stretch] = []
        for one, other in pairwise(turns):
            covered = next_level(policy, 0, one, schedule_of) is not None
            if found and found[-1].covered == covered:
                found[-1] = found[-1]._replace(end=other)
            else:
                found.append(Stretch(one, other, covered))
        yield found


def _changes(schedules: list[Record], at: datetime) -> Iterator[datetime]:
    """Yield when a clock changes, or a layer begins or ends, within a year."""
    for schedule in schedules:
        zone = str(schedule["time_zone"])
        yield from clock_changes(zone, at)
        for layer in schedule["schedule_layers"]:
            ends = [instant(layer[name], zone) for name in ("start", "end") if layer.get(name)]
            yield from (one for one in ends if at < one < at + YEAR)


@cache
def clock_changes(zone: str, at: datetime) -> tuple[datetime, ...]:
    """Return the instants of the year from `at` on at which a zone's offset changes."""
    days = [at + DAY * count for count in range(YEAR.days + 1)]
    return tuple(
        _change(zone, one, other) for one, other in pairwise(days) if _offset(zone, one) != _offset(zone, other)
    )


def _change(zone: str, before: datetime, after: datetime) -> datetime:
    while after - before > SECOND:
        middle = before + (after - before) // 2
        before, after = (middle, after) if _offset(zone, middle) == _offset(zone, before) else (before, middle)
    return after.replace(microsecond=0)


def _offset(zone: str, at: datetime) -> timedelta:
    found = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found


def _turns(schedules: list[Record], start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield when restrictions begin and end, between two instants in which no clock changes."""
    for schedule in schedules:
        offset = _offset(str(schedule["time_zone"]), start)
        for layer in schedule["schedule_layers"]:
            for one in layer.get("restrictions") or ():
                length = timedelta(seconds=one["duration_seconds"])
                begin, period = restricted_from(one, (start + offset).replace(tzinfo=None))
                first = (begin - offset).replace(tzinfo=UTC)
                for count in range(-2, WEEK // period + 2):
                    turns = (first + period * count, first + period * count + length)
                    yield from (turn for turn in turns if start < turn < end)

"""Who is on call at an instant by the layers of a schedule.

https://support.pagerduty.com/main/docs/schedule-basics: within a layer people take turns from the virtual start of
its rotation on; where layers overlap the later one takes precedence, and a restriction leaves gaps.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Record = Mapping[str, Any]
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def instant(text: str, zone: str = "UTC") -> datetime:
    """Read an instant as PagerDuty takes it; one without an offset is in the schedule's zone."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def on_call(schedule: Record, at: datetime, overrides: Sequence[Record] = ()) -> str | None:
    """Return the id of who is on call; None in a gap of the schedule."""
    zone = str(schedule["time_zone"])
    for override in reversed(overrides):
        if instant(override["start"], zone) <= at < instant(override["end"], zone):
            return str(override["user"]["id"])
    for layer in reversed(schedule["schedule_layers"]):
        found = layer_on_call(layer, at, zone)
        if found is not None:
            return found
    return None


def layer_on_call(layer: Record, at: datetime, zone: str) -> str | None:
    """Return the id of whose turn it is in a layer; None before its start, after its end and outside restrictions."""
    users, end = layer["users"], layer.get("end")
    if not users or at < instant(layer["start"], zone) or (end and at >= instant(end, zone)):
        return None
    restrictions = layer.get("restrictions") or ()
    if restrictions and not any(_within(one, at, zone) for one in restrictions):
        return None
    # Turns are counted in the schedule's own time, so that a handover stays at its hour when clocks change.
    since = _local(at, zone) - _local(instant(layer["rotation_virtual_start"], zone), zone)
    turn = int(since // timedelta(seconds=layer["rotation_turn_length_seconds"]))
    return str(users[turn % len(users)]["user"]["id"])


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _within(restriction: Record, at: datetime, zone: str) -> bool:
    local = _local(at, zone)
    begin, period = restricted_from(restriction, local)
    length = timedelta(seconds=restriction["duration_seconds"])
    return any(begin + shift <= local < begin + shift + length for shift in (-period, timedelta(0)))


def restricted_from(restriction: Record, local: datetime) -> tuple[datetime, timedelta]:
    """Return when a restriction begins on a local day, or in the week of it, and how often it does."""
    hour, minute, second = (int(part) for part in restriction["start_time_of_day"].split(":"))
    begin = local.replace(hour=hour, minute=minute, second=second, microsecond=0)
    if restriction["type"] != "weekly_restriction":
        return begin, DAY
    return begin - DAY * (local.isoweekday() - int(restriction["start_day_of_week"])), WEEK

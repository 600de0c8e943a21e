"""The monitors of Datadog as sources of trouble: whom their messages call, and what keeps them silent, as read back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from twin.observe.source import Source
from twin.semantics.oncall.mentions import called, mentions
from twin.semantics.oncall.silence import EVERY, covers, scope_tags

Record = Mapping[str, Any]
Datadog = Callable[[str], Any]
"""Reads a path of Datadog's API, all pages of it; None when nothing is there."""
MONITORS, DOWNTIMES = "/api/v1/monitor", "/api/v2/downtime"
SERVICE = "/api/v1/integration/pagerduty/configuration/services"
UNKNOWN, PAGER, ALL = "unknown:", "pagerduty:", "*"


def read_monitors(read: Datadog, at: datetime) -> list[Source]:
    """Read the monitors; a service of PagerDuty that Datadog does not know is told by the prefix `unknown:`."""
    monitors: list[Record] = read(MONITORS)
    downtimes: list[Record] = read(DOWNTIMES) if monitors else []
    names = sorted({name for one in monitors for name in mentions(one["message"]).services})
    known = {name for name in names if read(f"{SERVICE}/{name}") is not None}
    return [_source(one, downtimes, known, at=at) for one in monitors]


def _source(monitor: Record, downtimes: list[Record], known: set[str], *, at: datetime) -> Source:
    found = called(monitor["message"])
    tells = [f"{PAGER}{name}" for name in (*sorted(found.services & known), *([ALL] if found.every_service else ()))]
    tells += [f"{UNKNOWN}{name}" for name in sorted(mentions(monitor["message"]).services - known)]
    tells += [f"mailto:{name}" for name in found.others]
    return Source("monitor", f"datadog:monitor/{monitor['id']}", "", tuple(tells), _muted(monitor, downtimes, at))


def _muted(monitor: Record, downtimes: list[Record], at: datetime) -> str:
    """Say what silences all of a monitor, and until when; empty where nothing does."""
    silenced = (monitor["options"].get("silenced") or {}).items()
    ends = [until for scope, until in silenced if scope == EVERY]
    if None in ends or any(until > at.timestamp() for until in ends):
        return "it is muted" + (" for good" if None in ends else "")
    for one in downtimes:
        told = one["attributes"]
        if told["status"] == "active" and _on(told, monitor):
            end = told["schedule"].get("end")
            return f"the downtime {one['id']} mutes it {f'until {end}' if end else 'for good'}"
    return ""


def _on(downtime: Record, monitor: Record) -> bool:
    whom, tags = downtime["monitor_identifier"], scope_tags(downtime["scope"])
    if tags is None or ("monitor_id" in whom and whom["monitor_id"] != monitor["id"]):
        return False
    return covers(tags, whom.get("monitor_tags") or (), tags=monitor["tags"])

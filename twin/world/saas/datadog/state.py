"""The true state of one Datadog organization: plain dictionaries that pickle, in the vendor's field names."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.datadog.errors import invalid
from twin.world.saas.datadog.rate_limits import Windows
from twin.world.saas.router import Hit, Router
from twin.world.saas.shape import misshapen

Record = dict[str, Any]
Tags = frozenset[str]


@dataclass(slots=True)
class Organization:
    """One organization; `series` maps a metric and its tags to points by their second.

    `tell` hears what happens in it (`datadog.monitor.changed`); evaluations stand on the agenda, `due` says at which
    instants already.
    """

    agenda: Agenda
    ids: Ids
    api_key: str = field(repr=False)
    app_key: str = field(repr=False)
    tell: Callable[..., object]
    series: dict[tuple[str, Tags], dict[int, float]] = field(default_factory=dict)
    monitors: dict[int, Record] = field(default_factory=dict)
    downtimes: dict[int, Record] = field(default_factory=dict)
    events: dict[int, Record] = field(default_factory=dict)
    logs: list[Record] = field(default_factory=list)
    pager_services: dict[str, str] = field(default_factory=dict)
    due: set[int] = field(default_factory=set)
    limits: Windows = field(default_factory=Windows)

    def now(self) -> int:
        """Return the instant in seconds since 1970."""
        return int(self.agenda.now().timestamp())

    def instant(self) -> str:
        """Return the instant as Datadog writes it in monitors."""
        now: datetime = self.agenda.now()
        return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06d}+00:00"

    def new_id(self) -> int:
        """Return an id."""
        return int(self.ids.hex(7), 16)


SHAPE: dict[str, Any] = {
    "name": str, "message": str, "query": str, "type": str, "tags": [str], "start": int, "end": int,
    "monitor_id": int, "monitor_tags": [str], "title": str, "text": str, "alert_type": str, "date_happened": int,
    "host": str, "service_name": str, "service_key": str,
    "options": {
        "thresholds": dict.fromkeys(("critical", "warning", "critical_recovery", "warning_recovery"), float),
        "silenced": dict, "no_data_timeframe": int, "evaluation_delay": int, "notify_no_data": bool,
    },
    "series": [{"metric": str, "tags": [str], "points": list, "resources": [{"name": str, "type": str}], "host": str}],
}  # fmt: skip
"""The types of what is read, whichever object it is in; no two have a name of different types."""
ROUTER: Router[Organization] = Router()


def object_of(hit: Hit) -> Record:
    """Return the body as an object."""
    kind = hit.request.headers.get("Content-Type", "")
    try:
        # Points of the first version come as text/json.
        body = json.loads(hit.request.body) if kind.startswith("text/json") else hit.json()
    except ValueError as broken:
        raise invalid(f"Invalid JSON structure: {broken}") from broken
    if not isinstance(body, dict):
        raise invalid("The value provided for the body should be an object")
    if problems := list(misshapen(body, SHAPE)):
        raise invalid(*problems)
    return body

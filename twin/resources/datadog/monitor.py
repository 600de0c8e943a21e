"""Monitors: a query that is evaluated, and the message that is sent when it is true."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, datadog
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import ADDRESS_TAG, OWNER_TAG, Scope, user_tags

PATH = "/api/v1/monitor"
GONE = ("404",)
QUERY = re.compile(r"(?:avg|sum|min|max|last)\(last_\d+[mhd]\):.+(?:[<>]=?|==|!=)\s*-?\d+(?:\.\d+)?", re.DOTALL)
THRESHOLD = re.compile(r"[<>=!]=?")
MARKS = (OWNER_TAG, ADDRESS_TAG)


class Monitor(Resource):
    """A monitor; the owner stands in two of its tags. The threshold is part of the query, as Datadog wants it."""

    TYPE: ClassVar[str] = "datadog.monitor"
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1)
    kind: Annotated[Literal["metric alert", "query alert"], IMMUTABLE] = "query alert"
    query: str = Field(description="As in avg(last_5m):sum:shop.errors{env:prod} > 10")
    message: str = Field("", description="Whom it calls, as in @pagerduty-shop")
    tags: dict[str, str] = Field(default_factory=dict)
    priority: int | None = Field(None, ge=1, le=5)
    warning: float | None = None
    no_data_minutes: int | None = Field(None, ge=2, description="Tell when no data came for so long")
    muted: bool = False

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all monitors, page by page."""
        items = yield datadog("GET", PATH, pages=True)
        found = []
        for item in items:
            options, tags = item.get("options") or {}, dict(map(_pair, item["tags"]))
            fields = {name: item.get(name) for name in ("name", "query", "message", "priority")}
            fields |= {
                "kind": item["type"],
                "tags": user_tags(tags),
                "warning": (options.get("thresholds") or {}).get("warning"),
                "no_data_minutes": options.get("no_data_timeframe") if options.get("notify_no_data") else None,
                "muted": "*" in (options.get("silenced") or {}),
            }
            id_ = str(item["id"])
            found.append(Observed(id_, fields, {"id": id_}, owner=scope.own(tags), other=scope.other(tags)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the monitor with its owner, and mute it where that is wanted."""
        made = yield datadog("POST", PATH, {"type": self.kind, **self._body(scope, address)})
        if self.muted:
            yield datadog("POST", f"{PATH}/{made['id']}/mute")
        return {"id": str(made["id"])}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the monitor, and let it speak or not when that differs."""
        if changed - {"muted"}:
            yield datadog("PUT", f"{PATH}/{observed.id}", self._body(scope, address))
        if "muted" in changed:
            yield datadog("POST", f"{PATH}/{observed.id}/{'mute' if self.muted else 'unmute'}")

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        thresholds: dict[str, float] = {"critical": float(THRESHOLD.split(self.query)[-1])}
        if self.warning is not None:
            thresholds["warning"] = self.warning
        options: dict[str, Any] = {"thresholds": thresholds, "notify_no_data": self.no_data_minutes is not None}
        if self.no_data_minutes is not None:
            options["no_data_timeframe"] = self.no_data_minutes
        tags = written_tags(scope.tags(address, self.tags))
        told = {"name": self.name, "query": self.query, "message": self.message, "priority": self.priority}
        return {**told, "tags": tags, "options": options}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the monitor."""
        yield datadog("DELETE", f"{PATH}/{observed.id}", absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The query ends in the threshold that it is compared with."""
        if not QUERY.fullmatch(self.query):
            message = f"{self.query!r} is no query of a metric over a window with a threshold"
            yield Problem("TW0699", message, "query", "as in avg(last_5m):sum:shop.errors{env:prod} > 10")

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """The two kinds of metric monitors are one to Datadog, which calls them a query alert."""
        return name == "kind" or super().same(name, desired, observed)


def written_tags(tags: Mapping[str, str]) -> list[str]:
    """Return tags as Datadog writes them, `name:value`; one without a value is its name."""
    return [f"{name}:{value}" if value else name for name, value in tags.items()]


def _pair(tag: str) -> tuple[str, str]:
    """Split a tag into name and value; the names of the owner's hold a colon themselves."""
    mark = next((mark for mark in MARKS if tag.startswith(f"{mark}:")), None)
    if mark is not None:
        return mark, tag.removeprefix(f"{mark}:")
    name, _, value = tag.partition(":")
    return name, value

"""Downtimes: when monitors do not tell, of which scope."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, datadog
from twin.resources.canonical import UNORDERED
from twin.resources.resource import Observed, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

PATH = "/api/v2/downtime"
GONE = ("404",)
INSTANTS = ("start", "end")


class Downtime(Resource):
    """A downtime that does not recur; the owner is marked in its message. One that was cancelled is none."""

    TYPE: ClassVar[str] = "datadog.downtime"
    TAGGED: ClassVar[bool] = True

    scope: str = Field("*", description="Tags that must all be there, as in env:prod AND team:shop")
    monitor: Annotated[str | None, RefTo("datadog.monitor")] = Field(None, description="The id of the one monitor")
    monitor_tags: Annotated[list[str] | None, UNORDERED] = Field(None, description="Or tags of the monitors")
    message: str = ""
    start: str | None = Field(None, description="From when on, as in 2026-12-01T22:00:00Z; at once without it")
    end: str | None = Field(None, description="Until when; for good without it")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all downtimes that may still silence something."""
        items = yield datadog("GET", PATH, pages=True)
        found = []
        for item in items:
            told = item["attributes"]
            if told["status"] in ("canceled", "ended"):
                continue
            whom = told["monitor_identifier"]
            fields = {
                "scope": told["scope"],
                "monitor": str(whom["monitor_id"]) if "monitor_id" in whom else None,
                "monitor_tags": whom.get("monitor_tags"),
                "message": unmark(told.get("message")),
                **{name: told["schedule"].get(name) for name in INSTANTS},
            }
            owner, other = scope.marked(told.get("message")), scope.marked_by_other(told.get("message"))
            found.append(Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Schedule the downtime with its owner."""
        told = {"type": "downtime", "attributes": self._attributes(scope, address)}
        made = yield datadog("POST", PATH, {"data": told})
        return {"id": made["data"]["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the downtime."""
        told = {"type": "downtime", "id": observed.id, "attributes": self._attributes(scope, address)}
        yield datadog("PATCH", f"{PATH}/{observed.id}", {"data": told})

    def _attributes(self, scope: Scope, address: Address) -> dict[str, Any]:
        whom: dict[str, Any] = {"monitor_tags": self.monitor_tags or ["*"]}
        if self.monitor is not None and self.monitor.isdigit():
            whom = {"monitor_id": int(self.monitor)}
        told = {"scope": self.scope, "message": scope.mark(address, self.message)}
        schedule = {name: getattr(self, name) for name in INSTANTS if getattr(self, name) is not None}
        return {**told, "monitor_identifier": whom, **({"schedule": schedule} if schedule else {})}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Cancel the downtime."""
        yield datadog("DELETE", f"{PATH}/{observed.id}", absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Instants mean the same however they are written."""
        if name in INSTANTS and desired and observed:
            return datetime.fromisoformat(desired) == datetime.fromisoformat(observed)
        return super().same(name, desired, observed)

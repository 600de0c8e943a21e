"""Schedules: layers of people who take turns to be on call."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Steps, pagerduty
from twin.resources.pagerduty.account import GONE, listing, pointer
from twin.resources.resource import Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark


class Layer(BaseModel):
    """People who take turns; later layers stand in front of earlier ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    users: list[str] = Field(min_length=1, description="Ids of the users, in the order of their turns")
    start: str = Field(description="When the first turn begins, as in 2026-01-05T09:00:00Z")
    turn_seconds: int = Field(604_800, gt=0, le=31_536_000, description="How long a turn is")
    daily_from: str | None = Field(None, description="On call from this time of each day only, as in 09:00:00")
    daily_seconds: int = Field(86_400, gt=0, le=86_400, description="For so long, where `daily_from` is given")


class Schedule(Resource):
    """A schedule; the owner is marked in its description."""

    TYPE: ClassVar[str] = "pagerduty.schedule"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1)
    description: str = ""
    time_zone: str = "UTC"
    layers: Annotated[list[Layer], RefTo("pagerduty.user")] = Field(min_length=1)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all schedules with one list, and the layers of those that are ours or wanted."""
        found = []
        for item in (yield from listing("/schedules")):
            owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
            fields = {name: item.get(name) for name in ("name", "time_zone")}
            fields["description"] = unmark(item.get("description"))
            if owner or item["id"] in wanted.ids or (item["name"],) in wanted.keys:
                whole = yield pagerduty("GET", f"/schedules/{item['id']}", absent=GONE)
                # PagerDuty shows the newest layer first.
                rows = whole["schedule"]["schedule_layers"][::-1] if whole else []
                fields["layers"] = [_layer(row) for row in rows if row.get("end") is None]
            found.append(Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the schedule with its owner."""
        made = yield pagerduty("POST", "/schedules", self._body(scope, address))
        return {"id": made["schedule"]["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the schedule; layers that are not sent end."""
        yield pagerduty("PUT", f"/schedules/{observed.id}", self._body(scope, address))

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        told = {"name": self.name, "time_zone": self.time_zone, "description": scope.mark(address, self.description)}
        return {
            "schedule": {"type": "schedule", **told, "schedule_layers": [layer_request(one) for one in self.layers]}
        }

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the schedule, which no escalation policy uses any more."""
        yield pagerduty("DELETE", f"/schedules/{observed.id}", absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Instants mean the same however they are written."""
        if name != "layers" or observed is None:
            return super().same(name, desired, observed)
        return [_plain(one) for one in desired] == [_plain(one) for one in observed]

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The time zone and the instants are some."""
        if self.time_zone not in available_timezones():
            yield Problem("TW0697", f"there is no time zone {self.time_zone!r}", "time_zone", "as in Europe/Berlin")
        for one in self.layers:
            try:
                datetime.fromisoformat(one.start)
            except ValueError:
                yield Problem("TW0697", f"{one.start!r} is no instant", "layers", "as in 2026-01-05T09:00:00Z")


def layer_request(one: Layer) -> dict[str, Any]:
    """Return a layer as PagerDuty takes it."""
    restrictions = []
    if one.daily_from is not None:
        told = {"start_time_of_day": one.daily_from, "duration_seconds": one.daily_seconds}
        restrictions.append({"type": "daily_restriction", **told})
    return {
        "start": one.start,
        "rotation_virtual_start": one.start,
        "rotation_turn_length_seconds": one.turn_seconds,
        "users": [{"user": pointer("user", id_)} for id_ in one.users],
        "restrictions": restrictions,
    }


def _layer(row: Mapping[str, Any]) -> dict[str, Any]:
    daily = next((one for one in row.get("restrictions") or () if one["type"] == "daily_restriction"), None)
    return {
        "users": [one["user"]["id"] for one in row["users"]],
        "start": row["start"],
        "turn_seconds": row["rotation_turn_length_seconds"],
        "daily_from": daily["start_time_of_day"] if daily else None,
        "daily_seconds": daily["duration_seconds"] if daily else 86_400,
    }


def _plain(one: Any) -> dict[str, Any]:
    told = one.model_dump() if isinstance(one, BaseModel) else dict(one)
    try:
        return {**told, "start": datetime.fromisoformat(str(told["start"])).timestamp()}
    except ValueError:
        return told

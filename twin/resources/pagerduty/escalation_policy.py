"""Escalation policies: whom an incident calls, level by level, until somebody takes it."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Steps, pagerduty
from twin.resources.pagerduty.account import GONE, listing, pointer
from twin.resources.resource import Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark


class Level(BaseModel):
    """A level: users and schedules that are called, and how long it takes until the next one is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    users: list[str] = Field(default_factory=list, description="Ids of users")
    schedules: list[str] = Field(default_factory=list, description="Ids of schedules")
    minutes: int = Field(30, ge=1, description="After so many minutes the next level is called")


class EscalationPolicy(Resource):
    """An escalation policy; the owner is marked in its description."""

    TYPE: ClassVar[str] = "pagerduty.escalation_policy"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1)
    description: str = ""
    levels: Annotated[list[Level], RefTo("pagerduty.user", "pagerduty.schedule")] = Field(min_length=1, max_length=20)
    loops: int = Field(0, ge=0, le=9, description="How often all levels are called again")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all policies with one list."""
        found = []
        for item in (yield from listing("/escalation_policies")):
            fields = {
                "name": item["name"],
                "description": unmark(item.get("description")),
                "levels": [_level(rule) for rule in item["escalation_rules"]],
                "loops": item["num_loops"],
            }
            owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
            found.append(Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the policy with its owner."""
        made = yield pagerduty("POST", "/escalation_policies", self._body(scope, address))
        return {"id": made["escalation_policy"]["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the policy; open incidents go on by it."""
        yield pagerduty("PUT", f"/escalation_policies/{observed.id}", self._body(scope, address))

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        told = {"name": self.name, "description": scope.mark(address, self.description), "num_loops": self.loops}
        rules = [{"escalation_delay_in_minutes": one.minutes, "targets": _targets(one)} for one in self.levels]
        return {"escalation_policy": {"type": "escalation_policy", **told, "escalation_rules": rules}}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the policy, which no service uses any more."""
        yield pagerduty("DELETE", f"/escalation_policies/{observed.id}", absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Each level calls somebody."""
        for number, one in enumerate(self.levels, 1):
            if not one.users and not one.schedules:
                yield Problem("TW0698", f"level {number} calls nobody", "levels", "name users or schedules")


def _targets(one: Level) -> list[Mapping[str, str]]:
    return [*(pointer("user", id_) for id_ in one.users), *(pointer("schedule", id_) for id_ in one.schedules)]


def _level(rule: Mapping[str, Any]) -> dict[str, Any]:
    of = {kind: [one["id"] for one in rule["targets"] if one["type"].startswith(kind)] for kind in ("user", "schedule")}
    return {"users": of["user"], "schedules": of["schedule"], "minutes": rule["escalation_delay_in_minutes"]}

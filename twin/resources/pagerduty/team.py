"""Teams of a PagerDuty account, and who is in them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, pagerduty
from twin.resources.canonical import UNORDERED
from twin.resources.pagerduty.account import GONE, listing
from twin.resources.resource import Observed, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark


class Team(Resource):
    """A team; the owner is marked in its description."""

    TYPE: ClassVar[str] = "pagerduty.team"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1, max_length=100)
    description: str = ""
    members: Annotated[list[str], RefTo("pagerduty.user"), UNORDERED] = Field(
        default_factory=list, description="Ids of users"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all teams with one list, and the members of those that are ours or wanted."""
        found = []
        for item in (yield from listing("/teams")):
            owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
            fields: dict[str, Any] = {"name": item["name"], "description": unmark(item.get("description"))}
            if owner or item["id"] in wanted.ids or (item["name"],) in wanted.keys:
                fields["members"] = yield from _members(item["id"])
            found.append(Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the team with its owner, and put its members in."""
        made = yield pagerduty("POST", "/teams", self._body(scope, address))
        yield from _put_in(made["team"]["id"], self.members)
        return {"id": made["team"]["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the team, and put in and take out who differs."""
        if changed - {"members"}:
            yield pagerduty("PUT", f"/teams/{observed.id}", self._body(scope, address))
        before = set(observed.fields.get("members") or ())
        yield from _put_in(observed.id, [one for one in self.members if one not in before])
        for one in sorted(before - set(self.members)) if "members" in changed else ():
            yield pagerduty("DELETE", f"/teams/{observed.id}/users/{one}", absent=GONE)

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        told = {"type": "team", "name": self.name, "description": scope.mark(address, self.description)}
        return {"team": told}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the team; its members stay in the account."""
        yield pagerduty("DELETE", f"/teams/{observed.id}", absent=GONE)


def _members(team: str) -> Steps[list[str]]:
    rows = yield from listing(f"/teams/{team}/members")
    return sorted(row["user"]["id"] for row in rows)


def _put_in(team: str, users: Iterable[str]) -> Steps[None]:
    for one in users:
        yield pagerduty("PUT", f"/teams/{team}/users/{one}", {"role": "responder"})

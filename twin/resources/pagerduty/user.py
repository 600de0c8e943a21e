"""Users of a PagerDuty account: who is on call."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, pagerduty
from twin.resources.pagerduty.account import GONE, listing
from twin.resources.resource import Observed, Resource, Wanted
from twin.resources.scope import Scope

SENT = ("name", "email", "time_zone", "role", "job_title")
Role = Literal[
    "admin",
    "limited_user",
    "observer",
    "owner",
    "read_only_user",
    "restricted_access",
    "read_only_limited_user",
    "user",
]


class User(Resource):
    """A user, known by the e-mail address; the owner is marked in the description. PagerDuty mails to that address."""

    TYPE: ClassVar[str] = "pagerduty.user"
    KEY: ClassVar[tuple[str, ...]] = ("email",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1, max_length=100)
    email: str
    time_zone: str = Field("UTC", description="As in Europe/Berlin")
    role: Role = "user"
    job_title: str | None = None

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all users with one list."""
        found = []
        for item in (yield from listing("/users")):
            fields = {name: item.get(name) for name in SENT}
            owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
            found.append(Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the user with its owner."""
        made = yield pagerduty("POST", "/users", self._body(scope, address))
        return {"id": made["user"]["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the user."""
        yield pagerduty("PUT", f"/users/{observed.id}", self._body(scope, address))

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in SENT if getattr(self, name) is not None}
        return {"user": {"type": "user", **told, "description": scope.mark(address)}}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the user, whom no schedule names any more."""
        yield pagerduty("DELETE", f"/users/{observed.id}", absent=GONE)

"""Roles: permissions of APIs under one name, to be given to users."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.auth0.resource_server import ResourceServer
from twin.resources.auth0.tenant import API, GONE, listing
from twin.resources.call import Steps, auth0
from twin.resources.canonical import UNORDERED
from twin.resources.resource import Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

PATH = f"{API}/roles"
ABSENT = (*GONE, "inexistent_permission")
Pair = tuple[str, str]


class Permission(BaseModel):
    """A permission of an API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api: str = Field(description="The API's identifier")
    name: str = Field(min_length=1)


class Role(Resource):
    """A role with its permissions; the owner is marked in its description. Who has it is not managed."""

    TYPE: ClassVar[str] = "auth0.role"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1)
    description: str = ""
    permissions: Annotated[list[Permission], RefTo("auth0.resource_server"), UNORDERED] = Field(default_factory=list)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all roles with one list, and the permissions of those that are ours or wanted."""
        found = []
        for item in (yield from listing("/roles")):
            owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
            fields: dict[str, Any] = {"name": item["name"], "description": unmark(item.get("description"))}
            if owner or item["id"] in wanted.ids or (item["name"],) in wanted.keys:
                held = yield from listing(f"/roles/{item['id']}/permissions", absent=GONE)
                fields["permissions"] = [
                    {"api": one["resource_server_identifier"], "name": one["permission_name"]} for one in held
                ]
            found.append(Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the role with its owner, then give it its permissions."""
        made = yield auth0("POST", PATH, self._body(scope, address))
        if self.permissions:
            yield auth0("POST", f"{PATH}/{made['id']}/permissions", _permissions(self._pairs()))
        return {"id": made["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write name and description when they differ, then add and take permissions one against the other."""
        path = f"{PATH}/{observed.id}"
        if changed - {"permissions"}:
            yield auth0("PATCH", path, self._body(scope, address))
        if "permissions" not in changed:
            return
        there = [(one["api"], one["name"]) for one in observed.fields.get("permissions") or ()]
        wanted = self._pairs()
        more = [pair for pair in wanted if pair not in there]
        if more:
            yield auth0("POST", f"{path}/permissions", _permissions(more))
        # One by one: a permission that went with its API refuses a whole list.
        for pair in [pair for pair in there if pair not in wanted]:
            yield auth0("DELETE", f"{path}/permissions", _permissions([pair]), absent=ABSENT)

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        return {"name": self.name, "description": scope.mark(address, self.description)}

    def _pairs(self) -> list[Pair]:
        return [(one.api, one.name) for one in self.permissions]

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the role; its users lose it."""
        yield auth0("DELETE", f"{PATH}/{observed.id}", absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The APIs have the permissions, and none is given twice."""
        pairs = self._pairs()
        for api, name in sorted({pair for pair in pairs if pairs.count(pair) > 1}):
            yield Problem("TW0693", f"the permission {name} of {api} is given twice", "permissions")
        for one in self.permissions:
            api_ = peers.get(one.api)
            if isinstance(api_, ResourceServer) and one.name not in api_.scopes:
                message = f"the API {api_.identifier} has no permission {one.name!r}"
                yield Problem("TW0689", message, "permissions")


def _permissions(pairs: Iterable[Pair]) -> dict[str, Any]:
    return {"permissions": [{"resource_server_identifier": api, "permission_name": name} for api, name in pairs]}

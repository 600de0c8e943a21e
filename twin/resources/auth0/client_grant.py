"""Client grants: which client may ask in its own right for tokens of which API, with which scopes."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.auth0.resource_server import ResourceServer
from twin.resources.auth0.tenant import API, GONE, listing
from twin.resources.call import Steps, auth0
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

PATH = f"{API}/client-grants"


class ClientGrant(Resource):
    """One API for one client; a grant to a client of ours that nobody declared is drift."""

    TYPE: ClassVar[str] = "auth0.client_grant"
    KEY: ClassVar[tuple[str, ...]] = ("client", "audience")

    client: Annotated[str, RefTo("auth0.client"), IMMUTABLE] = Field(description="The client's id")
    audience: Annotated[str, RefTo("auth0.resource_server"), IMMUTABLE] = Field(description="The API's identifier")
    scopes: Annotated[list[str], UNORDERED] = Field(default_factory=list, description="Permissions of the API")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all grants with one list; those to all clients of a kind are nobody's here."""
        found = []
        for item in (yield from listing("/client-grants")):
            client = item.get("client_id")
            if client is None:
                continue
            fields = {"client": client, "audience": item["audience"], "scopes": list(item.get("scope") or ())}
            member_of = ("auth0.client", client)
            found.append(Observed(item["id"], fields, {"id": item["id"]}, member_of=member_of))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the grant."""
        made = yield auth0("POST", PATH, {"client_id": self.client, "audience": self.audience, "scope": self.scopes})
        return {"id": made["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the scopes."""
        if "scopes" in changed:
            yield auth0("PATCH", f"{PATH}/{observed.id}", {"scope": self.scopes})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Take the API from the client; tokens that it holds last until they expire."""
        yield auth0("DELETE", f"{PATH}/{observed.id}", absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The client may use its own right, and the API has the scopes."""
        client = peers.get(self.client)
        if client is not None and "client_credentials" not in getattr(client, "grant_types", ()):
            message = "the client does not use client_credentials, so that the grant is for nothing"
            yield Problem("TW0688", message, "client")
        api = peers.get(self.audience)
        if isinstance(api, ResourceServer):
            for scope in sorted(set(self.scopes) - set(api.scopes)):
                yield Problem("TW0689", f"the API {api.identifier} has no permission {scope!r}", "scopes")

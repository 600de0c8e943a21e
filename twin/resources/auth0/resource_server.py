"""Resource servers: the APIs for which a tenant gives tokens, with their permissions."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.auth0.tenant import API, GONE, fact, listing
from twin.resources.call import Steps, auth0
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope

PATH = f"{API}/resource-servers"


class ResourceServer(Resource):
    """An API; it has no free text for an owner's mark and is known by its identifier, which never changes."""

    TYPE: ClassVar[str] = "auth0.resource_server"
    KEY: ClassVar[tuple[str, ...]] = ("identifier",)

    name: str = Field(min_length=1, max_length=200)
    identifier: Annotated[str, IMMUTABLE] = Field(min_length=1, max_length=600, description="The tokens' audience")
    scopes: dict[str, str] = Field(default_factory=dict, description="Permissions and what each allows")
    token_lifetime: int = Field(86400, description="Seconds, up to 30 days")
    offline_access: bool = Field(False, description="Whether refresh tokens are given")
    permissions_in_token: bool = Field(True, description="Whether roles decide, and tokens tell the permissions")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all APIs with one list; the tenant's own are built in."""
        found = []
        for item in (yield from listing("/resource-servers")):
            roles = item.get("enforce_policies") and str(item.get("token_dialect")).endswith("authz")
            fields = {
                "name": item.get("name"),
                "identifier": item["identifier"],
                "scopes": {one["value"]: one.get("description") or "" for one in item.get("scopes") or ()},
                "token_lifetime": item.get("token_lifetime"),
                "offline_access": bool(item.get("allow_offline_access")),
                "permissions_in_token": bool(roles),
            }
            outputs = {"id": item["id"]}
            found.append(Observed(item["id"], fields, outputs, builtin=bool(item.get("is_system"))))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the API with its permissions."""
        made = yield auth0("POST", PATH, {"identifier": self.identifier, "signing_alg": "RS256", **self._body()})
        return {"id": made["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the API; permissions that go leave the roles that had them."""
        yield auth0("PATCH", f"{PATH}/{observed.id}", self._body())

    def _body(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "scopes": [{"value": value, "description": told or value} for value, told in self.scopes.items()],
            "token_lifetime": self.token_lifetime,
            "allow_offline_access": self.offline_access,
            "enforce_policies": self.permissions_in_token,
            "token_dialect": "access_token_authz" if self.permissions_in_token else "access_token",
        }

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the API with the grants and permissions for it."""
        yield auth0("DELETE", f"{PATH}/{observed.id}", absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """A permission without a description is described by its own name."""
        if name == "scopes":
            return {value: told or value for value, told in desired.items()} == dict(observed or {})
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The identifier is not the tenant's own, and the lifetime is one that Auth0 takes."""
        if not re.fullmatch(fact("plain_name"), self.name):
            yield Problem("TW0683", f"{self.name!r} holds < or >", "name")
        own = f"https://{peers.scope.auth0_domain}/"
        if not unknown(self.identifier) and peers.scope.auth0_domain and self.identifier.startswith(own):
            yield Problem("TW0690", f"{self.identifier} is the tenant's own API", "identifier")
        low, high = fact("token_lifetime")
        if not low <= self.token_lifetime <= high:
            message = f"a token lasts {low} to {high} seconds, not {self.token_lifetime}"
            yield Problem("TW0691", message, "token_lifetime")
        for value in sorted(self.scopes):
            if not re.fullmatch(fact("scope"), value):
                yield Problem("TW0692", f"{value!r} is no permission", "scopes", "no spaces, quotes or backslashes")

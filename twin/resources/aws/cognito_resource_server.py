"""Cognito resource servers."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.cognito import GONE, SERVICE, pools
from twin.resources.aws.limits import at_most, matches
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class ResourceServer(Resource):
    """An API and the scopes that a token for it can hold."""

    TYPE: ClassVar[str] = "aws.cognito.resource_server"
    KEY: ClassVar[tuple[str, ...]] = ("pool", "identifier")
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    pool: Annotated[str, RefTo("aws.cognito.user_pool"), IMMUTABLE] = Field(description="Id of the pool")
    identifier: Annotated[str, IMMUTABLE] = Field(description="The API's name in scopes, often its URL")
    name: str
    scopes: dict[str, str] = Field(default_factory=dict, description="Descriptions by scope")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the resource servers of each pool."""
        found = []
        for pool in (yield from pools()):
            params = {"UserPoolId": pool, "MaxResults": 50}
            listed = yield aws(SERVICE, "ListResourceServers", params, pages=True, absent=GONE)
            for item in (listed or {}).get("ResourceServers", ()):
                id_ = f"{pool}|{item['Identifier']}"
                fields = {
                    "pool": pool,
                    "identifier": item["Identifier"],
                    "name": item["Name"],
                    "scopes": {s["ScopeName"]: s["ScopeDescription"] for s in item.get("Scopes") or ()},
                }
                found.append(Observed(id_, fields, {"id": id_}, member_of=("aws.cognito.user_pool", pool)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the resource server."""
        yield aws(SERVICE, "CreateResourceServer", self._params())
        return {"id": f"{self.pool}|{self.identifier}"}

    def _params(self) -> dict[str, Any]:
        scopes = [{"ScopeName": k, "ScopeDescription": v} for k, v in sorted(self.scopes.items())]
        return {"UserPoolId": self.pool, "Identifier": self.identifier, "Name": self.name, "Scopes": scopes}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change name and scopes."""
        if changed & {"name", "scopes"}:
            yield aws(SERVICE, "UpdateResourceServer", self._params())

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the resource server."""
        params = {"UserPoolId": observed.fields["pool"], "Identifier": observed.fields["identifier"]}
        yield aws(SERVICE, "DeleteResourceServer", params, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Names fit Cognito's patterns, and there are no more scopes than it takes."""
        yield from matches("services", "cognito.identifier", self.identifier, "identifier")
        yield from at_most("services", "cognito.scopes", len(self.scopes), "scopes")
        for name in self.scopes:
            yield from matches("services", "cognito.scope", name, "scopes")

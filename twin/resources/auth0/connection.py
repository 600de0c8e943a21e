"""Connections: where a tenant's users come from, and the clients that may send them there."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.auth0.tenant import API, GONE, fact, listing, metadata
from twin.resources.call import Steps, auth0
from twin.resources.canonical import UNORDERED, canonical
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, SENSITIVE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

PATH = f"{API}/connections"
SECRETS = ("client_secret", "clientSecret", "twilio_token", "configuration")


class Connection(Resource):
    """A source of users; the owner is marked in its metadata.

    Of `options` those that are given are managed, and the vendor's others stay. `client_secret` is that of the app
    which the org has at a social or enterprise provider.
    """

    TYPE: ClassVar[str] = "auth0.connection"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: Annotated[str, IMMUTABLE] = Field(min_length=1, max_length=128)
    strategy: Annotated[str, IMMUTABLE] = Field("auth0", description="auth0 is a database of the tenant's own")
    options: dict[str, Any] = Field(default_factory=dict, description="Options of the strategy, secrets left out")
    client_secret: Annotated[str | None, SENSITIVE] = Field(None, description="Where the secret is")
    clients: Annotated[list[str], RefTo("auth0.client"), UNORDERED] = Field(
        default_factory=list, description="Ids of the clients whose users may come from here"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all connections with one list, and the clients of those that are ours or wanted."""
        found = []
        for item in (yield from listing("/connections")):
            marks = metadata(item.get("metadata"))
            owner = scope.own(marks)
            options = {key: value for key, value in (item.get("options") or {}).items() if key not in SECRETS}
            fields = {"name": item["name"], "strategy": item["strategy"], "options": options}
            if owner or item["id"] in wanted.ids or (item["name"],) in wanted.keys:
                whole = yield auth0("GET", f"{PATH}/{item['id']}", query={"fields": "enabled_clients"}, absent=GONE)
                fields["clients"] = list((whole or {}).get("enabled_clients") or ())
            outputs = {"id": item["id"], "metadata": marks}
            found.append(Observed(item["id"], fields, outputs, owner=owner, other=scope.other(marks)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the connection with its owner and its clients."""
        body = {
            "name": self.name,
            "strategy": self.strategy,
            **self._body(scope.tags(address, {})),
            **self._options({}),
        }
        made = yield auth0("POST", PATH, body)
        return {"id": made["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the connection; the options that are not ours are sent along, for they are replaced whole."""
        body = self._body(scope.tags(address, observed.outputs.get("metadata") or {}))
        if changed & {"options", "client_secret"}:
            whole = yield auth0("GET", f"{PATH}/{observed.id}", query={"fields": "options"})
            there = whole.get("options")
            body |= self._options(there if isinstance(there, Mapping) else {})
        yield auth0("PATCH", f"{PATH}/{observed.id}", body)

    def _body(self, marked: Mapping[str, str]) -> dict[str, Any]:
        return {"enabled_clients": self.clients, "metadata": marked}

    def _options(self, there: Mapping[str, Any]) -> dict[str, Any]:
        secret = {"client_secret": self.client_secret} if self.client_secret else {}
        return {"options": {**there, **self.options, **secret}}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the connection, and with a database its users."""
        yield auth0("DELETE", f"{PATH}/{observed.id}", absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare the options that are given."""
        if name == "options":
            there = observed or {}
            return all(canonical(value) == canonical(there.get(key)) for key, value in desired.items())
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name and the strategy are Auth0's, and no secret is written out."""
        if not unknown(self.name) and not re.fullmatch(fact("connection_name"), self.name):
            message = f"{self.name!r} is no name of a connection"
            yield Problem("TW0680", message, "name", "letters, digits and single hyphens between them")
        if self.strategy not in fact("strategies"):
            yield Problem("TW0681", f"Auth0 has no strategy {self.strategy!r}", "strategy")
        for key in sorted(set(SECRETS) & set(self.options)):
            yield Problem("TW0682", f"the option {key} holds a secret", "options", "use the field client_secret")
        if self.strategy == "auth0" and self.client_secret is not None:
            yield Problem("TW0682", "a database connection has no secret", "client_secret")

"""Clients: the applications that ask a tenant for tokens, and the secret store of those that keep a secret."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.auth0.tenant import API, GONE, fact, listing, metadata, url_fault
from twin.resources.call import Steps, auth0, aws
from twin.resources.canonical import UNORDERED, text
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, WRITE_ONLY, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

PATH = f"{API}/clients"
VERSION = "twin-auth0-client-"
GrantType = Literal["authorization_code", "implicit", "refresh_token", "client_credentials", "password"]
SENT = ("name", "grant_types", "callbacks", "allowed_logout_urls", "token_endpoint_auth_method")
ROTATING = {
    "rotation_type": "rotating",
    "expiration_type": "expiring",
    "infinite_token_lifetime": False,
    "infinite_idle_token_lifetime": False,
}
STILL = {"rotation_type": "non-rotating", "expiration_type": "non-expiring"}


class Client(Resource):
    """An application; the owner is marked in its metadata, for names may repeat.

    Its secret is never read: it goes from the reply that makes the client into the secret that `store` names, as JSON
    of client_id and client_secret. A client whose creation was cut short may have lost it, and is made anew.
    """

    TYPE: ClassVar[str] = "auth0.client"
    TAGGED: ClassVar[bool] = True
    INCOMPLETE: ClassVar[Literal["update", "replace"]] = "replace"

    name: str = Field(min_length=1)
    app_type: Annotated[Literal["regular_web", "spa", "native", "non_interactive"], IMMUTABLE] = "regular_web"
    grant_types: Annotated[list[GrantType], UNORDERED] = Field(["authorization_code"])
    callbacks: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    allowed_logout_urls: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    token_endpoint_auth_method: Literal["none", "client_secret_post", "client_secret_basic"] = "client_secret_post"  # noqa: S105 - a method
    rotation: bool = Field(False, description="Whether each refresh token is used once")
    store: Annotated[str | None, RefTo("aws.secretsmanager.secret"), WRITE_ONLY] = Field(
        None, description="ARN of the secret that takes client_id and client_secret"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all clients with one list, their secrets left out by the query."""
        found = []
        for item in (yield from listing("/clients", fields="client_secret", include_fields="false")):
            kept = metadata(item.get("client_metadata"))
            fields = {name: item.get(name) for name in SENT}
            fields |= {name: list(item.get(name) or ()) for name in ("grant_types", "callbacks", "allowed_logout_urls")}
            fields |= {"app_type": item.get("app_type"), "rotation": _rotating(item)}
            outputs = {"id": item["client_id"], "metadata": kept}
            builtin = bool(item.get("global"))
            found.append(
                Observed(
                    item["client_id"], fields, outputs, owner=scope.own(kept), other=scope.other(kept), builtin=builtin
                )
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the client with its owner, and store its secret."""
        body = {"app_type": self.app_type, **self._body(scope, address, {})}
        made = yield auth0("POST", PATH, body)
        yield from self._store(made)
        return {"id": made["client_id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the client; a new store gets the secret that there is."""
        made = yield auth0("PATCH", f"{PATH}/{observed.id}", self._body(scope, address, observed.outputs))
        if "store" in changed:
            yield from self._store(made)

    def _body(self, scope: Scope, address: Address, outputs: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in SENT},
            "oidc_conformant": True,
            "jwt_configuration": {"alg": "RS256"},
            "refresh_token": ROTATING if self.rotation else STILL,
            "client_metadata": scope.tags(address, outputs.get("metadata") or {}),
        }

    def _store(self, made: Mapping[str, Any]) -> Steps[None]:
        if self.store is None:
            return
        kept = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
        params = {"SecretId": self.store, "SecretString": text(kept)}
        yield aws("secretsmanager", "PutSecretValue", {**params, "ClientRequestToken": f"{VERSION}{kept['client_id']}"})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the client with its grants; what the secret holds dies with the secret."""
        yield auth0("DELETE", f"{PATH}/{observed.id}", absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The grants fit the kind, what returns is safe, and only who can keep a secret has one."""
        if not re.fullmatch(fact("plain_name"), self.name):
            yield Problem("TW0683", f"{self.name!r} holds < or >", "name")
        allowed = fact("grant_types")[self.app_type]
        for grant in self.grant_types:
            if grant not in allowed:
                message = f"a client of the kind {self.app_type} does not use the grant {grant}"
                yield Problem("TW0684", message, "grant_types", f"one of {', '.join(allowed)}")
        yield from self._check_urls()
        public = self.app_type in ("spa", "native")
        if public != (self.token_endpoint_auth_method == "none"):  # noqa: S105 - a method
            rule = "cannot keep a secret" if public else "proves itself by a secret"
            yield Problem("TW0686", f"a client of the kind {self.app_type} {rule}", "token_endpoint_auth_method")
        if public and self.store is not None:
            yield Problem("TW0686", f"a client of the kind {self.app_type} has no secret to store", "store")
        if public and "refresh_token" in self.grant_types and not self.rotation:
            yield Problem("TW0686", "refresh tokens of a client without a secret are used once", "rotation")
        store = peers.get(self.store)
        if store is not None and (getattr(store, "value", None) or getattr(store, "generate", None)):
            yield Problem("TW0687", "the store has a value of its own", "store", "give the client a secret of its own")

    def _check_urls(self) -> Iterator[Problem]:
        if {"authorization_code", "implicit"} & set(self.grant_types) and not self.callbacks:
            yield Problem("TW0685", "the grants redirect, and there is no callback", "callbacks")
        for field in ("callbacks", "allowed_logout_urls"):
            for url in getattr(self, field):
                fault = None if unknown(url) else url_fault(url, native=self.app_type == "native")
                if fault:
                    yield Problem("TW0685", f"{url} {fault}", field)


def _rotating(item: Mapping[str, Any]) -> bool:
    return (item.get("refresh_token") or {}).get("rotation_type") == "rotating"

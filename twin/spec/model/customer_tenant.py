"""Customer identity at Auth0: where users come from, the APIs, the applications, and what roles may do."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field

from twin.spec.model.reference import SecretSource
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Name, Text
from twin.spec.suggest import suggestion

LONGEST = timedelta(days=30)
"""How long a token of an API lasts at most: https://auth0.com/docs/api/management/openapi.json, read 2026-11-28."""


class Auth0Connection(Section):
    """Where users come from."""

    strategy: Text = "auth0"
    """`auth0` is a database of the tenant's own; others are providers such as `google-oauth2` or `samlp`."""
    clients: tuple[Text, ...] | None = None
    """Applications whose users may come from here; all that people sign in to, when absent."""
    client_id: Text | None = None
    """The org's id at the provider."""
    client_secret: SecretSource | None = None
    """Where the org's secret at the provider is."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a provider's credentials where there is no provider."""
        if self.strategy == "auth0" and (self.client_id or self.client_secret):
            given = "client_id" if self.client_id else "client_secret"
            yield Problem("TW0214", (given,), "a database of the tenant's own has no credentials at a provider")


class Auth0Api(Section):
    """An API for which the tenant gives tokens."""

    identifier: Text
    """The audience of its tokens, such as `https://api.example.com`; another one makes another API."""
    scopes: dict[Text, Text] = Field(min_length=1)
    """Permissions and what each allows."""
    token_lifetime: Duration = timedelta(days=1)
    """How long an access token lasts, up to 30 days."""
    offline_access: bool = False
    """Whether refresh tokens are given."""

    def problems(self) -> Iterator[Problem]:
        """Refuse tokens that Auth0 would not give."""
        if self.token_lifetime > LONGEST:
            yield Problem("TW0201", ("token_lifetime",), f"`{self.token_lifetime}` is above 30 days", "use at most 30d")


class Auth0Client(Section):
    """An application."""

    kind: Literal["web", "spa", "native", "machine"]
    """What it is: `web` has a server that keeps its secret, `machine` acts in its own right."""
    callbacks: tuple[Text, ...] = ()
    """Where sign-in may return to."""
    logouts: tuple[Text, ...] = ()
    """Where sign-out may return to."""
    apis: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    """What a machine may do: APIs by name, with their scopes."""

    def problems(self) -> Iterator[Problem]:
        """Refuse what does not belong to the kind."""
        if self.kind == "machine":
            for given in ("callbacks", "logouts"):
                if getattr(self, given):
                    yield Problem("TW0214", (given,), f"nobody signs in to a machine, which has no `{given}`")
            return
        if not self.callbacks:
            yield Problem("TW0214", (), "sign-in needs `callbacks`")
        if self.apis:
            advice = "give the permissions to a role under customers.auth0.roles"
            message = f"a {self.kind} client acts in the right of its users"
            yield Problem("TW0214", ("apis",), message, advice)


class Auth0Role(Section):
    """What users may do who have the role."""

    description: Text | None = None
    """What it is for."""
    permissions: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    """APIs by name, with their scopes."""


class CustomerTenant(Section):
    """What the Auth0 tenant holds."""

    connections: dict[Name, Auth0Connection] = Field(default_factory=dict)
    """Where users come from, by name."""
    apis: dict[Name, Auth0Api] = Field(default_factory=dict)
    """APIs by name."""
    clients: dict[Name, Auth0Client] = Field(default_factory=dict)
    """Applications by name."""
    roles: dict[Name, Auth0Role] = Field(default_factory=dict)
    """Roles by name."""

    def problems(self) -> Iterator[Problem]:
        """Refuse names that nothing declares, and two APIs of one identifier."""
        for name, client in self.clients.items():
            yield from self._unknown(("clients", name, "apis"), client.apis)
        for name, role in self.roles.items():
            yield from self._unknown(("roles", name, "permissions"), role.permissions)
        people = [name for name, client in self.clients.items() if client.kind != "machine"]
        for name, connection in self.connections.items():
            for index, client_ in enumerate(connection.clients or ()):
                if client_ not in people:
                    place = ("connections", name, "clients", index)
                    message = f"there is no client named `{client_}` that people sign in to"
                    yield Problem("TW0301", place, message, suggestion(client_, people))
        first: dict[str, str] = {}
        for name, api in self.apis.items():
            if first.setdefault(api.identifier, name) != name:
                message = f"`{api.identifier}` is already the identifier of {first[api.identifier]}"
                yield Problem("TW0304", ("apis", name, "identifier"), message)

    def _unknown(self, at: tuple[str, ...], wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
        for name, scopes in wanted.items():
            api = self.apis.get(name)
            if api is None:
                advice = suggestion(name, list(self.apis)) or "declare it under customers.auth0.apis"
                yield Problem("TW0301", (*at, name), f"there is no API named `{name}`", advice)
                continue
            for index, scope in enumerate(scopes):
                if scope not in api.scopes:
                    message = f"the API `{name}` has no scope named `{scope}`"
                    yield Problem("TW0301", (*at, name, index), message, suggestion(scope, list(api.scopes)))

"""Cognito app clients."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.cognito import GONE, SERVICE, pools
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import matches, one_of
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

MACHINE = "client_credentials"


class Client(Resource):
    """An application that signs users of a pool in, or itself by client credentials."""

    TYPE: ClassVar[str] = "aws.cognito.client"
    KEY: ClassVar[tuple[str, ...]] = ("pool", "name")
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    pool: Annotated[str, RefTo("aws.cognito.user_pool"), IMMUTABLE] = Field(description="Id of the pool")
    name: Annotated[str, IMMUTABLE]
    generate_secret: Annotated[bool, IMMUTABLE] = False
    oauth_flows: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    oauth_scopes: Annotated[list[str], RefTo("aws.cognito.resource_server"), UNORDERED] = Field(default_factory=list)
    callback_urls: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    logout_urls: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    auth_flows: Annotated[list[str], UNORDERED] = Field(
        default_factory=lambda: ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    )
    identity_providers: Annotated[list[str], UNORDERED] = Field(default_factory=lambda: ["COGNITO"])
    access_token_minutes: int = 60
    id_token_minutes: int = 60
    refresh_token_days: int = 30
    hide_unknown_users: bool = Field(True, description="Whether an error keeps to itself if a user exists")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the clients of each pool, and the settings of those that are wanted."""
        names = {key[1] for key in wanted.keys}
        found = []
        for pool in (yield from pools()):
            listed = yield aws(SERVICE, "ListUserPoolClients", {"UserPoolId": pool}, pages=True, absent=GONE)
            for item in (listed or {}).get("UserPoolClients", ()):
                id_ = item["ClientId"]
                fields = {"pool": pool, "name": item["ClientName"]}
                if id_ in wanted.ids or item["ClientName"] in names:
                    params = {"UserPoolId": pool, "ClientId": id_}
                    reply = yield aws(SERVICE, "DescribeUserPoolClient", params, absent=GONE)
                    fields |= _fields(reply["UserPoolClient"]) if reply else {}
                found.append(Observed(id_, fields, {"id": id_}, member_of=("aws.cognito.user_pool", pool)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the client."""
        params = {**self._settings(), "GenerateSecret": self.generate_secret}
        reply = yield aws(SERVICE, "CreateUserPoolClient", params)
        return {"id": reply["UserPoolClient"]["ClientId"]}

    def _settings(self) -> dict[str, Any]:
        return {
            "UserPoolId": self.pool,
            "ClientName": self.name,
            "AllowedOAuthFlowsUserPoolClient": bool(self.oauth_flows),
            "AllowedOAuthFlows": self.oauth_flows,
            "AllowedOAuthScopes": self.oauth_scopes,
            "CallbackURLs": self.callback_urls,
            "LogoutURLs": self.logout_urls,
            "ExplicitAuthFlows": self.auth_flows,
            "SupportedIdentityProviders": self.identity_providers,
            "AccessTokenValidity": self.access_token_minutes,
            "IdTokenValidity": self.id_token_minutes,
            "RefreshTokenValidity": self.refresh_token_days,
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
            "PreventUserExistenceErrors": "ENABLED" if self.hide_unknown_users else "LEGACY",
            "EnableTokenRevocation": True,
        }

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Set all settings anew, as Cognito resets what it is not given."""
        if changed - {"owner"}:
            yield aws(SERVICE, "UpdateUserPoolClient", {**self._settings(), "ClientId": observed.id})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the client."""
        params = {"UserPoolId": observed.fields["pool"], "ClientId": observed.id}
        yield aws(SERVICE, "DeleteUserPoolClient", params, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Token lifetimes are in Cognito's bounds, and the OAuth flows go together."""
        yield from matches("services", "cognito.name", self.name, "name")
        bounds = facts("services")["cognito.token_seconds"]
        for field, unit in (("access_token_minutes", 60), ("id_token_minutes", 60), ("refresh_token_days", 86_400)):
            low, high = bounds[field.rpartition("_")[0]]
            if not low <= getattr(self, field) * unit <= high:
                unit_name = field.rpartition("_")[2]
                yield Problem(
                    "TW0475",
                    f"{field} is {getattr(self, field)}; Cognito takes {-(-low // unit)} to {high // unit} {unit_name}",
                    field,
                )
        for flow in self.oauth_flows:
            yield from one_of("services", "cognito.oauth_flows", flow, "oauth_flows")
        yield from self._check_flows()
        for url in (*self.callback_urls, *self.logout_urls):
            local = url.startswith("http://localhost") or not url.startswith("http:")
            if not unknown(url) and (not local or "://" not in url or "#" in url):
                field = "callback_urls" if url in self.callback_urls else "logout_urls"
                yield Problem("TW0492", f"{url!r} is no URL that Cognito takes: https, without a fragment", field)

    def _check_flows(self) -> Iterable[Problem]:
        flows = set(self.oauth_flows)
        if MACHINE in flows and flows != {MACHINE}:
            yield Problem("TW0492", f"{MACHINE} goes with no other flow", "oauth_flows", "make two clients")
        if MACHINE in flows and not self.generate_secret:
            yield Problem("TW0492", f"{MACHINE} needs a client secret", "generate_secret")
        if flows - {MACHINE} and not self.callback_urls:
            yield Problem("TW0492", "a flow that redirects needs callback_urls", "callback_urls")
        if flows and not self.oauth_scopes:
            yield Problem("TW0492", "an OAuth flow needs oauth_scopes", "oauth_scopes")


def _fields(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "generate_secret": "ClientSecret" in item,
        "oauth_flows": item.get("AllowedOAuthFlows") or [],
        "oauth_scopes": item.get("AllowedOAuthScopes") or [],
        "callback_urls": item.get("CallbackURLs") or [],
        "logout_urls": item.get("LogoutURLs") or [],
        "auth_flows": item.get("ExplicitAuthFlows") or [],
        "identity_providers": item.get("SupportedIdentityProviders") or [],
        "access_token_minutes": _lifetime(item, "AccessToken", default="hours", unit=60),
        "id_token_minutes": _lifetime(item, "IdToken", default="hours", unit=60),
        "refresh_token_days": _lifetime(item, "RefreshToken", default="days", unit=86_400),
        "hide_unknown_users": item.get("PreventUserExistenceErrors") == "ENABLED",
    }


def _lifetime(item: Mapping[str, Any], token: str, *, default: str, unit: int) -> float | None:
    value = item.get(f"{token}Validity")
    named = (item.get("TokenValidityUnits") or {}).get(token, default)
    seconds = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}[named]
    return None if value is None else value * seconds / unit

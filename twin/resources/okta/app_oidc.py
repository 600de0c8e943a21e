"""OpenID Connect clients."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field

from twin.address import Address
from twin.resources.canonical import UNORDERED
from twin.resources.okta.app import App
from twin.resources.okta.org import fact
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Peers, Problem

GrantType = Literal[
    "authorization_code", "implicit", "interaction_code", "password", "refresh_token", "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange",
]  # fmt: skip


class AppOidc(App):
    """An OpenID Connect client."""

    TYPE: ClassVar[str] = "okta.app_oidc"
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "client_id")

    application_type: Annotated[Literal["web", "browser", "native", "service"], IMMUTABLE] = "web"
    grant_types: Annotated[list[GrantType], UNORDERED] = Field(["authorization_code"])
    response_types: Annotated[list[Literal["code", "token", "id_token"]], UNORDERED] = Field(["code"])
    redirect_uris: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    post_logout_redirect_uris: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    token_endpoint_auth_method: Literal[
        "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"
    ] = "client_secret_basic"  # noqa: S105 - a method, no secret
    pkce_required: bool = True

    @classmethod
    def mine(cls, app: Mapping[str, Any]) -> bool:
        """Tell whether an app is a custom OIDC client."""
        return bool(app["signOnMode"] == "OPENID_CONNECT" and app["name"] == "oidc_client")

    @classmethod
    def settings(cls, app: Mapping[str, Any]) -> dict[str, Any]:
        """Return the client's fields."""
        client, credentials = app["settings"]["oauthClient"], app["credentials"]["oauthClient"]
        lists = ("grant_types", "response_types", "redirect_uris", "post_logout_redirect_uris")
        return {
            "application_type": client.get("application_type"),
            **{name: list(client.get(name) or ()) for name in lists},
            "token_endpoint_auth_method": credentials.get("token_endpoint_auth_method"),
            "pkce_required": credentials.get("pkce_required"),
        }

    @classmethod
    def outputs(cls, app: Any) -> dict[str, Any]:
        """Return the id of the app and of the client; the client's secret stays at Okta."""
        return {"id": app["id"], "client_id": app["credentials"]["oauthClient"]["client_id"]}

    def body(self, note: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the app; one that is written anew keeps its client id."""
        client = {
            "application_type": self.application_type,
            "grant_types": self.grant_types,
            "response_types": self.response_types,
            "redirect_uris": self.redirect_uris,
            "post_logout_redirect_uris": self.post_logout_redirect_uris,
            "consent_method": "TRUSTED",
        }
        credentials = {
            "token_endpoint_auth_method": self.token_endpoint_auth_method,
            "autoKeyRotation": True,
            "pkce_required": self.pkce_required,
            **({"client_id": outputs["client_id"]} if "client_id" in outputs else {}),
        }
        return {
            "name": "oidc_client",
            "label": self.label,
            "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": credentials},
            "settings": {"oauthClient": client, "notes": {"admin": note}},
        }

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The grants fit the type of application, redirects are safe."""
        yield from super().check(address, peers)
        allowed = fact("grant_types")[self.application_type]
        for grant in self.grant_types:
            if grant not in allowed:
                message = f"a {self.application_type} application cannot use the grant {grant}"
                yield Problem("TW0610", message, "grant_types", f"one of {', '.join(allowed)}")
        yield from self._check_redirects()
        secret = self.token_endpoint_auth_method != "none"  # noqa: S105 - a method, no secret
        public = self.application_type in ("browser", "native") and not secret
        if self.application_type == "browser" and not public:
            message = "a browser application cannot keep a secret"
            yield Problem("TW0612", message, "token_endpoint_auth_method", "use none, with PKCE")
        if public and not self.pkce_required:
            yield Problem("TW0612", "a client without a secret needs PKCE", "pkce_required")

    def _check_redirects(self) -> Iterator[Problem]:
        flows = {"authorization_code", "implicit", "interaction_code"} & set(self.grant_types)
        if flows and not self.redirect_uris:
            yield Problem("TW0611", "the grants redirect, and there is no redirect URI", "redirect_uris")
        for field in ("redirect_uris", "post_logout_redirect_uris"):
            for uri in getattr(self, field):
                if not unknown(uri) and not self._safe(uri):
                    yield Problem("TW0611", f"{uri} is no https URI", field, "http is for localhost alone")

    def _safe(self, uri: str) -> bool:
        parts = urlsplit(uri)
        if parts.scheme in ("http", "https"):
            local = parts.hostname in ("localhost", "127.0.0.1", "::1")
            return bool(parts.hostname) and not parts.fragment and (parts.scheme == "https" or local)
        return self.application_type == "native" and "." in parts.scheme

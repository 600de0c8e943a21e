"""Identity providers of Access; their secrets are not shown again."""

from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.access_rules import invalid
from twin.world.saas.cloudflare.body import object_body, required
from twin.world.saas.cloudflare.envelope import refusal, success
from twin.world.saas.cloudflare.listing import paged
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

PROVIDERS = "/accounts/{account_id}/access/identity_providers"
TYPES = ("onetimepin", "azureAD", "saml", "okta", "google-apps", "google", "oidc", "github")


def _find(state: State, hit: Hit) -> dict[str, Any]:
    state.require_account(hit)
    provider = state.access.providers.get(hit.path["identity_provider_id"])
    if provider is None:
        raise refusal("access-not-found")
    return provider


def _stored(state: State, provider_id: str, body: dict[str, Any], *, status: int) -> Response:
    kind = required(body, "type", "text")
    if kind not in TYPES:
        raise invalid(f"type must be one of {', '.join(TYPES)}")
    config = {name: value for name, value in required(body, "config", "object").items() if name != "client_secret"}
    provider = {"id": provider_id, "name": required(body, "name", "text"), "type": kind, "config": config}
    state.access.providers[provider_id] = provider
    return success(provider, status=status)


@route("GET", PROVIDERS)
def list_providers(state: State, hit: Hit) -> Response:
    """List the identity providers."""
    state.require_account(hit)
    return paged(hit, list(state.access.providers.values()), per_page=25, limits=(1, 1000))


@route("POST", PROVIDERS)
def create_provider(state: State, hit: Hit) -> Response:
    """Add an identity provider."""
    state.require_account(hit)
    return _stored(state, state.access.ids.uuid(), object_body(hit), status=201)


@route("GET", f"{PROVIDERS}/{{identity_provider_id}}")
def get_provider(state: State, hit: Hit) -> Response:
    """Show an identity provider."""
    return success(_find(state, hit))


@route("PUT", f"{PROVIDERS}/{{identity_provider_id}}")
def update_provider(state: State, hit: Hit) -> Response:
    """Replace an identity provider."""
    return _stored(state, _find(state, hit)["id"], object_body(hit), status=200)


@route("DELETE", f"{PROVIDERS}/{{identity_provider_id}}")
def delete_provider(state: State, hit: Hit) -> Response:
    """Delete an identity provider."""
    provider = _find(state, hit)
    del state.access.providers[provider["id"]]
    return success({"id": provider["id"]}, status=202)

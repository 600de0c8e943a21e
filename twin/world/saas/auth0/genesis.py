"""What a new tenant holds before anyone touches it: its keys, its management API, and one client that may do all."""

from twin.clock import Clock
from twin.world.ids import Ids
from twin.world.saas.auth0.clients import new_client
from twin.world.saas.auth0.documented import operations
from twin.world.saas.auth0.rate_limits import FIGURES
from twin.world.saas.auth0.resource_servers import new_server
from twin.world.saas.auth0.signing_keys import new_key
from twin.world.saas.auth0.state import Record, Tenant


def found_tenant(*, clock: Clock, ids: Ids, domain: str, client_id: str, client_secret: str) -> Tenant:
    """Return a new tenant with one machine-to-machine client, which holds every scope of the management API."""
    tenant = Tenant(clock, ids, domain)
    tenant.secret = ids.hex(32)
    tenant.settings = {
        "flags": {},
        "session_lifetime": 168,
        "idle_session_lifetime": 72,
        "sandbox_version": "22",
        "friendly_name": domain.partition(".")[0],
        "enabled_locales": ["en"],
        "allowed_logout_urls": [],
    }
    tenant.keys = [
        new_key(tenant) | {"current": True, "current_since": tenant.now()},
        new_key(tenant) | {"next": True},
    ]
    scopes = sorted({scope for known in operations().values() for scope in known["scopes"]})
    named = [{"value": scope, "description": scope.replace(":", " ")} for scope in scopes]
    api = {"name": "Auth0 Management API", "identifier": tenant.api, "scopes": named}
    server = new_server(tenant, api)
    server |= {"is_system": True, "token_lifetime": int(FIGURES["api_token"]["seconds"])}
    client = new_client(tenant, {"name": "bootstrap", "app_type": "non_interactive"}, key=client_id)
    client |= {"client_secret": client_secret, "grant_types": ["client_credentials"]}
    grant: Record = {"id": f"cgr_{ids.word(16)}", "client_id": client_id, "audience": tenant.api, "scope": scopes}
    tenant.client_grants[grant["id"]] = grant
    return tenant

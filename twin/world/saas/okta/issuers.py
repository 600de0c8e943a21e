"""The issuers of an org's tokens: each custom authorization server, and the org's own."""

from twin.world.saas.okta.errors import not_found
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.router import Hit

# The org's own server has no record of its own: nothing of it can be configured.
OWN_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access", "groups")


def issuer_of(org: Org, server: Record | None) -> str:
    """Return the issuer of a server's tokens, on the org's own host whatever host was asked; None is the org's own."""
    return org.url if server is None else f"{org.url}/oauth2/{server['id']}"


def endpoint_of(org: Org, server: Record | None, name: str) -> str:
    """Return the address of an endpoint of a server on the org's own host."""
    return f"{org.url}/oauth2/v1/{name}" if server is None else f"{issuer_of(org, server)}/v1/{name}"


def named_server(org: Org, hit: Hit) -> Record | None:
    """Return the server whose endpoint was asked, None for the org's own; an inactive one is not found."""
    key = hit.path.get("server_id")
    if key is None:
        return None
    server = org.servers.get(key)
    if server is None or server["status"] != "ACTIVE":
        raise not_found("AuthorizationServer", key)
    return server


def event(server: Record | None, name: str) -> str:
    """Return the type of an event, which says which kind of server it was."""
    return f"app.oauth2.{'' if server is None else 'as.'}{name}"


def scope_names(org: Org, server: Record | None) -> list[str]:
    """Return the scopes that a server knows."""
    return [*OWN_SCOPES] if server is None else [str(one["name"]) for one in org.scopes[server["id"]].values()]

"""Client grants: which client may ask for tokens of which API in its own right, with which scopes."""

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import ManagementError, invalid, not_found
from twin.world.saas.auth0.paging import page
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, find, shown
from twin.world.saas.router import Hit, json_response

GRANTS = "/api/v2/client-grants"


def _check_scopes(tenant: Tenant, audience: str, scopes: list[str]) -> None:
    server = tenant.server_of(audience)
    if server is None:
        raise not_found("resource server", "inexistent_resource_server")
    unknown = set(scopes) - {scope["value"] for scope in server["scopes"]}
    if unknown:
        raise invalid(f"The following scopes are not defined in the API: {', '.join(sorted(unknown))}", "invalid_scope")


@ROUTER.route("POST", GRANTS)
def create_grant(tenant: Tenant, hit: Hit) -> Response:
    """Let a client have tokens of an API; there is one grant for each pair."""
    body = checked(hit, "POST /client-grants")
    if "client_id" not in body:
        raise invalid("The twin grants to single clients only: client_id is missing")
    find(tenant.clients, body["client_id"], "client", "inexistent_client")
    _check_scopes(tenant, body["audience"], body.get("scope", []))
    if any(_pair(one) == _pair(body) for one in tenant.client_grants.values()):
        raise ManagementError(409, "A resource with the same identifier already exists.", "client_grant_conflict")
    grant: Record = {"id": f"cgr_{tenant.ids.word(16)}", "scope": [], **body}
    tenant.client_grants[grant["id"]] = grant
    return json_response(201, shown(grant))


def _pair(grant: Record) -> tuple[str, str]:
    return grant["client_id"], grant["audience"]


@ROUTER.route("GET", GRANTS)
def list_grants(tenant: Tenant, hit: Hit) -> Response:
    """List grants, by client and API if asked."""
    rows = list(tenant.client_grants.values())
    for name in ("client_id", "audience"):
        rows = [one for one in rows if not hit.query.get(name) or one[name] == hit.query[name]]
    return page(hit, rows, shown, "client_grants")


def _grant(tenant: Tenant, hit: Hit) -> Record:
    return find(tenant.client_grants, hit.path["key"], "client grant", "inexistent_client_grant")


@ROUTER.route("GET", f"{GRANTS}/<key>")
def get_grant(tenant: Tenant, hit: Hit) -> Response:
    """Return one grant."""
    return json_response(200, shown(_grant(tenant, hit)))


@ROUTER.route("PATCH", f"{GRANTS}/<key>")
def update_grant(tenant: Tenant, hit: Hit) -> Response:
    """Change the scopes of a grant."""
    grant, body = _grant(tenant, hit), checked(hit, "PATCH /client-grants/{id}")
    _check_scopes(tenant, grant["audience"], body.get("scope") or [])
    grant |= body
    return json_response(200, shown(grant))


@ROUTER.route("DELETE", f"{GRANTS}/<key>")
def delete_grant(tenant: Tenant, hit: Hit) -> Response:
    """Take an API from a client; tokens that it has go on until they expire."""
    tenant.client_grants.pop(hit.path["key"], None)
    return Response(204)

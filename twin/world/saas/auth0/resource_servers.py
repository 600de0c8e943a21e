"""Resource servers: the APIs for which the tenant grants tokens, with their permissions."""

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import ManagementError, invalid
from twin.world.saas.auth0.paging import page
from twin.world.saas.auth0.rate_limits import FIGURES
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, shown
from twin.world.saas.router import Hit, json_response

SERVERS = "/api/v2/resource-servers"


def new_server(tenant: Tenant, body: Record) -> Record:
    """Add an API with the vendor's defaults."""
    server: Record = {"id": tenant.ids.hex(24), "name": body["identifier"], "is_system": False, "scopes": []}
    server |= {"signing_alg": "RS256", "allow_offline_access": False, "enforce_policies": False}
    server |= {"token_lifetime": int(FIGURES["api_token"]["seconds"]), "token_dialect": "access_token"}
    server |= {"token_lifetime_for_web": int(FIGURES["api_token_web"]["seconds"])}
    server |= {"skip_consent_for_verifiable_first_party_clients": True, **body}
    tenant.resource_servers[server["id"]] = server
    return server


def _check(body: Record) -> None:
    if body.get("signing_alg", "RS256") != "RS256":
        raise invalid(f"The twin signs with RS256 only, not {body['signing_alg']}")
    names = [scope.get("value") for scope in body.get("scopes") or []]
    if len(set(names)) != len(names) or not all(isinstance(name, str) and name for name in names):
        raise invalid("Payload validation error: 'Invalid scopes' on property scopes.")


def _server(tenant: Tenant, hit: Hit) -> Record:
    key = hit.path["key"]
    found = tenant.resource_servers.get(key) or tenant.server_of(key)
    if found is None:
        raise ManagementError(404, "The resource server does not exist.", "inexistent_resource_server")
    return found


@ROUTER.route("POST", SERVERS)
def create_server(tenant: Tenant, hit: Hit) -> Response:
    """Create an API, whose identifier no other has and which never changes."""
    body = checked(hit, "POST /resource-servers")
    _check(body)
    if tenant.server_of(body["identifier"]):
        message = f"A resource server with the same identifier ({body['identifier']}) already exists."
        raise ManagementError(409, message, "resource_server_conflict")
    return json_response(201, shown(new_server(tenant, body)))


@ROUTER.route("GET", SERVERS)
def list_servers(tenant: Tenant, hit: Hit) -> Response:
    """List APIs."""
    wanted = hit.query.getlist("identifiers")
    rows = [one for one in tenant.resource_servers.values() if not wanted or one["identifier"] in wanted]
    return page(hit, rows, shown, "resource_servers", checkpoints=False)


@ROUTER.route("GET", f"{SERVERS}/<path:key>")
def get_server(tenant: Tenant, hit: Hit) -> Response:
    """Return one API, by its id or its identifier."""
    return json_response(200, shown(_server(tenant, hit)))


@ROUTER.route("PATCH", f"{SERVERS}/<path:key>")
def update_server(tenant: Tenant, hit: Hit) -> Response:
    """Change an API; permissions that are gone leave the roles and users that had them."""
    server, body = _server(tenant, hit), checked(hit, "PATCH /resource-servers/{id}")
    _check(body)
    if server["is_system"] and set(body) - {"token_lifetime", "skip_consent_for_verifiable_first_party_clients"}:
        raise ManagementError(400, "Invalid change to a system resource server", "operation_not_supported")
    server |= body
    _forget(tenant, server["identifier"], {scope["value"] for scope in server["scopes"]})
    return json_response(201, shown(server))


@ROUTER.route("DELETE", f"{SERVERS}/<path:key>")
def delete_server(tenant: Tenant, hit: Hit) -> Response:
    """Delete an API with its grants and permissions."""
    server = _server(tenant, hit)
    if server["is_system"]:
        raise ManagementError(400, "You cannot delete a system resource server", "operation_not_supported")
    del tenant.resource_servers[server["id"]]
    for key in [key for key, one in tenant.client_grants.items() if one["audience"] == server["identifier"]]:
        del tenant.client_grants[key]
    _forget(tenant, server["identifier"], set())
    return Response(204)


def _forget(tenant: Tenant, identifier: str, left: set[str]) -> None:
    for held in (*tenant.role_permissions.values(), *tenant.user_permissions.values()):
        for pair in [pair for pair in held if pair[0] == identifier and pair[1] not in left]:
            del held[pair]

"""Connections: where a tenant's users come from."""

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import ManagementError, invalid
from twin.world.saas.auth0.paging import fields, page
from twin.world.saas.auth0.password_policies import levels
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, find, shown
from twin.world.saas.router import Hit, json_response

CONNECTIONS = "/api/v2/connections"


@ROUTER.route("POST", CONNECTIONS)
def create_connection(tenant: Tenant, hit: Hit) -> Response:
    """Create a connection, whose name no other has."""
    body = checked(hit, "POST /connections")
    _check(body)
    if any(one["name"] == body["name"] for one in tenant.connections.values()):
        raise ManagementError(409, "A connection with the same name already exists", "connection_conflict")
    connection: Record = {"id": f"con_{tenant.ids.word(16)}", "options": {}, "is_domain_connection": False}
    connection |= {"realms": [body["name"]], "enabled_clients": [], "metadata": {}, **body}
    tenant.connections[connection["id"]] = connection
    return json_response(201, shown(connection))


def _check(body: Record) -> None:
    level = (body.get("options") or {}).get("passwordPolicy")
    if level is not None and level not in levels():
        raise invalid(f"Payload validation error: 'No enum match for: {level}' on property passwordPolicy.")


@ROUTER.route("GET", CONNECTIONS)
def list_connections(tenant: Tenant, hit: Hit) -> Response:
    """List connections by name and strategy."""
    name, wanted = hit.query.get("name", ""), set(hit.query.getlist("strategy"))
    rows = [one for one in tenant.connections.values() if not name or one["name"] == name]
    rows = [one for one in rows if not wanted or one["strategy"] in wanted]
    return page(hit, rows, _listed, "connections")


def _listed(connection: Record) -> Record:
    return {name: value for name, value in shown(connection).items() if name != "enabled_clients"}


def _connection(tenant: Tenant, hit: Hit) -> Record:
    return find(tenant.connections, hit.path["key"], "connection", "inexistent_connection")


@ROUTER.route("GET", f"{CONNECTIONS}/<key>")
def get_connection(tenant: Tenant, hit: Hit) -> Response:
    """Return one connection."""
    return json_response(200, fields(hit, shown(_connection(tenant, hit))))


@ROUTER.route("PATCH", f"{CONNECTIONS}/<key>")
def update_connection(tenant: Tenant, hit: Hit) -> Response:
    """Change a connection; its options are replaced whole, as the vendor does."""
    connection = _connection(tenant, hit)
    body = checked(hit, "PATCH /connections/{id}")
    _check(body)
    connection |= body
    return json_response(200, shown(connection))


@ROUTER.route("DELETE", f"{CONNECTIONS}/<key>")
def delete_connection(tenant: Tenant, hit: Hit) -> Response:
    """Delete a connection with its users."""
    connection = tenant.connections.pop(hit.path["key"], None)
    if connection is not None:
        for user in [one for one in tenant.users.values() if one["#connection"] == connection["name"]]:
            del tenant.users[user["user_id"]]
    return Response(202)

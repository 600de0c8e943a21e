"""Roles: permissions of APIs under one name, and the users who have them."""

from typing import Any

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import ManagementError, invalid
from twin.world.saas.auth0.paging import page
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, find, shown
from twin.world.saas.router import Hit, json_response

ROLES = "/api/v2/roles"
Pair = tuple[str, str]


def pairs(tenant: Tenant, body: Record) -> list[Pair]:
    """Return the permissions that a body names; each must be a scope of its API."""
    found = [(one.get("resource_server_identifier"), one.get("permission_name")) for one in body["permissions"]]
    for identifier, name in found:
        server = tenant.server_of(str(identifier))
        if server is None or name not in {scope["value"] for scope in server["scopes"]}:
            message = f"The permission {name} of the API {identifier} does not exist"
            raise ManagementError(400, message, "inexistent_permission")
    return [(str(identifier), str(name)) for identifier, name in found]


def render_permission(tenant: Tenant, pair: Pair) -> dict[str, Any]:
    """Return a permission with the names of its API."""
    server = tenant.server_of(pair[0]) or {"name": pair[0], "scopes": []}
    told = next((one.get("description", "") for one in server["scopes"] if one["value"] == pair[1]), "")
    found = {"resource_server_identifier": pair[0], "permission_name": pair[1]}
    return found | {"resource_server_name": server["name"], "description": told}


def _role(tenant: Tenant, hit: Hit) -> Record:
    return find(tenant.roles, hit.path["key"], "role", "inexistent_role")


def _check_name(tenant: Tenant, name: Any, key: str = "") -> None:
    if any(one["name"] == name and one["id"] != key for one in tenant.roles.values()):
        raise ManagementError(409, f"A role with the name {name} already exists", "role_conflict")


@ROUTER.route("POST", ROLES)
def create_role(tenant: Tenant, hit: Hit) -> Response:
    """Create a role, whose name no other has."""
    body = checked(hit, "POST /roles")
    _check_name(tenant, body["name"])
    role: Record = {
        "id": f"rol_{tenant.ids.word(16)}",
        "name": body["name"],
        "description": body.get("description", ""),
    }
    tenant.roles[role["id"]] = role
    tenant.role_permissions[role["id"]], tenant.role_users[role["id"]] = {}, {}
    return json_response(200, shown(role))


@ROUTER.route("GET", ROLES)
def list_roles(tenant: Tenant, hit: Hit) -> Response:
    """List roles, by a part of their names if asked."""
    words = hit.query.get("name_filter", "").casefold()
    rows = [one for one in tenant.roles.values() if words in one["name"].casefold()]
    return page(hit, rows, shown, "roles", checkpoints=False)


@ROUTER.route("GET", f"{ROLES}/<key>")
def get_role(tenant: Tenant, hit: Hit) -> Response:
    """Return one role."""
    return json_response(200, shown(_role(tenant, hit)))


@ROUTER.route("PATCH", f"{ROLES}/<key>")
def update_role(tenant: Tenant, hit: Hit) -> Response:
    """Change a role's name or description."""
    role, body = _role(tenant, hit), checked(hit, "PATCH /roles/{id}")
    _check_name(tenant, body.get("name", role["name"]), role["id"])
    role |= body
    return json_response(200, shown(role))


@ROUTER.route("DELETE", f"{ROLES}/<key>")
def delete_role(tenant: Tenant, hit: Hit) -> Response:
    """Delete a role; its users lose it."""
    role = _role(tenant, hit)
    for table in (tenant.roles, tenant.role_permissions, tenant.role_users):
        del table[role["id"]]
    return Response(200)


@ROUTER.route("GET", f"{ROLES}/<key>/permissions")
def list_permissions(tenant: Tenant, hit: Hit) -> Response:
    """List the permissions of a role."""
    rows = [render_permission(tenant, pair) for pair in tenant.role_permissions[_role(tenant, hit)["id"]]]
    return page(hit, rows, dict, "permissions", checkpoints=False)


@ROUTER.route("POST", f"{ROLES}/<key>/permissions")
def add_permissions(tenant: Tenant, hit: Hit) -> Response:
    """Give a role permissions."""
    role = _role(tenant, hit)
    body = checked(hit, "POST /roles/{id}/permissions")
    tenant.role_permissions[role["id"]] |= dict.fromkeys(pairs(tenant, body))
    return Response(201)


@ROUTER.route("DELETE", f"{ROLES}/<key>/permissions")
def remove_permissions(tenant: Tenant, hit: Hit) -> Response:
    """Take permissions from a role."""
    role = _role(tenant, hit)
    for pair in pairs(tenant, checked(hit, "DELETE /roles/{id}/permissions")):
        tenant.role_permissions[role["id"]].pop(pair, None)
    return Response(200)


@ROUTER.route("GET", f"{ROLES}/<key>/users")
def list_users(tenant: Tenant, hit: Hit) -> Response:
    """List the users of a role."""
    rows = [tenant.users[key] for key in tenant.role_users[_role(tenant, hit)["id"]]]

    def render(user: Record) -> Record:
        return {name: user[name] for name in ("user_id", "picture", "name", "email") if name in user}

    return page(hit, rows, render, "users", key="user_id")


@ROUTER.route("POST", f"{ROLES}/<key>/users")
def add_users(tenant: Tenant, hit: Hit) -> Response:
    """Give users a role."""
    role, body = _role(tenant, hit), checked(hit, "POST /roles/{id}/users")
    unknown = [key for key in body["users"] if key not in tenant.users]
    if unknown:
        raise invalid(f"The user {unknown[0]} does not exist", "inexistent_user")
    tenant.role_users[role["id"]] |= dict.fromkeys(body["users"])
    return Response(200)

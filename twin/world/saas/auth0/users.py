"""Users of the tenant's database connections, with their roles and permissions."""

import hashlib
import hmac

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import ManagementError, invalid
from twin.world.saas.auth0.paging import fields, page
from twin.world.saas.auth0.password_policies import check_password
from twin.world.saas.auth0.query import refused
from twin.world.saas.auth0.roles import pairs, render_permission
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, find, shown
from twin.world.saas.router import Hit, json_response

# https://auth0.com/docs/manage-users/user-search/view-search-results-by-page#limitation (assumed)
FOUND = 1000
USERS = "/api/v2/users"
ROUNDS = 1000  # the digest of a password of a rehearsal; the time to compute it is not what is rehearsed


def password_digest(tenant: Tenant, user_id: str, password: str) -> str:
    """Return what is kept of a password."""
    salt = f"{tenant.secret}:{user_id}".encode()
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS).hex()


def signs_in(tenant: Tenant, user: Record, password: str) -> bool:
    """Tell whether a password is a user's."""
    return hmac.compare_digest(user.get("#password", ""), password_digest(tenant, user["user_id"], password))


def effective(tenant: Tenant, user_id: str) -> set[tuple[str, str]]:
    """Return the permissions that a user has by itself and through roles."""
    own = set(tenant.user_permissions.get(user_id, {}))
    for role, members in tenant.role_users.items():
        own |= set(tenant.role_permissions[role]) if user_id in members else set()
    return own


def _user(tenant: Tenant, hit: Hit) -> Record:
    return find(tenant.users, hit.path["key"], "user", "inexistent_user")


def _taken(tenant: Tenant, connection: str, email: str, user_id: str) -> bool:
    others = [one for one in tenant.users.values() if one["#connection"] == connection and one["user_id"] != user_id]
    return email.casefold() in {str(one.get("email") or "").casefold() for one in others}


@ROUTER.route("POST", USERS)
def create_user(tenant: Tenant, hit: Hit) -> Response:
    """Create a user in a database connection, where its mail address is its own."""
    body = checked(hit, "POST /users")
    connection = next((one for one in tenant.connections.values() if one["name"] == body["connection"]), None)
    if connection is None:
        raise ManagementError(400, "The connection does not exist.", "inexistent_connection")
    if connection["strategy"] != "auth0" or "email" not in body or "password" not in body:
        raise invalid("The twin creates users of database connections with email and password")
    check_password(connection, body["password"])
    user_id = f"auth0|{body.get('user_id') or tenant.ids.hex(24)}"
    if _taken(tenant, body["connection"], body["email"], user_id) or user_id in tenant.users:
        raise ManagementError(409, "The user already exists.", "auth0_idp_error")
    now = tenant.now()
    user: Record = {"user_id": user_id, "created_at": now, "updated_at": now, "email_verified": False}
    user |= {"name": body["email"], "nickname": body["email"].partition("@")[0], "#connection": body["connection"]}
    user |= {name: value for name, value in body.items() if name in SHOWN}
    identity = {"connection": body["connection"], "user_id": user_id.partition("|")[2], "provider": "auth0"}
    user |= {"identities": [identity | {"isSocial": False}]}
    user["#password"] = password_digest(tenant, user_id, body["password"])
    tenant.users[user_id] = user
    tenant.user_permissions[user_id] = {}
    return json_response(201, shown(user))


SHOWN = {
    "email", "email_verified", "phone_number", "phone_verified", "user_metadata", "app_metadata", "blocked",
    "given_name", "family_name", "name", "nickname", "picture", "username",
}  # fmt: skip


@ROUTER.route("GET", USERS)
def list_users(tenant: Tenant, hit: Hit) -> Response:
    """List users; a query of one term `field:"value"` is read, others are refused."""
    rows, query = list(tenant.users.values()), hit.query.get("q", "")
    if query:
        name, colon, value = query.partition(":")
        if not colon or " " in query.replace('" "', ""):
            raise ManagementError(
                400, f"The twin reads queries of one term field:value, not {query}", "invalid_query_string"
            )
        rows = [one for one in rows if str(one.get(name, "")).casefold() == value.strip('"').casefold()]
    order, _, way = hit.query.get("sort", "").partition(":")
    if order:
        if way not in ("1", "-1"):
            raise refused("'The sort is field:1 or field:-1' on property sort.")
        rows.sort(key=lambda one: str(one.get(order, "")), reverse=way == "-1")
    if hit.query.get("search_engine", "v3") != "v3":
        raise refused("'No enum match, the engine is v3' on property search_engine.")
    return page(hit, rows, shown, "users", key="user_id", counted=True, checkpoints=False, most=FOUND)


@ROUTER.route("GET", "/api/v2/users-by-email")
def list_users_by_email(tenant: Tenant, hit: Hit) -> Response:
    """List the users of a mail address."""
    wanted = hit.query.get("email", "").casefold()
    found = [
        fields(hit, shown(one)) for one in tenant.users.values() if str(one.get("email") or "").casefold() == wanted
    ]
    return json_response(200, found)


@ROUTER.route("GET", f"{USERS}/<key>")
def get_user(tenant: Tenant, hit: Hit) -> Response:
    """Return one user."""
    return json_response(200, fields(hit, shown(_user(tenant, hit))))


@ROUTER.route("PATCH", f"{USERS}/<key>")
def update_user(tenant: Tenant, hit: Hit) -> Response:
    """Change a user; metadata are merged at their first level, a blocked user gets no tokens."""
    user, body = _user(tenant, hit), checked(hit, "PATCH /users/{id}")
    changed = {name: value for name, value in body.items() if name in SHOWN}
    for name in ("user_metadata", "app_metadata"):
        if name in changed:
            merged = {**user.get(name, {}), **(changed[name] or {})}
            changed[name] = {key: value for key, value in merged.items() if value is not None}
    if body.get("email") and _taken(tenant, user["#connection"], body["email"], user["user_id"]):
        raise invalid("The specified new email already exists", "auth0_idp_error")
    if body.get("password") is not None:
        of_user = (one for one in tenant.connections.values() if one["name"] == user["#connection"])
        check_password(next(of_user), body["password"])
    user |= changed | {"updated_at": tenant.now()}
    if body.get("password") is not None:
        user |= {"#password": password_digest(tenant, user["user_id"], body["password"])}
        user["last_password_reset"] = tenant.now()
    return json_response(200, shown(user))


@ROUTER.route("DELETE", f"{USERS}/<key>")
def delete_user(tenant: Tenant, hit: Hit) -> Response:
    """Delete a user with its refresh tokens."""
    user_id = hit.path["key"]
    tenant.users.pop(user_id, None)
    tenant.user_permissions.pop(user_id, None)
    for members in tenant.role_users.values():
        members.pop(user_id, None)
    for kept in tenant.refresh.values():
        kept["live"] = kept["live"] and kept["user"] != user_id
    return Response(204)


@ROUTER.route("GET", f"{USERS}/<key>/roles")
def list_roles(tenant: Tenant, hit: Hit) -> Response:
    """List a user's roles."""
    user = _user(tenant, hit)
    rows = [tenant.roles[role] for role, members in tenant.role_users.items() if user["user_id"] in members]
    return page(hit, rows, shown, "roles", checkpoints=False)


@ROUTER.route("POST", f"{USERS}/<key>/roles")
def add_roles(tenant: Tenant, hit: Hit) -> Response:
    """Give a user roles."""
    user, body = _user(tenant, hit), checked(hit, "POST /users/{id}/roles")
    for role in body["roles"]:
        find(tenant.roles, role, "role", "inexistent_role")
    for role in body["roles"]:
        tenant.role_users[role][user["user_id"]] = None
    return Response(204)


@ROUTER.route("DELETE", f"{USERS}/<key>/roles")
def remove_roles(tenant: Tenant, hit: Hit) -> Response:
    """Take roles from a user."""
    user, body = _user(tenant, hit), checked(hit, "DELETE /users/{id}/roles")
    for role in body["roles"]:
        tenant.role_users.get(role, {}).pop(user["user_id"], None)
    return Response(204)


@ROUTER.route("GET", f"{USERS}/<key>/permissions")
def list_permissions(tenant: Tenant, hit: Hit) -> Response:
    """List a user's permissions with where each comes from."""
    user_id = _user(tenant, hit)["user_id"]
    rows = []
    for pair in sorted(effective(tenant, user_id)):
        sources = (
            [{"source_id": "", "source_name": "", "source_type": "DIRECT"}]
            if pair in tenant.user_permissions[user_id]
            else []
        )
        sources += [
            {"source_id": role, "source_name": tenant.roles[role]["name"], "source_type": "ROLE"}
            for role, members in tenant.role_users.items()
            if user_id in members and pair in tenant.role_permissions[role]
        ]
        rows.append(render_permission(tenant, pair) | {"sources": sources})
    return page(hit, rows, dict, "permissions", checkpoints=False)


@ROUTER.route("POST", f"{USERS}/<key>/permissions")
def add_permissions(tenant: Tenant, hit: Hit) -> Response:
    """Give a user permissions of its own."""
    user = _user(tenant, hit)
    body = checked(hit, "POST /users/{id}/permissions")
    tenant.user_permissions[user["user_id"]] |= dict.fromkeys(pairs(tenant, body))
    return Response(201)


@ROUTER.route("DELETE", f"{USERS}/<key>/permissions")
def remove_permissions(tenant: Tenant, hit: Hit) -> Response:
    """Take a user's own permissions."""
    user = _user(tenant, hit)
    for pair in pairs(tenant, checked(hit, "DELETE /users/{id}/permissions")):
        tenant.user_permissions[user["user_id"]].pop(pair, None)
    return Response(204)

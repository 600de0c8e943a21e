"""Administrator roles of users and groups: the standard ones, assigned and taken back by a super administrator."""

from twin.wire import Response
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.expansions import expanded
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.role_permissions import SUPER, data, roles_of
from twin.world.saas.okta.shapes import open_record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.okta.users import find_user
from twin.world.saas.router import Hit, json_response

USERS, GROUPS = "/api/v1/users/<key>/roles", "/api/v1/groups/<group_id>/roles"
BODY = open_record("type", type=text(least=1))
MOST_MEMBERS = 5000  # E0000193 names the figure


def grant(org: Org, table: dict[str, dict[str, Record]], key: str, *, kind: str, to: str) -> Record:
    """Give a standard role to a user, a group or a service app."""
    made = org.new(
        {"USER": "ra1", "GROUP": "gra", "CLIENT": "irb"}[to],
        label=data()["labels"][kind],
        status="ACTIVE",
        assignmentType=to,
    )
    made["type"] = kind
    table.setdefault(key, {})[made["id"]] = made
    return made


def _render(hit: Hit, where: str, key: str, role: Record) -> Record:
    return {**role, "_links": {"assignee": link(f"{base(hit)}/api/v1/{where}/{key}")}}


def asked_kind(hit: Hit) -> str:
    """Return the standard role that a body names."""
    kind = checked(hit, BODY, "role")["type"]
    if kind == "CUSTOM":
        raise OktaError("E0000060", "custom roles are not simulated here")
    if kind not in data()["labels"]:
        refuse("type", f"type: '{kind}' is not a standard role that is simulated here")
    return str(kind)


@ROUTER.route("GET", USERS)
def list_user_roles(org: Org, hit: Hit) -> Response:
    """List the roles of a user, those that a group brings among them."""
    expanded(hit, refused=("targets/",))
    user = find_user(org, hit.path["key"])
    rows = [_render(hit, "users", user["id"], one) for one in org.roles.get(user["id"], {}).values()]
    for group_id, held in org.group_roles.items():
        if user["id"] in org.members.get(group_id, {}):
            rows += [_render(hit, "groups", group_id, one) for one in held.values()]
    return json_response(200, rows)


@ROUTER.route("POST", USERS)
def assign_user_role(org: Org, hit: Hit) -> Response:
    """Give a standard role to a user."""
    user, kind = find_user(org, hit.path["key"]), asked_kind(hit)
    held = org.roles.get(user["id"], {}).values()
    if any(one["type"] == kind for one in held):
        raise OktaError("E0000090")
    if user["status"] == "DEPROVISIONED":
        raise OktaError("E0000038")
    made = grant(org, org.roles, user["id"], kind=kind, to="USER")
    log(org, "user.account.privilege.grant", target("User", user), debug={"privilegeGranted": made["label"]})
    return json_response(201, _render(hit, "users", user["id"], made))


@ROUTER.route("GET", f"{USERS}/<role_id>")
def get_user_role(org: Org, hit: Hit) -> Response:
    """Return one role of a user."""
    user = find_user(org, hit.path["key"])
    one = find(org.roles.get(user["id"], {}), hit.path["role_id"], "Role")
    return json_response(200, _render(hit, "users", user["id"], one))


@ROUTER.route("DELETE", f"{USERS}/<role_id>")
def unassign_user_role(org: Org, hit: Hit) -> Response:
    """Take a role from a user; the last super administrator stays one."""
    user = find_user(org, hit.path["key"])
    one = find(org.roles.get(user["id"], {}), hit.path["role_id"], "Role")
    supers = [key for key in org.users if SUPER in roles_of(org, key)]
    if one["type"] == SUPER and supers == [user["id"]]:
        refuse("role", "role: The last super administrator cannot be removed")
    del org.roles[user["id"]][one["id"]]
    log(org, "user.account.privilege.revoke", target("User", user), debug={"privilegeRevoked": one["label"]})
    return Response(204)


def _group(org: Org, hit: Hit) -> Record:
    return find(org.groups, hit.path["group_id"], "UserGroup")


@ROUTER.route("GET", GROUPS)
def list_group_roles(org: Org, hit: Hit) -> Response:
    """List the roles of a group."""
    expanded(hit, refused=("targets/",))
    group = _group(org, hit)
    return json_response(200, [_render(hit, "groups", group["id"], one) for one in _held(org, group).values()])


def _held(org: Org, group: Record) -> dict[str, Record]:
    return org.group_roles.get(group["id"], {})


@ROUTER.route("POST", GROUPS)
def assign_group_role(org: Org, hit: Hit) -> Response:
    """Give a standard role to a group of the org's own, small enough and filled by hand."""
    group, kind = _group(org, hit), asked_kind(hit)
    if group["type"] != "OKTA_GROUP":
        raise OktaError("E0000211", group["profile"]["name"])
    if len(org.members[group["id"]]) > MOST_MEMBERS:
        raise OktaError("E0000193")
    if any(one["type"] == kind for one in _held(org, group).values()):
        raise OktaError("E0000090")
    made = grant(org, org.group_roles, group["id"], kind=kind, to="GROUP")
    log(org, "group.privilege.grant", target("UserGroup", group), debug={"privilegeGranted": made["label"]})
    return json_response(200, _render(hit, "groups", group["id"], made))


@ROUTER.route("DELETE", f"{GROUPS}/<role_id>")
def unassign_group_role(org: Org, hit: Hit) -> Response:
    """Take a role from a group."""
    group = _group(org, hit)
    one = find(_held(org, group), hit.path["role_id"], "Role")
    del org.group_roles[group["id"]][one["id"]]
    log(org, "group.privilege.revoke", target("UserGroup", group), debug={"privilegeRevoked": one["label"]})
    return Response(204)

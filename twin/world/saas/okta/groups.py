"""Groups and their members; Everyone is built in and nobody's to change."""

from twin.wire import Response
from twin.world.saas.okta.app_access import apps_of_group, watched
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.criteria import compile_criteria
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.expansions import expanded
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.membership import evaluate_user, exclude_user, group_gone, join, leave
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.shapes import READ_ONLY, anything, record, text
from twin.world.saas.okta.state import MANUAL, ROUTER, Org, Record, find
from twin.world.saas.okta.users import find_user, render_user
from twin.world.saas.router import Hit, json_response

SIZE = Size(10_000, 10_000)
MEMBERS = Size(1000, 1000)
COMPUTED = dict.fromkeys(("type", "objectClass", "lastMembershipUpdated"), anything)
BODY = record(
    "profile",
    **READ_ONLY,
    **COMPUTED,
    profile=record("name", name=text(least=1, most=255), description=text(most=1024)),
)
FILTERED = r"id|type|lastUpdated|lastMembershipUpdated"
SEARCHED = FILTERED + r"|created|source\.id|profile\.(name|description)"


def render_group(hit: Hit, group: Record) -> Record:
    """Return a group with its links."""
    href = f"{base(hit)}/api/v1/groups/{group['id']}"
    links = {
        "logo": [
            {"name": name, "href": f"{base(hit)}/img/group-{name}.png", "type": "image/png"}
            for name in ("medium", "large")
        ],
        "users": link(f"{href}/users"),
        "apps": link(f"{href}/apps"),
    }
    return {**group, "_links": links}


def new_group(org: Org, profile: Record, kind: str = "OKTA_GROUP") -> Record:
    """Add a group to the org."""
    group = org.new("00g", objectClass=["okta:user_group"], type=kind)
    group["lastMembershipUpdated"] = group["created"]
    group["profile"] = {"name": profile["name"], "description": profile.get("description")}
    org.groups[group["id"]] = group
    org.members[group["id"]] = {}
    return group


@ROUTER.route("POST", "/api/v1/groups")
def create_group(org: Org, hit: Hit) -> Response:
    """Create a group; its name is unique among the org's groups."""
    body = checked(hit, BODY, "group")
    _check_name(org, body["profile"]["name"])
    group = new_group(org, body["profile"])
    log(org, "group.lifecycle.create", target("UserGroup", group))
    return json_response(200, render_group(hit, group))


def _check_name(org: Org, name: str, group_id: str = "") -> None:
    if any(group["profile"]["name"] == name and group["id"] != group_id for group in org.groups.values()):
        refuse("name", "name: An object with this field already exists in the current organization")


@ROUTER.route("GET", "/api/v1/groups")
def list_groups(org: Org, hit: Hit) -> Response:
    """List groups by `q` (start of the name), `filter` or `search`."""
    words, criteria, search = (hit.query.get(name, "") for name in ("q", "filter", "search"))
    rows = [group for group in org.groups.values() if group["profile"]["name"].casefold().startswith(words.casefold())]
    if criteria:
        test = compile_criteria(criteria, FILTERED, operators="eq gt ge lt le")
        rows = [group for group in rows if test(group)]
    if search:
        test = compile_criteria(search, SEARCHED, operators="eq sw co gt ge lt le pr", fold=True)
        rows = [group for group in rows if test(group)]
    stats = expanded(hit, "stats", refused=("app",))
    return page(hit, rows, lambda group: render_group(hit, group) | (_stats(org, hit, group) if stats else {}), SIZE)


def _stats(org: Org, hit: Hit, group: Record) -> Record:
    href = f"{base(hit)}/api/v1/groups/{group['id']}"
    told: Record = {"usersCount": len(org.members[group["id"]]), "groupPushMappingsCount": 0}
    told["appsCount"] = sum(group["id"] in held for held in org.app_groups.values())
    told["hasAdminPrivilege"] = bool(org.group_roles.get(group["id"]))
    told["_links"] = {"users": link(f"{href}/users"), "apps": link(f"{href}/apps")}
    return {"_embedded": {"stats": told}}


@ROUTER.route("GET", "/api/v1/groups/<group_id>")
def get_group(org: Org, hit: Hit) -> Response:
    """Return one group."""
    return json_response(200, render_group(hit, find(org.groups, hit.path["group_id"], "UserGroup")))


def _own(org: Org, group_id: str, *, forbidden: str) -> Record:
    group = find(org.groups, group_id, "UserGroup")
    if group["type"] != "OKTA_GROUP":
        raise OktaError(forbidden, f"Cannot modify the built-in group {group['profile']['name']}")
    return group


@ROUTER.route("PUT", "/api/v1/groups/<group_id>")
def replace_group(org: Org, hit: Hit) -> Response:
    """Replace a group's profile."""
    group = _own(org, hit.path["group_id"], forbidden="E0000001")
    profile = checked(hit, BODY, "group")["profile"]
    _check_name(org, profile["name"], group["id"])
    group["profile"] = {"name": profile["name"], "description": profile.get("description")}
    org.touch(group)
    log(org, "group.profile.update", target("UserGroup", group))
    return json_response(200, render_group(hit, group))


@ROUTER.route("DELETE", "/api/v1/groups/<group_id>")
def delete_group(org: Org, hit: Hit) -> Response:
    """Delete a group with its memberships and app assignments; rules that name it become INVALID."""
    group = _own(org, hit.path["group_id"], forbidden="E0000001")
    members = [org.users[user_id] for user_id in org.members[group["id"]]]
    with watched(org, apps_of_group(org, group["id"]), members):
        del org.groups[group["id"]], org.members[group["id"]]
        org.group_roles.pop(group["id"], None)
        for assigned in org.app_groups.values():
            assigned.pop(group["id"], None)
        group_gone(org, group["id"])
        log(org, "group.lifecycle.delete", target("UserGroup", group))
    return Response(204)


@ROUTER.route("GET", "/api/v1/groups/<group_id>/users")
def list_members(org: Org, hit: Hit) -> Response:
    """List the members of a group."""
    group = find(org.groups, hit.path["group_id"], "UserGroup")
    rows = [org.users[user_id] for user_id in org.members[group["id"]]]
    return page(hit, rows, lambda user: render_user(hit, user, listed=True), MEMBERS)


@ROUTER.route("PUT", "/api/v1/groups/<group_id>/users/<key>")
def add_member(org: Org, hit: Hit) -> Response:
    """Add a user to a group; one who is a member stays one."""
    group, user = _own(org, hit.path["group_id"], forbidden="E0000001"), find_user(org, hit.path["key"])
    if join(org, group, user, MANUAL):
        evaluate_user(org, user)
    return Response(204)


@ROUTER.route("DELETE", "/api/v1/groups/<group_id>/users/<key>")
def remove_member(org: Org, hit: Hit) -> Response:
    """Remove a user from a group; rules that put the user there exclude the user from now on."""
    group, user = _own(org, hit.path["group_id"], forbidden="E0000001"), find_user(org, hit.path["key"])
    exclude_user(org, user, org.members[group["id"]].get(user["id"], set()))
    if leave(org, group, user):
        evaluate_user(org, user)
    return Response(204)


@ROUTER.route("GET", "/api/v1/users/<key>/groups")
def list_groups_of_user(org: Org, hit: Hit) -> Response:
    """List the groups of a user."""
    user = find_user(org, hit.path["key"])
    rows = [group for group in org.groups.values() if user["id"] in org.members[group["id"]]]
    return page(hit, rows, lambda group: render_group(hit, group), SIZE)

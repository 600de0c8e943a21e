"""Who may use which app: assignments of groups and of single users."""

from collections.abc import Iterator

from twin.wire import Response
from twin.world.saas.okta.app_access import uses, watched
from twin.world.saas.okta.apps import APPS, app_link, find_app, render_app
from twin.world.saas.okta.apps import SIZE as APP_SIZE
from twin.world.saas.okta.body import checked, object_of, verify
from twin.world.saas.okta.errors import OktaError, not_found
from twin.world.saas.okta.expansions import expanded
from twin.world.saas.okta.groups import render_group
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import app_user, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.shapes import READ_ONLY, anything, choice, integer, open_record, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.okta.users import find_user, render_user
from twin.world.saas.router import Hit, json_response

GROUPS, USERS = f"{APPS}/<app_id>/groups", f"{APPS}/<app_id>/users"
GROUP_SIZE, USER_SIZE = Size(20, 200), Size(50, 500)
GROUP_BODY = record(**READ_ONLY, priority=integer(0, 10_000), profile=open_record())
COMPUTED = ("externalId", "lastSync", "passwordChanged", "statusChanged", "syncState")
USER_BODY = record(
    **(READ_ONLY | {"id": text(least=1)} | dict.fromkeys(COMPUTED, anything)),
    scope=choice("USER", "GROUP"),
    profile=open_record(),
    credentials=record(userName=text(least=1, most=100), password=record(value=text())),
)


def _render_group(hit: Hit, app: Record, assigned: Record) -> Record:
    href = f"{base(hit)}{APPS}/{app['id']}"
    group = link(f"{base(hit)}/api/v1/groups/{assigned['id']}")
    return {**assigned, "_links": {"app": link(href), "self": link(f"{href}/groups/{assigned['id']}"), "group": group}}


def _members(org: Org, group_id: str) -> list[Record]:
    return [org.users[user_id] for user_id in org.members[group_id]]


@ROUTER.route("PUT", f"{GROUPS}/<group_id>")
def assign_group(org: Org, hit: Hit) -> Response:
    """Assign a group to an app, or change the assignment."""
    app, group = find_app(org, hit), find(org.groups, hit.path["group_id"], "UserGroup")
    body = object_of(hit) if hit.request.body else {}
    verify(body, GROUP_BODY, "appGroup")
    table = org.app_groups[app["id"]]
    new = group["id"] not in table
    priority = body.get("priority", len(table) if new else table[group["id"]]["priority"])
    with watched(org, [app], _members(org, group["id"])):
        table[group["id"]] = {
            "id": group["id"],
            "priority": priority,
            "lastUpdated": org.now(),
            "profile": body.get("profile") or {},
        }
        event = "group.application_assignment.add" if new else "group.application_assignment.update"
        log(org, event, target("UserGroup", group), target("AppInstance", app))
    return json_response(200, _render_group(hit, app, table[group["id"]]))


@ROUTER.route("GET", GROUPS)
def list_assigned_groups(org: Org, hit: Hit) -> Response:
    """List the groups assigned to an app by priority, `q` matches the start of their names."""
    app, words = find_app(org, hit), hit.query.get("q", "").casefold()
    rows = sorted(org.app_groups[app["id"]].values(), key=lambda row: int(row["priority"]))
    rows = [row for row in rows if org.groups[row["id"]]["profile"]["name"].casefold().startswith(words)]
    return page(hit, rows, lambda row: _group_shown(org, hit, app, row), GROUP_SIZE)


def _group_shown(org: Org, hit: Hit, app: Record, assigned: Record) -> Record:
    whole = expanded(hit, "group", refused=("metadata",))
    embedded = {"_embedded": {"group": render_group(hit, org.groups[assigned["id"]])}} if whole else {}
    return _render_group(hit, app, assigned) | embedded


@ROUTER.route("GET", f"{GROUPS}/<group_id>")
def get_assigned_group(org: Org, hit: Hit) -> Response:
    """Return one group assignment."""
    app = find_app(org, hit)
    assigned = find(org.app_groups[app["id"]], hit.path["group_id"], "ApplicationGroupAssignment")
    return json_response(200, _group_shown(org, hit, app, assigned))


@ROUTER.route("DELETE", f"{GROUPS}/<group_id>")
def unassign_group(org: Org, hit: Hit) -> Response:
    """Take an app from a group."""
    app, group_id = find_app(org, hit), hit.path["group_id"]
    find(org.app_groups[app["id"]], group_id, "ApplicationGroupAssignment")
    group = target("UserGroup", org.groups[group_id])
    with watched(org, [app], _members(org, group_id)):
        del org.app_groups[app["id"]][group_id]
        log(org, "group.application_assignment.remove", group, target("AppInstance", app))
    return Response(204)


@ROUTER.route("GET", "/api/v1/groups/<group_id>/apps")
def list_apps_of_group(org: Org, hit: Hit) -> Response:
    """List the apps assigned to a group."""
    group = find(org.groups, hit.path["group_id"], "UserGroup")
    rows = [app for app in org.apps.values() if group["id"] in org.app_groups[app["id"]]]
    return page(hit, rows, lambda app: render_app(org, hit, app), APP_SIZE)


def assigned_users(org: Org, app: Record) -> dict[str, Record]:
    """Return the app's users: those assigned singly, then those that a group brings."""
    found = dict(org.app_users[app["id"]])
    for group_id, assigned in org.app_groups[app["id"]].items():
        for user_id in org.members[group_id]:
            user = org.users[user_id]
            if user_id not in found and user["status"] != "DEPROVISIONED":
                found[user_id] = _app_user(user, assigned["lastUpdated"], "GROUP", group_id=group_id)
    return found


def _app_user(user: Record, instant: str, scope: str, *, group_id: str = "") -> Record:
    return {
        "id": user["id"],
        "externalId": None,
        "created": instant,
        "lastUpdated": instant,
        "scope": scope,
        "status": "ACTIVE",
        "statusChanged": instant,
        "passwordChanged": None,
        "syncState": "DISABLED",
        "credentials": {"userName": user["profile"]["login"]},
        "profile": {},
        "#group": group_id,
    }


def _render_user(hit: Hit, app: Record, assigned: Record) -> Record:
    links = {
        "app": link(f"{base(hit)}{APPS}/{app['id']}"),
        "user": link(f"{base(hit)}/api/v1/users/{assigned['id']}"),
    }
    if assigned["#group"]:
        links["group"] = link(f"{base(hit)}/api/v1/groups/{assigned['#group']}")
    shown = {name: value for name, value in assigned.items() if not name.startswith("#")}
    return {**shown, "_links": links}


@ROUTER.route("POST", USERS)
def assign_user(org: Org, hit: Hit) -> Response:
    """Assign a single user to an app."""
    app, body = find_app(org, hit), checked(hit, USER_BODY, "appUser")
    if "id" not in body:
        raise OktaError("E0000028")
    user = find_user(org, str(body["id"]))
    if user["status"] in ("DEPROVISIONED", "SUSPENDED"):
        raise OktaError("E0000117")
    return _keep(org, hit, app, user, body)


def _keep(org: Org, hit: Hit, app: Record, user: Record, body: Record) -> Response:
    table = org.app_users[app["id"]]
    assigned = table.get(user["id"]) or _app_user(user, org.now(), "USER")
    assigned["profile"] = assigned["profile"] | body.get("profile", {})
    if "userName" in body.get("credentials", {}):
        assigned["credentials"] = {"userName": body["credentials"]["userName"]}
    assigned["lastUpdated"] = org.now()
    had = uses(org, app["id"], user)
    with watched(org, [app], [user]):
        table[user["id"]] = assigned
    if had:
        targets = app_user(app, user), target("AppInstance", app), target("User", user)
        log(org, "application.user_membership.update", *targets)
    return json_response(200, _render_user(hit, app, assigned))


@ROUTER.route("GET", USERS)
def list_app_users(org: Org, hit: Hit) -> Response:
    """List the users of an app, `q` matches the start of their user names."""
    app, words = find_app(org, hit), hit.query.get("q", "").casefold()
    rows = [
        row for row in assigned_users(org, app).values() if row["credentials"]["userName"].casefold().startswith(words)
    ]
    return page(hit, rows, lambda row: _user_shown(org, hit, app, row), USER_SIZE)


def _user_shown(org: Org, hit: Hit, app: Record, assigned: Record) -> Record:
    whole = {"_embedded": {"user": render_user(hit, org.users[assigned["id"]])}} if expanded(hit, "user") else {}
    return _render_user(hit, app, assigned) | whole


def _assigned(org: Org, hit: Hit) -> tuple[Record, Record, Record]:
    app, user = find_app(org, hit), find_user(org, hit.path["key"])
    found = assigned_users(org, app).get(user["id"])
    if found is None:
        raise not_found("AppUser", user["id"])
    return app, user, found


@ROUTER.route("GET", f"{USERS}/<key>")
def get_app_user(org: Org, hit: Hit) -> Response:
    """Return one user of an app."""
    app, _, assigned = _assigned(org, hit)
    return json_response(200, _user_shown(org, hit, app, assigned))


@ROUTER.route("POST", f"{USERS}/<key>")
def update_app_user(org: Org, hit: Hit) -> Response:
    """Change a user's profile or user name in an app; a group's assignment becomes the user's own."""
    app, user, _ = _assigned(org, hit)
    return _keep(org, hit, app, user, checked(hit, USER_BODY, "appUser"))


@ROUTER.route("DELETE", f"{USERS}/<key>")
def unassign_user(org: Org, hit: Hit) -> Response:
    """Take an app from a user; what a group gives cannot be taken from one member."""
    app, user, assigned = _assigned(org, hit)
    if assigned["scope"] == "GROUP":
        raise OktaError("E0000001", "appUser", causes=["The assignment comes from a group"], status=403)
    with watched(org, [app], [user]):
        del org.app_users[app["id"]][user["id"]]
    return Response(204)


@ROUTER.route("GET", "/api/v1/users/<key>/appLinks")
def list_app_links(org: Org, hit: Hit) -> Response:
    """List what the user's dashboard shows: active apps that the user is assigned to."""
    user = find_user(org, hit.path["key"])
    return json_response(200, list(_app_links(org, hit, user)))


def _app_links(org: Org, hit: Hit, user: Record) -> Iterator[Record]:
    for order, app in enumerate(org.apps.values()):
        if app["status"] == "ACTIVE" and user["id"] in assigned_users(org, app):
            yield {
                "id": app["#link"],
                "label": app["label"],
                "linkUrl": app_link(hit, app),
                "logoUrl": f"{base(hit)}/assets/img/logos/default.png",
                "appName": app["name"],
                "appInstanceId": app["id"],
                "appAssignmentId": f"{app['#link'][:-4]}{user['id'][-4:]}",
                "credentialsSetup": False,
                "hidden": app["visibility"]["hide"]["web"],
                "sortOrder": order,
            }

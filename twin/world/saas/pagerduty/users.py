"""Users and the ways in which they are reached.

https://developer.pagerduty.com/api-reference (users; contact methods)
"""

import re

from twin.wire import Response
from twin.world.saas.pagerduty.body import check_zone, named, typed, wrapped
from twin.world.saas.pagerduty.errors import invalid, not_found
from twin.world.saas.pagerduty.paging import page, searched
from twin.world.saas.pagerduty.state import API, ROUTER, Account, Record, find, reference, whole
from twin.world.saas.router import Hit, json_response

ROLES = (
    "admin", "limited_user", "observer", "owner", "read_only_user", "restricted_access", "read_only_limited_user",
    "user",
)  # fmt: skip
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONES, NUMBER = ("phone_contact_method", "sms_contact_method"), re.compile(r"\+?[0-9 ().-]{3,40}")
METHODS = ("email_contact_method", "phone_contact_method", "push_notification_contact_method", "sms_contact_method")
FIELDS = ("name", "email", "time_zone", "role", "job_title", "description", "color")


def new_user(account: Account, body: Record) -> Record:
    """Add a user, who is reached at once by e-mail until something else is set."""
    _check(account, body)
    user: Record = {"id": account.new_id(), "time_zone": "UTC", "color": "purple", "role": "user", "job_title": None}
    user |= {"description": None, "invitation_sent": True, "#contact_methods": []}
    user |= {name: body[name] for name in FIELDS if body.get(name) is not None}
    account.users[user["id"]] = user
    _add_method(account, user, {"type": "email_contact_method", "label": "Default", "address": user["email"]})
    return user


def _check(account: Account, body: Record, user: Record | None = None) -> None:
    typed(body, name=str, email=str, time_zone=str, role=str, job_title=str)
    held = {**(user or {}), **body}
    named(held)
    email = str(held.get("email") or "")
    if not EMAIL.fullmatch(email):
        raise invalid("Email is invalid")
    taken = (one for one in account.users.values() if one is not user)
    if any(one["email"].lower() == email.lower() for one in taken):
        raise invalid("Email has already been taken")
    check_zone(str(held.get("time_zone") or "UTC"))
    if held.get("role", "user") not in ROLES:
        raise invalid(f"Role must be one of {', '.join(ROLES)}")


def shown(account: Account, user: Record) -> Record:
    """Return a user with the teams and the contact methods."""
    methods = [_method(user, one) | {"type": f"{one['type']}_reference"} for one in user["#contact_methods"]]
    teams = [reference(account, "team", key) for key, team in account.teams.items() if user["id"] in team["#members"]]
    return whole(account, "user", user) | {"contact_methods": methods, "teams": teams}


@ROUTER.route("POST", "/users")
def create_user(account: Account, hit: Hit) -> Response:
    """Create a user."""
    return json_response(201, {"user": shown(account, new_user(account, wrapped(hit, "user")))})


@ROUTER.route("GET", "/users")
def list_users(account: Account, hit: Hit) -> Response:
    """List users by name, e-mail or team."""
    rows, teams = searched(hit, list(account.users.values()), "name", "email"), hit.query.getlist("team_ids[]")
    if teams:
        members = {key for team in teams for key in account.teams.get(team, {"#members": {}})["#members"]}
        rows = [row for row in rows if row["id"] in members]
    return page(hit, rows, lambda row: shown(account, row), "users")


@ROUTER.route("GET", "/users/me")
def get_me(account: Account, hit: Hit) -> Response:
    """Refuse to say who an account's key is: it is nobody's."""
    return json_response(400, {"error": "There is no current user with an account-level access token"})


@ROUTER.route("GET", "/users/<key>")
def get_user(account: Account, hit: Hit) -> Response:
    """Return one user."""
    return json_response(200, {"user": shown(account, find(account, "user", hit.path["key"]))})


@ROUTER.route("PUT", "/users/<key>")
def update_user(account: Account, hit: Hit) -> Response:
    """Change a user."""
    user, body = find(account, "user", hit.path["key"]), wrapped(hit, "user")
    _check(account, body, user)
    user |= {name: body[name] for name in FIELDS if name in body}
    return json_response(200, {"user": shown(account, user)})


@ROUTER.route("DELETE", "/users/<key>")
def delete_user(account: Account, hit: Hit) -> Response:
    """Delete a user whom no schedule and no escalation policy names."""
    user = find(account, "user", hit.path["key"])
    layers = [layer for one in account.schedules.values() for layer in one["schedule_layers"]]
    named_by = {held["user"]["id"] for layer in layers for held in layer["users"]}
    rules = [rule for policy in account.policies.values() for rule in policy["escalation_rules"]]
    if user["id"] in named_by | {target["id"] for rule in rules for target in rule["targets"]}:
        raise invalid("User cannot be deleted as they are on a schedule or an escalation policy")
    if any(user["id"] in one["#assignees"] for one in account.incidents.values()):
        raise invalid("User cannot be deleted as they have open incidents")
    del account.users[user["id"]]
    for team in account.teams.values():
        team["#members"].pop(user["id"], None)
    return Response(204)


def _method(user: Record, method: Record) -> Record:
    address = f"{API}/users/{user['id']}/contact_methods/{method['id']}"
    return {**method, "summary": method["label"], "self": address, "html_url": None}


def _add_method(account: Account, user: Record, body: Record) -> Record:
    if body.get("type") not in METHODS:
        raise invalid(f"Contact method type must be one of {', '.join(METHODS)}")
    if not isinstance(body.get("address"), str) or not body["address"]:
        raise invalid("Address cannot be blank.")
    if body["type"] in PHONES and not NUMBER.fullmatch(body["address"]):
        raise invalid("Address is invalid")
    if any((one["type"], one["address"]) == (body["type"], body["address"]) for one in user["#contact_methods"]):
        raise invalid("User Contact method must be unique")
    method = {"id": account.new_id(), "type": body["type"], "label": body.get("label") or "Work"}
    method |= {"address": body["address"], "blacklisted": False}
    user["#contact_methods"].append(method)
    return method


@ROUTER.route("GET", "/users/<key>/contact_methods")
def list_methods(account: Account, hit: Hit) -> Response:
    """List how a user is reached."""
    user = find(account, "user", hit.path["key"])
    return json_response(200, {"contact_methods": [_method(user, one) for one in user["#contact_methods"]]})


@ROUTER.route("POST", "/users/<key>/contact_methods")
def create_method(account: Account, hit: Hit) -> Response:
    """Add a way to reach a user."""
    user = find(account, "user", hit.path["key"])
    made = _add_method(account, user, wrapped(hit, "contact_method"))
    return json_response(201, {"contact_method": _method(user, made)})


@ROUTER.route("DELETE", "/users/<key>/contact_methods/<method>")
def delete_method(account: Account, hit: Hit) -> Response:
    """Take a way to reach a user away; without any, nobody rings."""
    user = find(account, "user", hit.path["key"])
    left = [one for one in user["#contact_methods"] if one["id"] != hit.path["method"]]
    if len(left) == len(user["#contact_methods"]):
        raise not_found()
    user["#contact_methods"] = left
    return Response(204)

"""Teams and their members.

https://developer.pagerduty.com/api-reference (teams)
"""

from twin.wire import Response
from twin.world.saas.pagerduty.body import named, object_of, wrapped
from twin.world.saas.pagerduty.errors import invalid, not_found
from twin.world.saas.pagerduty.paging import page, searched
from twin.world.saas.pagerduty.state import ROUTER, Account, Record, find, reference, whole
from twin.world.saas.router import Hit, json_response

ROLES = ("observer", "responder", "manager")


def _named(account: Account, body: Record, team: Record | None = None) -> str:
    name = named(body)
    if any(one["name"].lower() == name.lower() for one in account.teams.values() if one is not team):
        raise invalid("Name has already been taken")
    return name


@ROUTER.route("POST", "/teams")
def create_team(account: Account, hit: Hit) -> Response:
    """Create a team."""
    body = wrapped(hit, "team")
    team: Record = {"id": account.new_id(), "name": _named(account, body), "description": body.get("description")}
    account.teams[team["id"]] = team | {"#members": {}}
    return json_response(201, {"team": whole(account, "team", team)})


@ROUTER.route("GET", "/teams")
def list_teams(account: Account, hit: Hit) -> Response:
    """List teams by name."""
    rows = searched(hit, list(account.teams.values()), "name")
    return page(hit, rows, lambda row: whole(account, "team", row), "teams")


@ROUTER.route("GET", "/teams/<key>")
def get_team(account: Account, hit: Hit) -> Response:
    """Return one team."""
    return json_response(200, {"team": whole(account, "team", find(account, "team", hit.path["key"]))})


@ROUTER.route("PUT", "/teams/<key>")
def update_team(account: Account, hit: Hit) -> Response:
    """Change a team."""
    team, body = find(account, "team", hit.path["key"]), wrapped(hit, "team")
    team["name"] = _named(account, {**team, **body}, team)
    team["description"] = body.get("description", team["description"])
    return json_response(200, {"team": whole(account, "team", team)})


@ROUTER.route("DELETE", "/teams/<key>")
def delete_team(account: Account, hit: Hit) -> Response:
    """Delete a team."""
    del account.teams[find(account, "team", hit.path["key"])["id"]]
    return Response(204)


@ROUTER.route("GET", "/teams/<key>/members")
def list_members(account: Account, hit: Hit) -> Response:
    """List who is in a team, and as what."""
    team = find(account, "team", hit.path["key"])
    rows = [{"user": key, "role": role} for key, role in team["#members"].items()]
    return page(hit, rows, lambda row: {**row, "user": reference(account, "user", row["user"])}, "members")


@ROUTER.route("PUT", "/teams/<key>/users/<user>")
def add_member(account: Account, hit: Hit) -> Response:
    """Put a user into a team."""
    team, user = find(account, "team", hit.path["key"]), find(account, "user", hit.path["user"])
    role = object_of(hit).get("role", "manager") if hit.request.body else "manager"
    if role not in ROLES:
        raise invalid(f"Role must be one of {', '.join(ROLES)}")
    team["#members"][user["id"]] = role
    return Response(204)


@ROUTER.route("DELETE", "/teams/<key>/users/<user>")
def remove_member(account: Account, hit: Hit) -> Response:
    """Take a user out of a team."""
    if find(account, "team", hit.path["key"])["#members"].pop(hit.path["user"], None) is None:
        raise not_found()
    return Response(204)

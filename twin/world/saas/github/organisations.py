"""Organisations: their members and teams, and their audit log.

https://docs.github.com/en/rest/orgs; the audit log is there for organisations of an enterprise.
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.errors import invalid, not_found
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import route
from twin.world.saas.github.shapes import node, organisation, person
from twin.world.saas.github.state import API, SITE, Account, Hub, Record
from twin.world.saas.router import Hit, json_response

ORG = "/orgs/<org>"


def team(account: Account, held: Record) -> Record:
    """Return a team as it is shown."""
    url = f"{API}/organizations/{account.id}/team/{held['id']}"
    told: Record = {"id": held["id"], "node_id": node("Team", held["id"]), "url": url, "name": held["name"]}
    told |= {"members_url": f"{url}/members{{/member}}", "repositories_url": f"{url}/repos", "slug": held["slug"]}
    told |= {"html_url": f"{SITE}/orgs/{account.login}/teams/{held['slug']}", "description": held["description"]}
    told |= {"permission": "pull", "privacy": "closed", "notification_setting": "notifications_enabled", "parent": None}
    return told | {"type": "organization", "organization_id": account.id}


@route("GET", ORG)
def get_organisation(hub: Hub, hit: Hit) -> Response:
    """Return an organisation."""
    return json_response(200, organisation(hub, hub.account(hit.path["org"])))


@route("GET", f"{ORG}/members", "members:read")
def list_members(hub: Hub, hit: Hit) -> Response:
    """List the members."""
    wanted = hit.query.get("role", "all")
    held = hub.account(hit.path["org"]).members.items()
    rows = [login for login, standing in held if wanted in ("all", standing)]
    return page(hit, rows, lambda login: person(hub.account(login)))


@route("GET", f"{ORG}/teams", "members:read")
def list_teams(hub: Hub, hit: Hit) -> Response:
    """List the teams."""
    account = hub.account(hit.path["org"])
    return page(hit, list(account.teams.values()), lambda held: team(account, held))


@route("POST", f"{ORG}/teams", "members:write")
def create_team(hub: Hub, hit: Hit) -> Response:
    """Make a team; whoever makes it is in it."""
    account, body = hub.account(hit.path["org"]), object_of(hit, name=str, description=str)
    demanded(body, "name")
    slug = "-".join(body["name"].lower().split())
    if slug in account.teams:
        raise invalid("Team", "name", "already_exists", "Name must be unique for this org")
    held = {"id": hub.new_id(), "name": body["name"], "slug": slug, "description": body.get("description")}
    account.teams[slug] = held | {"#members": [actor_of(hit).lower()]}
    hub.note("team.create", actor_of(hit), org=account.login, team=slug)
    return json_response(201, team(account, account.teams[slug]))


def _team(hub: Hub, hit: Hit) -> Record:
    found = hub.account(hit.path["org"]).teams.get(hit.path["slug"])
    if found is None:
        raise not_found()
    return found


@route("GET", f"{ORG}/teams/<slug>", "members:read")
def get_team(hub: Hub, hit: Hit) -> Response:
    """Return one team."""
    return json_response(200, team(hub.account(hit.path["org"]), _team(hub, hit)))


@route("PUT", f"{ORG}/teams/<slug>/memberships/<login>", "members:write")
def add_to_team(hub: Hub, hit: Hit) -> Response:
    """Put a member of the organisation into a team."""
    account, held, login = hub.account(hit.path["org"]), _team(hub, hit), hit.path["login"].lower()
    if login not in account.members:
        raise not_found()
    held["#members"] = sorted({*held["#members"], login})
    hub.note("team.add_member", actor_of(hit), org=account.login, team=held["slug"], user=login)
    address = f"{API}/orgs/{account.login}/teams/{held['slug']}/memberships/{login}"
    return json_response(200, {"url": address, "role": "member", "state": "active"})


@route("GET", f"{ORG}/audit-log", "organization_administration:read")
def read_audit_log(hub: Hub, hit: Hit) -> Response:
    """Return the events of an organisation, newest first; `phrase` narrows them by `action:` and `actor:`."""
    rows = [entry for entry in hub.audit if entry.get("org") == hub.account(hit.path["org"]).login]
    for term in hit.query.get("phrase", "").split():
        field, _, value = term.partition(":")
        rows = [entry for entry in rows if str(entry.get(field, "")).startswith(value)]
    return page(hit, rows if hit.query.get("order") == "asc" else rows[::-1], dict)

"""Access groups of the account: rules that several policies share."""

from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.access_rules import checked_rules
from twin.world.saas.cloudflare.body import object_body, required
from twin.world.saas.cloudflare.envelope import refusal, second_stamp, success
from twin.world.saas.cloudflare.listing import paged
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

GROUPS = "/accounts/{account_id}/access/groups"


def _find(state: State, hit: Hit) -> dict[str, Any]:
    state.require_account(hit)
    group = state.access.groups.get(hit.path["group_id"])
    if group is None:
        raise refusal("access-not-found")
    return group


def _stored(state: State, group_id: str, body: dict[str, Any], *, status: int) -> Response:
    now = second_stamp(state.clock.now())
    group = {
        "id": group_id,
        "name": required(body, "name", "text"),
        "include": checked_rules(state, body, "include", needed=True),
        "require": checked_rules(state, body, "require"),
        "exclude": checked_rules(state, body, "exclude"),
        "created_at": state.access.groups.get(group_id, {}).get("created_at", now),
        "updated_at": now,
    }
    state.access.groups[group_id] = group
    return success(group, status=status)


@route("GET", GROUPS)
def list_groups(state: State, hit: Hit) -> Response:
    """List the groups."""
    state.require_account(hit)
    return paged(hit, list(state.access.groups.values()), per_page=25, limits=(1, 1000))


@route("POST", GROUPS)
def create_group(state: State, hit: Hit) -> Response:
    """Make a group."""
    state.require_account(hit)
    return _stored(state, state.access.ids.uuid(), object_body(hit), status=201)


@route("GET", f"{GROUPS}/{{group_id}}")
def get_group(state: State, hit: Hit) -> Response:
    """Show a group."""
    return success(_find(state, hit))


@route("PUT", f"{GROUPS}/{{group_id}}")
def update_group(state: State, hit: Hit) -> Response:
    """Replace a group's rules."""
    return _stored(state, _find(state, hit)["id"], object_body(hit), status=200)


@route("DELETE", f"{GROUPS}/{{group_id}}")
def delete_group(state: State, hit: Hit) -> Response:
    """Delete a group that no policy uses."""
    group = _find(state, hit)
    policies = [row for rows in state.access.policies.values() for row in rows.values()]
    named = {"group": {"id": group["id"]}}
    if any(named in row[part] for row in policies for part in ("include", "require", "exclude")):
        raise refusal("access-referenced", reason="a policy uses the group")
    del state.access.groups[group["id"]]
    return success({"id": group["id"]}, status=202)

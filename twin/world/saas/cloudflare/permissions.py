"""What an API token may do: permission groups on resources, allowed by one policy and denied by none.

https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from twin.world.saas.cloudflare.envelope import refusal
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.state import State, Token
from twin.world.saas.router import Hit

ACCOUNT, ZONE, USER = "com.cloudflare.api.account", "com.cloudflare.api.account.zone", "com.cloudflare.api.user"
LISTED = ("GET /zones", "GET /accounts")
"""Lists that every token may ask for: they show what it may see."""


def require_permitted(state: State, token: Token, hit: Hit) -> None:
    """Refuse a call that the token's policies do not allow (403, 10000)."""
    if hit.operation in LISTED:
        return
    wanted = needed(state, hit)
    if wanted and not any(may(state, token, name, zone_id=hit.path.get("zone_id")) for name in wanted):
        raise refusal("denied")


def needed(state: State, hit: Hit) -> list[str]:
    """Return the permissions of which a call needs one; none when it needs none."""
    method, _, path = hit.operation.partition(" ")
    for area in reference("permissions", "areas"):
        prefix = area["prefix"]
        if path != prefix and not path.startswith(f"{prefix}/"):
            continue
        if area.get("whole"):
            return list(area["names"])
        names = _phases(state, hit, method) if area.get("phases") else area["names"]
        return [f"{name} {kind}" for name in names for kind in (("Read", "Write") if method == "GET" else ("Write",))]
    return []


def _phases(state: State, hit: Hit, method: str) -> list[str]:
    """Return the permission of the phase that a ruleset is in; of all phases for the list of them."""
    known: dict[str, str] = reference("permissions", "phases")
    phase = hit.path.get("ruleset_phase") or _phase_of(state, hit) or (_phase_given(hit) if method == "POST" else None)
    return [known[phase]] if phase in known else sorted(set(known.values()))


def _phase_of(state: State, hit: Hit) -> str | None:
    versions = state.rulesets.get(f"zones/{hit.path['zone_id']}", {}).get(hit.path.get("ruleset_id", ""))
    return str(versions[-1]["phase"]) if versions else None


def _phase_given(hit: Hit) -> str | None:
    """Return the phase in the body of a call that makes a ruleset; a body that is none is refused later."""
    try:
        body = json.loads(hit.request.body or b"null")
    except ValueError:
        return None
    return str(body.get("phase")) if isinstance(body, dict) else None


def may(state: State, token: Token, permission: str, *, zone_id: str | None = None) -> bool:
    """Tell whether a token has a permission on a zone, or on the account or user where it is one of theirs."""
    group = _groups().get(permission)
    if group is None:
        return False
    effects = {
        policy["effect"]
        for policy in token.policies
        if any(given["id"] == group["id"] for given in policy["permission_groups"])
        and any(_covers(state, resource, group["scopes"][0], zone_id) for resource in _resources(policy["resources"]))
    }
    return effects == {"allow"}


@cache
def _groups() -> dict[str, Any]:
    return {group["name"]: group for group in reference("permission_groups", "groups")}


def _resources(resources: dict[str, Any]) -> Iterator[str]:
    """Yield the resources of a policy; those within an account stand below it."""
    for name, value in resources.items():
        if isinstance(value, dict):
            yield from value
        else:
            yield name


def _covers(state: State, resource: str, scope: str, zone_id: str | None) -> bool:
    """Tell whether a resource of a policy is the one that a call is about.

    A permission on zones is given for one or for all of them; a call about no zone, such as adding one, needs all.
    """
    if scope == ZONE:
        return resource == f"{ZONE}.*" or (zone_id is not None and resource == f"{ZONE}.{zone_id}")
    if scope == ACCOUNT:
        return resource in (f"{ACCOUNT}.*", f"{ACCOUNT}.{state.account_id}")
    return resource in (f"{USER}.*", f"{USER}.{state.user_id}")

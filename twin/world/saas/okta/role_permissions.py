"""What an administrator's roles allow on the API: each role is a list of calls, and roles add up."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.path_rules import fits
from twin.world.saas.okta.state import Org, Record

SUPER = "SUPER_ADMIN"
# Roles whose holders may not change administrators: only the two that are above them may.
ABOVE = (SUPER, "ORG_ADMIN")


@cache
def data() -> dict[str, Any]:
    """Return the table of roles."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "roles.json").read_text())
    return found


def roles_of(org: Org, user_id: str) -> frozenset[str]:
    """Return the standard roles of a user: their own and those of their groups."""
    own = {one["type"] for one in org.roles.get(user_id, {}).values()}
    for group_id, held in org.group_roles.items():
        if user_id in org.members.get(group_id, {}):
            own |= {one["type"] for one in held.values()}
    return frozenset(own)


def client_roles(org: Org, client_id: str) -> frozenset[str]:
    """Return the standard roles of a service app."""
    return frozenset(one["type"] for one in org.client_roles.get(client_id, {}).values())


def authorise(org: Org, token: Record, method: str, path: str) -> None:
    """Refuse a call that no role of the token's owner, a user or a service app, allows: E0000006."""
    roles = client_roles(org, token["clientId"]) if "clientId" in token else roles_of(org, token["userId"])
    if SUPER in roles:
        return
    if not any(_allows(role, method, path) for role in sorted(roles)) and not _own(org, token, method, path):
        raise OktaError("E0000006")
    target = re.match(r"/api/v1/users/([^/]+)", path)
    if method != "GET" and target and not roles & set(ABOVE) and _administers(org, target[1]):
        raise OktaError("E0000006", causes=["Only a super or an organization administrator changes an administrator"])


def _administers(org: Org, key: str) -> bool:
    named = [
        user["id"] for user in org.users.values() if key in (user["id"], user["profile"]["login"])
        or user["profile"]["login"].partition("@")[0] == key
    ]  # fmt: skip
    return any(roles_of(org, user_id) for user_id in named)


def _own(org: Org, token: Record, method: str, path: str) -> bool:
    """Tell whether a call only reads the caller's own account."""
    if "userId" not in token:
        return False
    mine = f"/api/v1/users/{token['userId']}"
    if method == "GET" and (path == mine or path.startswith(f"{mine}/")):
        return not path.endswith("/roles")
    return any(fits(rule, method, path) for rule in data()["everybody"])


def _allows(role: str, method: str, path: str) -> bool:
    rules = data()["roles"].get(role, {})
    allowed = any(fits(rule, method, path) for rule in rules.get("allow", ()))
    return allowed and not any(fits(rule, method, path) for rule in rules.get("except", ()))

"""API tokens of the user and of the account: made, changed, rolled, verified; the secret is shown once."""

import zlib
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.authentication import digest, token_status
from twin.world.saas.cloudflare.body import json_body, object_body, required, typed
from twin.world.saas.cloudflare.envelope import refusal, second_stamp, success
from twin.world.saas.cloudflare.listing import choice, paged
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State, Token
from twin.world.saas.router import Hit

OWNERS = {"user": "/user/tokens", "account": "/accounts/{account_id}/tokens"}
QUOTAS = {"user": 50, "account": 500}  # developers.cloudflare.com/fundamentals/api/reference/limits
PREFIXES = {"user": "cfut_", "account": "cfat_"}
VERIFICATIONS = frozenset(f"GET {path}/verify" for path in OWNERS.values())


def all_permission_groups() -> list[dict[str, Any]]:
    """Return every permission group, as a policy names them."""
    return [{"id": group["id"], "name": group["name"]} for group in reference("permission_groups", "groups")]


def shown_token(state: State, token: Token) -> dict[str, Any]:
    """Return a token as the API shows it, without its secret."""
    shown: dict[str, Any] = {
        "id": token.id,
        "name": token.name,
        "status": token_status(state, token),
        "issued_on": second_stamp(token.issued_on),
        "modified_on": second_stamp(token.modified_on),
        "policies": token.policies,
    }
    for name in ("last_used_on", "not_before", "expires_on"):
        instant = getattr(token, name)
        if instant is not None:
            shown[name] = second_stamp(instant)
    if token.condition:
        shown["condition"] = token.condition
    return shown


def _secret(state: State, owner: str) -> str:
    body = state.ids.word(40)
    return f"{PREFIXES[owner]}{body}{zlib.crc32(body.encode()):08x}"


def _owned(state: State, hit: Hit, owner: str) -> list[Token]:
    if owner == "account":
        state.require_account(hit)
    return [token for token in state.tokens.values() if token.owner == owner]


def _one(state: State, hit: Hit, owner: str) -> Token:
    for token in _owned(state, hit, owner):
        if token.id == hit.path["token_id"]:
            return token
    raise refusal("unknown-token")


def _invalid(reason: str) -> Exception:
    return refusal("token-value", reason=reason)


def _instant(body: dict[str, Any], name: str) -> datetime | None:
    text = typed(body, name, "text")
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as broken:
        raise _invalid(f"{name} is not a valid date-time") from broken
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _policies(state: State, body: dict[str, Any]) -> list[dict[str, Any]]:
    policies = required(body, "policies", "list")
    if not policies:
        raise _invalid("a token needs at least one policy")
    return [_policy(state, policy) for policy in policies]


def _policy(state: State, policy: Any) -> dict[str, Any]:
    if not isinstance(policy, dict) or policy.get("effect") not in ("allow", "deny"):
        raise _invalid("the effect of a policy is allow or deny")
    resources = policy.get("resources")
    if not isinstance(resources, dict) or not resources:
        raise _invalid("a policy needs resources")
    foreign = [name for name in resources if not name.startswith("com.cloudflare.")]
    if foreign:
        raise _invalid(f"{foreign[0]} is not a resource")
    known = {group["id"]: group["name"] for group in reference("permission_groups", "groups")}
    groups = policy.get("permission_groups")
    if not isinstance(groups, list) or not groups or not all(isinstance(group, dict) for group in groups):
        raise _invalid("a policy needs permission groups")
    for group in groups:
        if not isinstance(group.get("id"), str) or group["id"] not in known:
            raise _invalid(f"permission group {group.get('id')} does not exist")
    return {
        "id": state.ids.hex(),
        "effect": policy["effect"],
        "resources": resources,
        "permission_groups": [{"id": group["id"], "name": known[group["id"]]} for group in groups],
    }


def _condition(body: dict[str, Any]) -> dict[str, Any] | None:
    condition: dict[str, Any] | None = typed(body, "condition", "object")
    ranges = (condition or {}).get("request_ip") or (condition or {}).get("request.ip") or {}
    if not isinstance(ranges, dict):
        raise _invalid("condition.request_ip is not an object")
    for text in [*typed(ranges, "in", "list", []), *typed(ranges, "not_in", "list", [])]:
        try:
            ip_network(str(text), strict=False)
        except ValueError as broken:
            raise _invalid(f"{text} is not a valid CIDR") from broken
    return condition


def _name(body: dict[str, Any]) -> str:
    name: str = required(body, "name", "text")
    if not 1 <= len(name) <= 120:
        raise _invalid("name must have 1 to 120 characters")
    return name


def _window(body: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    start, end = _instant(body, "not_before"), _instant(body, "expires_on")
    if start and end and start >= end:
        raise _invalid("expires_on must be after not_before")
    return start, end


def list_tokens(owner: str, state: State, hit: Hit) -> Response:
    """List the tokens of an owner, oldest first."""
    rows = [shown_token(state, token) for token in _owned(state, hit, owner)]
    if choice(hit, "direction", ("asc", "desc"), "asc") == "desc":
        rows.reverse()
    return paged(hit, rows, per_page=20, limits=(5, 50))


def create_token(owner: str, state: State, hit: Hit) -> Response:
    """Make a token and show its secret, this once."""
    if len(_owned(state, hit, owner)) >= QUOTAS[owner]:
        raise refusal("token-quota", limit=QUOTAS[owner])
    body = object_body(hit)
    name, policies, condition = _name(body), _policies(state, body), _condition(body)
    not_before, expires_on = _window(body)
    secret, now = _secret(state, owner), state.clock.now()
    token = Token(
        id=state.ids.hex(),
        owner=owner,
        name=name,
        digest=digest(secret),
        policies=policies,
        status="active",
        issued_on=now,
        modified_on=now,
        condition=condition,
        expires_on=expires_on,
        not_before=not_before,
    )
    state.tokens[token.id] = token
    return success({**shown_token(state, token), "value": secret})


def get_token(owner: str, state: State, hit: Hit) -> Response:
    """Show a token, without its secret."""
    return success(shown_token(state, _one(state, hit, owner)))


def update_token(owner: str, state: State, hit: Hit) -> Response:
    """Replace what a token may do and its status; its secret stays."""
    token, body = _one(state, hit, owner), object_body(hit)
    status = typed(body, "status", "text", token.status)
    if status not in ("active", "disabled"):
        raise _invalid("status must be active or disabled")
    name, policies, condition = _name(body), _policies(state, body), _condition(body)
    token.not_before, token.expires_on = _window(body)
    token.name, token.policies, token.condition, token.status = name, policies, condition, status
    token.modified_on = state.clock.now()
    return success(shown_token(state, token))


def delete_token(owner: str, state: State, hit: Hit) -> Response:
    """Delete a token; from now on it is unknown."""
    token = _one(state, hit, owner)
    del state.tokens[token.id]
    return success({"id": token.id})


def roll_token(owner: str, state: State, hit: Hit) -> Response:
    """Give a token a new secret; the old one stops working at once."""
    token = _one(state, hit, owner)
    json_body(hit)
    secret = _secret(state, owner)
    token.digest, token.modified_on = digest(secret), state.clock.now()
    return success(secret)


def verify_token(owner: str, state: State, hit: Hit) -> Response:
    """Tell the status of the very token that asks; a token of the other owner is invalid here (1000)."""
    _owned(state, hit, owner)
    token: Token = hit.principal
    if token.owner != owner:
        raise refusal("invalid-token-verify")
    status = token_status(state, token)
    shown = {"id": token.id, "status": status}
    for name in ("not_before", "expires_on"):
        instant = getattr(token, name)
        if instant is not None:
            shown[name] = second_stamp(instant)
    words = "valid and active" if status == "active" else status
    message = {"code": 10000, "message": f"This API Token is {words}", "type": None}
    return success(shown, messages=(message,))


def list_permission_groups(owner: str, state: State, hit: Hit) -> Response:
    """List the permission groups that a token's policy can name."""
    _owned(state, hit, owner)
    groups = reference("permission_groups", "groups")
    if "name" in hit.query:
        groups = [group for group in groups if group["name"] == hit.query["name"]]
    if "scope" in hit.query:
        groups = [group for group in groups if hit.query["scope"] in group["scopes"]]
    info = {"page": 1, "per_page": len(groups), "count": len(groups), "total_count": len(groups)}
    return success(groups, info=info)


def _bind(owner: str, path: str) -> None:
    operations = {
        ("GET", path): list_tokens,
        ("POST", path): create_token,
        ("GET", f"{path}/permission_groups"): list_permission_groups,
        ("GET", f"{path}/verify"): verify_token,
        ("GET", f"{path}/{{token_id}}"): get_token,
        ("PUT", f"{path}/{{token_id}}"): update_token,
        ("DELETE", f"{path}/{{token_id}}"): delete_token,
        ("PUT", f"{path}/{{token_id}}/value"): roll_token,
    }
    for (method, rule), function in operations.items():
        route(method, rule)(partial(function, owner))


for _owner, _path in OWNERS.items():
    _bind(_owner, _path)

"""The rules of Access policies and groups, checked as the API does: one kind each, with the fields it needs."""

from ipaddress import ip_network
from typing import Any

from twin.world.saas.cloudflare.envelope import Refusal, refusal
from twin.world.saas.cloudflare.state import State

FIELDS: dict[str, tuple[str, ...]] = {
    "email": ("email",),
    "email_domain": ("domain",),
    "everyone": (),
    "ip": ("ip",),
    "geo": ("country_code",),
    "group": ("id",),
    "okta": (),
    "azureAD": ("id",),
    "gsuite": ("email",),
    "login_method": ("id",),
    "auth_method": ("auth_method",),
    "service_token": ("token_id",),
    "any_valid_service_token": (),
    "certificate": (),
    "common_name": ("common_name",),
}
NOT_PLAYED = ("email_list", "ip_list", "saml", "github-organization", "external_evaluation", "device_posture")


def invalid(reason: str) -> Refusal:
    """Build Access's refusal of a value."""
    return refusal("access-invalid", reason=reason)


def checked_rules(state: State, body: dict[str, Any], name: str, *, needed: bool = False) -> list[Any]:
    """Return the rules of `include`, `require` or `exclude`; refuse what Access would refuse."""
    rules = body.get(name) or []
    if not isinstance(rules, list) or (needed and not rules):
        raise invalid(f"{name} must be a list of rules")
    for rule in rules:
        _check(state, rule, name)
    return rules


def _check(state: State, rule: Any, name: str) -> None:
    if not isinstance(rule, dict) or len(rule) != 1:
        raise invalid(f"a rule of {name} has one kind")
    ((kind, given),) = rule.items()
    if kind in NOT_PLAYED:
        raise refusal("unsupported", operation=f"the Access rule {kind}")
    if kind not in FIELDS:
        raise invalid(f"there is no rule {kind}")
    if not isinstance(given, dict) or any(not isinstance(given.get(field), str) for field in FIELDS[kind]):
        raise invalid(f"the rule {kind} needs {', '.join(FIELDS[kind]) or 'an object'}")
    if kind == "group" and given["id"] not in state.access.groups:
        raise invalid(f"there is no group {given['id']}")
    if kind == "service_token" and given["token_id"] not in state.access.service_tokens:
        raise invalid(f"there is no service token {given['token_id']}")
    if kind == "ip":
        try:
            ip_network(given["ip"], strict=False)
        except ValueError as broken:
            raise invalid(f"{given['ip']} is no range of addresses") from broken

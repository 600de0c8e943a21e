"""Whether a rule may stand in a phase of a zone or account: its form, its action, and what the plan entitles to."""

from dataclasses import dataclass
from typing import Any

from twin.world.saas.cloudflare.action_parameters import Invalid, check_parameters
from twin.world.saas.cloudflare.body import matches
from twin.world.saas.cloudflare.envelope import Refusal, refusal
from twin.world.saas.cloudflare.expressions import flaw, uses_regex
from twin.world.saas.cloudflare.reference import plan_limits, reference

Rule = dict[str, Any]

FIELDS = {
    "id": "text",
    "ref": "text",
    "action": "text",
    "action_parameters": "object",
    "expression": "text",
    "description": "text",
    "enabled": "boolean",
    "logging": "object",
    "ratelimit": "object",
    "exposed_credential_check": "object",
    "position": "object",
}
SHOWN = ("version", "last_updated", "categories")  # a rule read and sent back carries them; the vendor ignores them
PARAMETERS_OPTIONAL = ("block", "challenge", "js_challenge", "managed_challenge", "log")
CHALLENGES = ("challenge", "js_challenge", "managed_challenge")
PERIODS = (10, 60, 120, 300, 600, 3600)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule is to stand: the phase, the plan that pays, and the rulesets of this level that it can execute."""

    phase: str
    plan: str
    level: str
    custom: frozenset[str]


def _wrong(field: str, value: Any, reason: str, pointer: str) -> Refusal:
    return refusal("ruleset-value", field=field, value=value, reason=reason, pointer=pointer)


def check_rule(place: Place, rule: Any, pointer: str) -> None:
    """Refuse a rule that the vendor would refuse; `pointer` says where it stands in the request."""
    if not isinstance(rule, dict):
        raise refusal("rule-field", reason="a rule must be an object", pointer=pointer)
    for name, value in rule.items():
        if name not in FIELDS and name not in SHOWN:
            raise refusal("rule-field", reason=f"unknown field '{name}'", pointer=f"{pointer}/{name}")
        if name in FIELDS and value is not None and not matches(value, FIELDS[name]):
            raise refusal("rule-field", reason=f"'{name}' must be of type {FIELDS[name]}", pointer=f"{pointer}/{name}")
    _check_expression(place, rule, pointer)
    _check_action(place, rule, pointer)
    _check_rate_limit(place, rule, pointer)
    if "logging" in rule and (rule["action"] != "skip" or not matches(rule["logging"].get("enabled"), "boolean")):
        raise refusal("rule-field", reason="'logging' is for skip rules, with 'enabled'", pointer=f"{pointer}/logging")


def _check_expression(place: Place, rule: Rule, pointer: str) -> None:
    expression = rule.get("expression")
    reason = flaw(expression)
    if reason is None and uses_regex(str(expression)) and not plan_limits(place.plan)["regex"]:
        reason = "the use of operator Matches is not allowed, a Business plan or a WAF Advanced plan is required"
    if reason:
        raise refusal("rule-expression", expression=expression or "", reason=reason, pointer=f"{pointer}/expression")


def _check_action(place: Place, rule: Rule, pointer: str) -> None:
    action = rule.get("action") or ""
    if action not in reference("phases", "phases")[place.phase]["actions"]:
        raise refusal("rule-action", action=action, phase=place.phase, pointer=f"{pointer}/action")
    if action == "log" and not plan_limits(place.plan)["log_action"]:
        raise refusal("rule-entitlement", what="the log action", pointer=f"{pointer}/action")
    below = f"{pointer}/action_parameters"
    given = rule.get("action_parameters")
    if given is None and action not in PARAMETERS_OPTIONAL:
        raise refusal("rule-field", reason="'action_parameters' is required", pointer=below)
    try:
        check_parameters(action, given or {}, place.phase)
    except Invalid as invalid:
        raise refusal("rule-field", reason=invalid.reason, pointer=below + invalid.pointer) from invalid
    _check_entitlement(place, action, given or {}, below)


def _check_entitlement(place: Place, action: str, given: dict[str, Any], pointer: str) -> None:
    limits = plan_limits(place.plan)
    if action == "execute":
        _check_executed(place, given["id"], f"{pointer}/id")
    if action == "route" and place.plan != "enterprise":
        for name in ("host_header", "sni"):
            if name in given:
                raise refusal("rule-entitlement", what=f"the {name} override", pointer=f"{pointer}/{name}")
        if "host" in given.get("origin", {}):
            raise refusal("rule-entitlement", what="the origin host override", pointer=f"{pointer}/origin/host")
    edge = given.get("edge_ttl", {}) if action == "set_cache_settings" else {}
    if edge.get("mode") == "override_origin" and edge["default"] < limits["min_edge_ttl"]:
        what = f"an edge TTL of {edge['default']}, the minimum is {limits['min_edge_ttl']}"
        raise refusal("rule-entitlement", what=what, pointer=f"{pointer}/edge_ttl/default")


def _check_executed(place: Place, ruleset_id: str, pointer: str) -> None:
    managed = {entry["id"]: entry for entry in reference("managed_rulesets", "rulesets")}
    if ruleset_id in place.custom:
        return
    entry = managed.get(ruleset_id)
    if entry is None or entry["phase"] != place.phase:
        raise _wrong("id", ruleset_id, f"the ruleset does not exist in the {place.phase} phase", pointer)
    entitled = plan_limits(place.plan)["managed_rulesets"]
    if place.phase == "http_request_firewall_managed" and ruleset_id not in entitled:
        raise refusal("rule-entitlement", what=f"the managed ruleset {ruleset_id}", pointer=pointer)


def _check_rate_limit(place: Place, rule: Rule, pointer: str) -> None:
    limit, below = rule.get("ratelimit"), f"{pointer}/ratelimit"
    needed = place.phase == "http_ratelimit" and rule["action"] not in ("skip", "execute")
    if limit is None and needed:
        raise refusal("rate-limit-value", reason="ratelimit is required", pointer=below)
    if limit is None:
        return
    if not needed:
        raise refusal("rate-limit-value", reason="ratelimit is not allowed here", pointer=below)
    _check_rate_form(limit, below)
    _check_rate_entitlement(place, rule["action"], limit, below)


def _check_rate_form(limit: dict[str, Any], pointer: str) -> None:
    kinds = {
        "characteristics": "list",
        "period": "integer",
        "requests_per_period": "integer",
        "mitigation_timeout": "integer",
        "counting_expression": "text",
        "requests_to_origin": "boolean",
        "score_per_period": "integer",
        "score_response_header_name": "text",
    }
    for name, value in limit.items():
        if name not in kinds or not matches(value, kinds[name]):
            reason = f"{name} must be of type {kinds[name]}" if name in kinds else f"unknown field '{name}'"
            raise refusal("rate-limit-value", reason=reason, pointer=f"{pointer}/{name}")
    if "cf.colo.id" not in limit.get("characteristics", []):
        raise refusal("rate-limit-colo", pointer=f"{pointer}/characteristics")
    if limit.get("period") not in PERIODS:
        raise refusal("rate-limit-value", reason=f"period must be one of {list(PERIODS)}", pointer=f"{pointer}/period")
    if limit.get("requests_per_period", 0) < 1 and limit.get("score_per_period", 0) < 1:
        reason = "requests_per_period must be at least 1"
        raise refusal("rate-limit-value", reason=reason, pointer=f"{pointer}/requests_per_period")
    counting = limit.get("counting_expression")
    wrong = flaw(counting) if counting else None
    if wrong:
        raise refusal("rate-limit-value", reason=wrong, pointer=f"{pointer}/counting_expression")


def _check_rate_entitlement(place: Place, action: str, limit: dict[str, Any], pointer: str) -> None:
    allowed = plan_limits(place.plan)["rate_limit"]

    def refuse(field: str, what: str) -> Refusal:
        return refusal("rule-entitlement", what=what, pointer=f"{pointer}/{field}")

    if limit["period"] not in allowed["periods"]:
        what = f"the period {limit['period']}, can only use a period among {allowed['periods']}"
        raise refuse("period", what)
    timeouts = [0] if action in CHALLENGES and place.plan != "enterprise" else allowed["timeouts"]
    if limit.get("mitigation_timeout", 0) not in timeouts:
        among = f"different from {timeouts[0]}" if len(timeouts) == 1 else f"that is not among {timeouts}"
        raise refuse("mitigation_timeout", f"a mitigation timeout {among}")
    for name in limit["characteristics"]:
        if allowed["characteristics"] is not None and name not in allowed["characteristics"]:
            raise refuse("characteristics", f"the characteristic {name}")
    if limit.get("counting_expression") and not allowed["counting_expression"]:
        raise refuse("counting_expression", "a counting expression")

"""Rules of policies: in order, each with its conditions and what it then does."""

from twin.wire import Response
from twin.world.saas.okta.body import flag, object_of, verify
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import policy_target, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.policies import POLICIES, add_rule, check_people, find_policy
from twin.world.saas.okta.policy_shapes import RULE, RULE_DEFAULTS, RULE_TYPE, filled
from twin.world.saas.okta.priorities import close_gaps, place
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

RULES = f"{POLICIES}/<policy_id>/rules"
SIZE = Size(200, 200)


def render_policy_rule(hit: Hit, policy: Record, rule: Record) -> Record:
    """Return a rule with its links."""
    href = f"{base(hit)}{POLICIES}/{policy['id']}/rules/{rule['id']}"
    links = {"self": link(href, "GET", "PUT", "DELETE"), **lifecycle(href, rule["status"])}
    return {**rule, "_links": links}


def _rules(org: Org, policy: Record) -> dict[str, Record]:
    return org.policy_rules[policy["id"]]


def _rule(org: Org, hit: Hit) -> tuple[Record, Record]:
    policy = find_policy(org, hit)
    return policy, find(_rules(org, policy), hit.path["rule_id"], "PolicyRule")


def _validated(org: Org, hit: Hit, policy: Record, rule: Record | None = None) -> Record:
    body = object_of(hit)
    kind = policy["type"]
    if body.get("type", RULE_TYPE[kind]) != RULE_TYPE[kind]:
        refuse("type", f"type: The type of a rule of this policy is {RULE_TYPE[kind]}")
    verify(body, RULE[kind], "policyRule")
    if any(one["name"] == body["name"] and one is not rule for one in _rules(org, policy).values()):
        refuse("name", "name: Policy rule name already in use")
    check_people(org, body.get("conditions"))
    if kind == "OKTA_SIGN_ON":
        _check_sign_on(body["actions"]["signon"])
        _check_behaviors(org, body)
    if kind == "ACCESS_POLICY":
        _check_access(body["actions"]["appSignOn"])
    return body


def _check_sign_on(signon: Record) -> None:
    session = signon.get("session", {})
    idle, lifetime = session.get("maxSessionIdleMinutes", 120), session.get("maxSessionLifetimeMinutes", 0)
    if lifetime and idle > lifetime:
        refuse("session", "session: The idle time cannot be longer than the lifetime of the session")
    if signon.get("requireFactor") and "factorPromptMode" not in signon:
        refuse("factorPromptMode", "factorPromptMode: The field is needed when a factor is required")


def _check_behaviors(org: Org, body: Record) -> None:
    """Refuse behaviors that do not exist, and a denial because of one.

    https://support.okta.com/help/s/article/deny-users-access-based-on-behaviour-conditions
    """
    named = ((body.get("conditions") or {}).get("risk") or {}).get("behaviors") or []
    for key in named:
        if key not in org.behaviors:
            refuse("conditions", f"conditions.risk.behaviors: Invalid id '{key}'")
    if named and body["actions"]["signon"]["access"] == "DENY":
        refuse("access", "access: Access cannot be denied based on behavior conditions")


def _check_access(sign_on: Record) -> None:
    if sign_on["access"] == "ALLOW" and "verificationMethod" not in sign_on:
        refuse("verificationMethod", "verificationMethod: The field cannot be left blank when access is ALLOW")


@ROUTER.route("POST", RULES)
def create_policy_rule(org: Org, hit: Hit) -> Response:
    """Create a rule at its priority, last when none is given."""
    policy, active = find_policy(org, hit), flag(hit, "activate", True)
    body = _validated(org, hit, policy)
    rule = add_rule(org, policy, body)
    rule["status"] = "ACTIVE" if active and body.get("status", "ACTIVE") == "ACTIVE" else "INACTIVE"
    _place(org, policy, rule, body.get("priority"))
    log(org, "policy.rule.add", policy_target(policy), target("PolicyRule", rule))
    return json_response(200, render_policy_rule(hit, policy, rule))


def _place(org: Org, policy: Record, rule: Record, priority: int | None) -> None:
    rows = _rules(org, policy).values()
    place(rows, rule, priority)
    _system_last(policy, list(rows))


def _system_last(policy: Record, rows: list[Record]) -> None:
    if policy["type"] != "ACCESS_POLICY":
        for one in rows:
            if one["system"]:
                one["priority"] = len(rows)


@ROUTER.route("GET", RULES)
def list_policy_rules(org: Org, hit: Hit) -> Response:
    """List the rules of a policy by priority."""
    policy = find_policy(org, hit)
    rows = sorted(_rules(org, policy).values(), key=lambda rule: (rule["priority"], rule["system"]))
    return page(hit, rows, lambda rule: render_policy_rule(hit, policy, rule), SIZE)


@ROUTER.route("GET", f"{RULES}/<rule_id>")
def get_policy_rule(org: Org, hit: Hit) -> Response:
    """Return one rule."""
    return json_response(200, render_policy_rule(hit, *_rule(org, hit)))


@ROUTER.route("PUT", f"{RULES}/<rule_id>")
def replace_policy_rule(org: Org, hit: Hit) -> Response:
    """Replace a rule; of a system rule the actions only."""
    policy, rule = _rule(org, hit)
    body = _validated(org, hit, policy, rule)
    if rule["system"]:
        if body["name"] != rule["name"]:
            refuse("name", "name: The name of a system rule cannot be changed")
        rule["actions"] = filled(RULE_DEFAULTS[policy["type"]]["actions"], body.get("actions", {}))
    else:
        given = {name: body[name] for name in ("conditions", "actions") if name in body}
        rule |= {"name": body["name"], **filled(RULE_DEFAULTS[policy["type"]], given)}
        _place(org, policy, rule, body.get("priority", rule["priority"]))
    org.touch(rule)
    log(org, "policy.rule.update", policy_target(policy), target("PolicyRule", rule))
    return json_response(200, render_policy_rule(hit, policy, rule))


@ROUTER.route("DELETE", f"{RULES}/<rule_id>")
def delete_policy_rule(org: Org, hit: Hit) -> Response:
    """Delete a rule that is no system rule."""
    policy, rule = _rule(org, hit)
    if rule["system"]:
        refuse("delete", "delete: A system rule cannot be deleted")
    rows = _rules(org, policy)
    del rows[rule["id"]]
    close_gaps(rows.values())
    _system_last(policy, list(rows.values()))
    log(org, "policy.rule.delete", policy_target(policy), target("PolicyRule", rule))
    return Response(204)


@ROUTER.route("POST", f"{RULES}/<rule_id>/lifecycle/activate")
def activate_policy_rule(org: Org, hit: Hit) -> Response:
    """Activate a rule."""
    return _set_status(org, hit, "ACTIVE", "policy.rule.activate")


@ROUTER.route("POST", f"{RULES}/<rule_id>/lifecycle/deactivate")
def deactivate_policy_rule(org: Org, hit: Hit) -> Response:
    """Deactivate a rule that is no system rule."""
    if _rule(org, hit)[1]["system"]:
        refuse("deactivate", "deactivate: A system rule cannot be deactivated")
    return _set_status(org, hit, "INACTIVE", "policy.rule.deactivate")


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    policy, rule = _rule(org, hit)
    if rule["status"] != status:
        rule["status"] = status
        org.touch(rule)
        log(org, event, policy_target(policy), target("PolicyRule", rule))
    return Response(204)

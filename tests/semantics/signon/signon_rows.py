"""Builders of sign-in questions in Okta's own JSON, and the pages that the rows of the table come from."""

from dataclasses import dataclass, field
from typing import Any

HELP = "https://help.okta.com/oie/en-us/Content/Topics"
API = "https://developer.okta.com/docs/api/openapi/okta-management/management/tag"
PAGES = {
    "evaluation": f"{API}/Policy/",
    "priority": "https://developer.okta.com/docs/guides/policy-rule-prioritization/main",
    "session rule": f"{HELP}/identity-engine/policies/add-okta-sign-on-policy-rule.htm",
    "app rule": f"{HELP}/identity-engine/policies/add-app-sign-on-policy-rule.htm",
    "behaviors": "https://support.okta.com/help/s/article/How-to-Add-a-Behavior-to-a-SignOn-Policy-Rule",
    "authenticators": f"{HELP}/identity-engine/authenticators/configure-authenticators.htm",
    "dynamic zones": "https://help.okta.com/oie/en-us/content/topics/security/network/about-dynamic-zones.htm",
    "enhanced zones": "https://help.okta.com/oie/en-us/content/topics/security/network/about-enhanced-dynamic-zones.htm",
    "zones": f"{HELP}/Security/network/faq-network-zone.htm",
    "expressions": "https://developer.okta.com/docs/reference/okta-expression-language-in-identity-engine/",
}


@dataclass(frozen=True)
class Row:
    """One question with the part of its answer that the page states."""

    name: str
    page: str
    question: dict[str, Any]
    expected: dict[str, Any] = field(default_factory=dict)

    def __str__(self):
        return self.name.replace(" ", "-")


def session_rule(name, *, access="ALLOW", conditions=None, priority=1, status="ACTIVE", **signon):
    """Return a rule of a global session policy."""
    actions = {"signon": {"access": access, **signon}}
    kind = {"type": "SIGN_ON", "status": status, "system": False}
    return {
        "id": f"0pr-{name}",
        "name": name,
        "priority": priority,
        **kind,
        "conditions": conditions,
        "actions": actions,
    }


def session_policy(name, *rules, groups=(), priority=1, status="ACTIVE"):
    """Return a global session policy for some groups, none named meaning everybody."""
    people = {"people": {"groups": {"include": list(groups)}}} if groups else None
    head = {"id": f"00p-{name}", "type": "OKTA_SIGN_ON", "name": name, "priority": priority, "status": status}
    return {**head, "system": False, "conditions": people, "rules": list(rules)}


def default_policy(**signon):
    """Return the policy that every org has last."""
    rule = {**session_rule("Default Rule", **signon), "system": True}
    return {**session_policy("Default Policy", rule, priority=99), "system": True}


def app_rule(
    name, *, access="ALLOW", conditions=None, priority=1, status="ACTIVE", factors="2FA", constraints=(), **more
):
    """Return a rule of an authentication policy."""
    method = {"type": "ASSURANCE", "factorMode": factors, "constraints": list(constraints), **more}
    actions = {"appSignOn": {"access": access} | ({"verificationMethod": method} if access == "ALLOW" else {})}
    head = {"id": f"rul-{name}", "name": name, "priority": priority, "type": "ACCESS_POLICY", "status": status}
    return {**head, "conditions": conditions, "actions": actions}


def app_policy(*rules, catch_all="ALLOW"):
    """Return an authentication policy with its catch-all rule last."""
    last = {**app_rule("Catch-all Rule", access=catch_all, priority=99, reauthenticateIn="PT2H"), "system": True}
    return {
        "id": "rst-app",
        "type": "ACCESS_POLICY",
        "name": "App",
        "priority": 1,
        "status": "ACTIVE",
        "rules": [*rules, last],
    }


def asked(policies=(), app=None, zones=None, **context):
    """Return a question; the user is ada of the group staff unless the context says otherwise."""
    question = {"policies": list(policies), "context": {"user": "00u-ada", "groups": ["00g-staff"], **context}}
    return question | ({"app_policy": app} if app else {}) | ({"zones": zones} if zones is not None else {})


def zone(name, kind="IP", **fields):
    """Return an active zone."""
    return {"id": f"nzo-{name}", "name": name, "type": kind, "status": "ACTIVE", "usage": "POLICY", **fields}


def cidr(*blocks):
    """Return gateways of CIDR blocks."""
    return [{"type": "CIDR", "value": block} for block in blocks]


def network(*include, exclude=()):
    """Return a condition on zones by their names."""
    told = {"connection": "ZONE", "include": [f"nzo-{name}" for name in include]}
    return {"network": told | {"exclude": [f"nzo-{name}" for name in exclude]}}

"""Workforce apps that can be opened without a factor that resists phishing."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.zero_trust.deciding import deciding, logins, usable
from twin.analysis.zero_trust.finding import Finding
from twin.observe.signon import Opened, Record, SignOn
from twin.semantics.signon.assurance import ways
from twin.semantics.signon.chains import chain_ways
from twin.semantics.signon.proofs import Proof

MACHINE = "service"
RESISTANT = "phishing_resistant"


def weak_apps(org: SignOn) -> Iterator[Finding]:
    """Yield the apps of people, each with a rule that lets somebody in without such a factor, and by which methods."""
    weak = [one for one in usable(org) if RESISTANT not in one.traits]
    policies = {str(policy["id"]): policy for policy in org.policies}
    for app in org.apps:
        if app.kind == MACHINE or app.mode == "BOOKMARK" or app.policy not in policies:
            continue
        people = [someone for someone in org.people if someone.id in app.people]
        for policy, rule, held in deciding([policies[app.policy]], people):
            way = _way(rule, weak)
            if way:
                yield _finding(app, policy, rule, way=way, people=logins(held))


def _way(rule: Record, weak: list[Proof]) -> str:
    """Return the methods with which a rule lets somebody in who has none that resists phishing; empty for none."""
    sign_on: Mapping[str, Any] = rule["actions"]["appSignOn"]
    if sign_on.get("access") != "ALLOW":
        return ""
    method = sign_on.get("verificationMethod") or {"type": "ASSURANCE", "factorMode": "1FA"}
    found = chain_ways if method.get("type") == "AUTH_METHOD_CHAIN" else ways
    first = next(iter(found(method, weak, "verificationMethod")), None)
    return " and ".join(str(one) for one in first.proofs) if first else ""


def _finding(app: Opened, policy: Record, rule: Record, *, way: str, people: tuple[str, ...]) -> Finding:
    return Finding(
        "app-without-phishing-resistant-mfa",
        app.label,
        str(policy["name"]),
        str(rule["name"]),
        f"{app.label} opens with {way}, which a phishing page can relay",
        "require a phishing-resistant possession factor in the rule, or deny",
        people,
    )

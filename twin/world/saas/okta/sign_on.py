"""What the org's policies say of a sign-in, asked of `twin.semantics.signon` with the org as it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from twin.semantics.signon.context import Context, context, origin
from twin.semantics.signon.demands import Session, access_of, app_demands, session_demands, session_of
from twin.semantics.signon.evaluation import Outcome, evaluate
from twin.semantics.signon.zones import Origin, blocking, zones_of
from twin.world.saas.okta.detections import detected, place_of, sign_in_of
from twin.world.saas.okta.devices import device_of
from twin.world.saas.okta.log_events import outcome_of, policy_target, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.password_policies import instant, policy_of
from twin.world.saas.okta.policies import of_type
from twin.world.saas.okta.state import Org, Record


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in: from which address, with which device (a client's token, empty for none), and what was proved.

    `proved` maps the method of a factor, in the words of the semantics, to the instant at which it was proved.
    """

    ip: str
    device: str = ""
    proved: tuple[tuple[str, str], ...] = ()
    session: Record | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule that decides: whether it lets the user in, what it demands, and the session that it allows."""

    access: str
    policy: Record
    rule: Record
    demands: dict[str, Any]
    session: Session | None = None


def factors_of(org: Org, user: Record) -> list[Record]:
    """Return the active factors of a user."""
    return [one for one in org.factors.get(user["id"], {}).values() if one["status"] == "ACTIVE"]


def method_of(factor: Record) -> dict[str, Any]:
    """Return a factor as the semantics read it; a security key proves the user's presence, not biometrics."""
    return {"factorType": factor["factorType"], "provider": factor["provider"]}


def circumstances(org: Org, user: Record, attempt: Attempt) -> Context:
    """Return the context of a sign-in to the org."""
    now, place = org.clock.now(), place_of(org, attempt.ip)
    held = [method_of(one) for one in factors_of(org, user)]
    if "#password" in user:
        held.append({"key": "okta_password"})
    ages = {name: (now - instant(at)).total_seconds() for name, at in attempt.proved}
    session = attempt.session
    told = {
        "user": {"id": user["id"], "profile": user["profile"], "type": user["type"]},
        "groups": [
            {"id": key, "name": org.groups[key]["profile"]["name"]}
            for key, members in org.members.items()
            if user["id"] in members
        ],
        "ip": attempt.ip,
        "location": {"country": place.get("country"), "region": place.get("region")},
        "asn": place.get("asn"),
        "proxy": place.get("proxy"),
        "risk": org.risks.get(user["id"], "LOW"),
        "behaviors": [
            {"id": one["id"], "name": one["name"]}
            for one in detected(org, user, sign_in_of(org, attempt.ip, attempt.device))
        ],
        "device": device_of(org, user, attempt.device),
        "factors": held,
        "proved": [{"key": name, "age": max(age, 0)} for name, age in ages.items()],
    }
    if session:
        told["session"] = {"age": max((now - instant(session["createdAt"])).total_seconds(), 0)}
    return context(told, list(org.zones.values()))


def blocked_zone(org: Org, ip: str) -> str:
    """Return the blocklist zone that an address lies in, empty for none."""
    return blocking(zones_around(org, ip), org.zones.values(), _come(org, ip))


def zones_around(org: Org, ip: str) -> frozenset[str]:
    """Return the active zones that an address lies in."""
    return zones_of(_come(org, ip), org.zones.values())


def _come(org: Org, ip: str) -> Origin:
    place = place_of(org, ip)
    told = {"ip": ip, "location": {"country": place.get("country"), "region": place.get("region")}}
    return origin(told | {"asn": place.get("asn"), "proxy": place.get("proxy")})


def whole(org: Org, policies: Iterable[Record]) -> list[Record]:
    """Return policies with their rules, as the semantics read them."""
    return [{**policy, "rules": list(org.policy_rules[policy["id"]].values())} for policy in policies]


def session_verdict(org: Org, given: Context) -> Verdict:
    """Return what the global session policies say."""
    policy, rule = _decided(evaluate(whole(org, of_type(org, "OKTA_SIGN_ON")), given))
    access = access_of(rule, "signon")
    if access == "DENY":
        return Verdict(access, policy, rule, {})
    return Verdict(access, policy, rule, session_demands(rule, given), session_of(rule))


def app_verdict(org: Org, app: Record, given: Context) -> Verdict:
    """Return what the authentication policy of an app says."""
    policy, rule = _decided(evaluate(whole(org, [org.policies[app["#policy"]]]), given))
    access = access_of(rule, "appSignOn")
    return Verdict(access, policy, rule, app_demands(rule, given) if access == "ALLOW" else {})


def _decided(outcome: Outcome) -> tuple[Record, Record]:
    if outcome.policy is None or outcome.rule is None:
        raise AssertionError("every kind of policy ends in a rule for everybody")
    return dict(outcome.policy), dict(outcome.rule)


def log_verdict(org: Org, user: Record, verdict: Verdict) -> None:
    """Tell the System Log which rule decided: ALLOW, DENY, or CHALLENGE while something is demanded."""
    open_demands = verdict.access == "ALLOW" and not verdict.demands.get("satisfied", True)
    result = "CHALLENGE" if open_demands else verdict.access
    reason = "Sign-on policy evaluation resulted in " + {"DENY": "DENY", "CHALLENGE": "CHALLENGE"}.get(result, "ALLOW")
    targets = policy_target(verdict.policy), target("Rule", verdict.rule)
    log(org, "policy.evaluate_sign_on", *targets, by=target("User", user), outcome=outcome_of(result, reason))


def self_service(org: Org, user: Record, action: str) -> bool:
    """Tell whether the rules of a user's password policy allow the user to help themselves."""
    policy = policy_of(org, user)
    attempt = circumstances(org, user, Attempt(org.caller.ip))
    found = evaluate(whole(org, [{**policy, "conditions": None}]), attempt)
    if found.rule is None:
        return False
    return bool(((found.rule.get("actions") or {}).get(action) or {}).get("access") == "ALLOW")

"""One question about one sign-in, as a JSON object of Okta's own policies and rules."""

from collections.abc import Mapping
from typing import Any

from twin.semantics.signon.context import Context, context, origin
from twin.semantics.signon.demands import access_of, app_demands, session_demands, session_of
from twin.semantics.signon.evaluation import evaluate, named
from twin.semantics.signon.reading import mapping, rows, wrong
from twin.semantics.signon.zones import blocking

KNOWN = ("id", "policies", "app_policy", "zones", "context")
SESSION, APP = "OKTA_SIGN_ON", "ACCESS_POLICY"
NOTHING: dict[str, Any] = dict.fromkeys(("policy", "rule", "access", "demands", "session"))
Policy = Mapping[str, Any]


def decide(question: Mapping[str, Any]) -> dict[str, Any]:
    """Answer `{policies, app_policy, zones, context}`: the rules that decide, ALLOW or DENY, and what is demanded.

    `policies` are global session policies, `app_policy` the authentication policy of an app, each with its `rules`.
    `policy`, `rule` and `demands` of the answer are those of the session, and the app's stand under `app`; where only
    an app's policy is asked, they are the app's. ValueError for what is no such question.
    """
    unknown = sorted(set(question) - set(KNOWN))
    if unknown:
        raise ValueError(f"a question has no {', '.join(unknown)}; it has {', '.join(KNOWN)}")
    policies, app = _policies(question)
    told = mapping(question.get("context"), "context")
    beside = [mapping(one, "zones") for one in rows(question.get("zones"), "zones")]
    circumstances = context(told, beside)
    listed = told.get("zones")
    given = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    blocked = blocking(circumstances.zones, [*beside, *given], origin(told))
    if blocked:
        return _denied(f"the blocklist zone {blocked} forbids the request before any policy is asked")
    return _answer(policies, app, circumstances)


def _policies(question: Mapping[str, Any]) -> tuple[list[Policy], Policy | None]:
    """Return the global session policies and the app's policy of a question."""
    listed = [_whole(one) for one in rows(question.get("policies"), "policies")]
    kinds = {kind: [one for one in listed if one.get("type", SESSION) == kind] for kind in (SESSION, APP)}
    if len(kinds[SESSION]) + len(kinds[APP]) != len(listed):
        raise wrong("policies.type", f"{SESSION} or {APP}")
    asked = question.get("app_policy")
    if isinstance(asked, str):
        found = [one for one in kinds[APP] if asked in (one.get("id"), one.get("name"))]
        if len(found) != 1:
            raise wrong("app_policy", f"the id or the name of one {APP} among the policies")
        return kinds[SESSION], found[0]
    if asked is not None:
        app = _whole(asked)
        if app.get("type", APP) != APP:
            raise wrong("app_policy.type", f"{APP}, not {app['type']!r}")
        return kinds[SESSION], app
    if len(kinds[APP]) > 1 or not listed:
        raise wrong("policies", f"at least one policy, and at most one {APP} unless `app_policy` names it")
    return kinds[SESSION], kinds[APP][0] if kinds[APP] else None


def _whole(given: Any) -> Policy:
    """Return a policy with its rules, which may also come as `{policy, rules}`."""
    told = mapping(given, "policies")
    if "policy" in told:
        return {**mapping(told["policy"], "policies.policy"), "rules": told.get("rules")}
    return told


def _denied(reason: str, because: tuple[str, ...] = ()) -> dict[str, Any]:
    return {**NOTHING, "access": "DENY", "because": [*because, reason]}


def _answer(policies: list[Policy], app: Policy | None, given: Context) -> dict[str, Any]:
    outer = evaluate(policies, given)
    answer: dict[str, Any] = {**NOTHING, "access": "ALLOW"}
    if outer.policy is not None and outer.rule is not None:
        answer |= _session(outer.policy, outer.rule, given)
    elif policies:
        return _denied("no rule fits, and the question holds no default policy", outer.because)
    if app is None or answer["access"] == "DENY":
        return answer | {"because": list(outer.because)}
    inner = evaluate([app], given)
    because = outer.because + inner.because
    if inner.policy is None or inner.rule is None:
        return _denied("no rule of the app's policy fits, and it holds no catch-all rule", because)
    told = _app(inner.policy, inner.rule, given)
    joined = {"access": told["access"], "app": told} if policies else told
    return answer | joined | {"because": list(because)}


def _session(policy: Policy, rule: Policy, given: Context) -> dict[str, Any]:
    told: dict[str, Any] = {"policy": named(policy, "policies"), "rule": named(rule, "rules")}
    told["access"] = access_of(rule, "signon")
    if told["access"] == "DENY":
        return told
    session = session_of(rule)
    minutes = {"idle_minutes": session.idle, "lifetime_minutes": session.lifetime}
    told["session"] = minutes | {"persistent_cookie": session.persistent, "alive": session.alive(given)}
    return told | {"demands": session_demands(rule, given)}


def _app(policy: Policy, rule: Policy, given: Context) -> dict[str, Any]:
    access = access_of(rule, "appSignOn")
    demands = app_demands(rule, given) if access == "ALLOW" else None
    return {"policy": named(policy, "app_policy"), "rule": named(rule, "rules"), "access": access, "demands": demands}

"""What the policies say of apps: to a session that is there, and in a simulation that asks before."""

from urllib.parse import urlsplit

import pytest
from okta_person import demand, open_session, person, sign_in, switch_on, totp, totp_of

from twin.world.saas.okta.sign_on import Attempt, app_verdict, circumstances

BOOKMARK = {
    "name": "bookmark",
    "label": "D",
    "signOnMode": "BOOKMARK",
    "settings": {"app": {"url": "https://d.example"}},
}
OFFICE = {"type": "IP", "name": "Office", "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}]}

MANAGED = {"device": {"registered": True, "managed": True}}
IPHONE = {"platform": {"include": [{"type": "MOBILE", "os": {"type": "IOS"}}]}}


def guarded(call, *, access="ALLOW", conditions=None, **method):
    """Return an app under a policy of its own whose rule stands before the catch-all one."""
    app = call("POST", "/api/v1/apps", BOOKMARK)
    policy = call("POST", "/api/v1/policies", {"type": "ACCESS_POLICY", "name": "Own"})
    demands = {"type": "ASSURANCE", "factorMode": "1FA", "reauthenticateIn": "PT2H", **method}
    actions = {"appSignOn": {"access": access} | ({"verificationMethod": demands} if access == "ALLOW" else {})}
    rule = {"name": "own", "actions": actions} | ({"conditions": conditions} if conditions else {})
    call("POST", f"/api/v1/policies/{policy['id']}/rules", rule)
    call("PUT", f"/api/v1/apps/{app['id']}/policies/{policy['id']}")
    return call.okta.org.apps[app["id"]]


def asked(call, user, app, session):
    """Ask whether a session may open an app."""
    org = call.okta.org
    held = org.sessions[session["id"]]
    attempt = Attempt(org.caller.ip, held["#device"], tuple(held["#proved"].items()), held)
    return app_verdict(org, app, circumstances(org, org.users[user["id"]], attempt))


def test_a_session_with_a_password_opens_what_one_factor_opens(call, clock):
    """Within two hours the password counts, after that it must be proved again."""
    user, app = person(call), guarded(call)
    session = open_session(call, sign_in(call)["sessionToken"])
    assert asked(call, user, app, session).demands["satisfied"]
    clock.advance(7201)
    verdict = asked(call, user, app, session)
    assert (verdict.access, verdict.demands["satisfied"], verdict.demands["possible"]) == ("ALLOW", False, True)


def test_a_second_factor_of_the_sign_in_counts_for_the_app(call, clock):
    """Who proved two factors for the session is not asked for them again."""
    user = person(call)
    made = totp(call, user)
    app = guarded(call, factorMode="2FA")
    session = open_session(call, sign_in(call)["sessionToken"])
    assert not asked(call, user, app, session).demands["satisfied"]
    group = next(one["id"] for one in call("GET", "/api/v1/groups") if one["type"] == "BUILT_IN")
    demand(call, groups=[group], requireFactor=True, factorPromptMode="ALWAYS")
    begun = sign_in(call)
    clock.advance(30)
    body = {"stateToken": begun["stateToken"], "passCode": totp_of(call, user, made)}
    done = call("POST", f"/api/v1/authn/factors/{made['id']}/verify", body)
    session = open_session(call, done["sessionToken"])
    assert asked(call, user, app, session).demands["satisfied_by"] == [["okta_verify/totp", "okta_password"]]
    assert asked(call, user, app, session).demands["satisfied"]


def test_an_app_denies_whom_its_rule_denies(call):
    """A rule that denies everybody denies a session that is good elsewhere."""
    user, app = person(call), guarded(call, access="DENY")
    session = open_session(call, sign_in(call)["sessionToken"])
    assert (asked(call, user, app, session).access, asked(call, user, app, session).rule["name"]) == ("DENY", "own")


def simulated(call, app, kinds=("ACCESS_POLICY",), **context):
    """Return the evaluations of a simulation."""
    body = [{"appInstance": app["id"], "policyTypes": list(kinds), "policyContext": context}]
    return call("POST", "/api/v1/policies/simulate", body)


def matched(evaluation):
    """Return the policy and the rule that a simulation says would decide."""
    (policy,) = evaluation["result"]["policies"]
    (rule,) = policy["rules"]
    return policy["name"], rule["name"]


@pytest.mark.parametrize(("ip", "rule"), [("192.0.2.7", "own"), ("198.51.100.7", "Catch-all Rule")])
def test_a_simulation_says_which_rule_would_decide(call, ip, rule):
    """The address decides between the rule of the zone and the catch-all one."""
    user, zone = person(call), call("POST", "/api/v1/zones", OFFICE)
    app = guarded(call, conditions={"network": {"connection": "ZONE", "include": [zone["id"]]}})
    (evaluation,) = simulated(call, app, user={"id": user["id"]}, ip=ip)
    assert matched(evaluation) == ("Own", rule)


def test_a_simulation_says_what_it_cannot_know(call):
    """Without an address a rule of a zone is undefined, and the next one matches."""
    user, zone = person(call), call("POST", "/api/v1/zones", OFFICE)
    app = guarded(call)
    group = next(one["id"] for one in call("GET", "/api/v1/groups") if one["type"] == "BUILT_IN")
    demand(call, groups=[group], conditions={"network": {"connection": "ZONE", "include": [zone["id"]]}})
    (session,) = simulated(call, app, ["OKTA_SIGN_ON"], user={"id": user["id"]})
    (policy,) = session["undefined"]["policies"]
    assert [(one["type"], one["status"]) for one in policy["rules"][0]["conditions"] if one["type"] == "network"] == [
        ("network", "UNDEFINED")]  # fmt: skip
    assert matched(session) == ("Default Policy", "Default Rule")


def test_a_simulation_covers_every_type_and_refuses_nonsense(call):
    """Session, enrolment and app policies come by default; unknown apps, types and both of user and groups do not."""
    user, group = person(call), call.group()
    switch_on(call, "phone_number")
    app = guarded(call)
    body = [{"appInstance": app["id"], "policyContext": {"groups": {"ids": [group["id"]]}}}]
    found = call("POST", "/api/v1/policies/simulate", body)
    assert [one["policyType"] for one in found] == [["OKTA_SIGN_ON"], ["ACCESS_POLICY"], ["MFA_ENROLL"]]
    assert matched(found[2]) == ("Default Policy", "Default Rule")
    path = "/api/v1/policies/simulate"
    call("POST", path, [{"appInstance": "0oa"}], expect=(404, "E0000007"))
    call("POST", path, [{"appInstance": app["id"], "policyTypes": ["PASSWORD"]}], expect=(400, "E0000001"))
    both = {"user": {"id": user["id"]}, "groups": {"ids": [group["id"]]}}
    call("POST", path, [{"appInstance": app["id"], "policyContext": both}], expect=(400, "E0000001"))
    call("POST", path, [], expect=(400, "E0000001"))


def test_access_is_not_denied_because_of_a_behavior(call):
    """A behavior may ask for more, never shut out; one that does not exist is refused."""
    policy = call("POST", "/api/v1/policies", {"type": "OKTA_SIGN_ON", "name": "P"})
    path, device = urlsplit(policy["_links"]["rules"]["href"]).path, call("GET", "/api/v1/behaviors")[0]["id"]
    rule = {"name": "r", "type": "SIGN_ON", "conditions": {"risk": {"behaviors": [device]}}}
    call("POST", path, rule | {"actions": {"signon": {"access": "DENY"}}}, expect=(400, "E0000001"))
    unknown = rule | {"conditions": {"risk": {"behaviors": ["abe"]}}, "actions": {"signon": {"access": "ALLOW"}}}
    call("POST", path, unknown, expect=(400, "E0000001"))
    call("POST", path, rule | {"actions": {"signon": {"access": "ALLOW"}}})


@pytest.mark.parametrize(
    ("conditions", "known", "agent", "rule"),
    [
        (MANAGED, {"registered": True, "managed": True}, "", "own"),
        (MANAGED, {"registered": True}, "", "Catch-all Rule"),
        (IPHONE, {}, "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)", "own"),
        (IPHONE, {}, "Mozilla/5.0 (Macintosh; Intel Mac OS X 15)", "Catch-all Rule"),
    ],
)
def test_the_device_of_the_session_decides(call, conditions, known, agent, rule):
    """What the org knows of the device, and what its browser says it runs on."""
    user, app = person(call), guarded(call, conditions=conditions)
    call.okta.org.devices["laptop"] = known
    session = open_session(call, sign_in(call, context={"deviceToken": "laptop"})["sessionToken"])
    call("GET", f"/api/v1/sessions/{session['id']}", headers={"User-Agent": agent})
    assert asked(call, user, app, session).rule["name"] == rule

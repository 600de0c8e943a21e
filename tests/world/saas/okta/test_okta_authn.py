"""Signing in: what the policies demand is demanded, state by state, and leads to a session or nowhere."""

import pytest
from okta_client import TOKEN, URL, Client
from okta_person import (
    MFA,
    NO_TOKEN,
    SecurityKey,
    demand,
    factor,
    message,
    open_session,
    person,
    phone_answers,
    push,
    sign_in,
    step,
    switch_on,
    totp,
    totp_of,
)

from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta

OFFICE = {"type": "IP", "name": "Office", "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}]}
FROM_OFFICE, FROM_HOME = {"X-Twin-Source-Ip": "192.0.2.9"}, {"X-Twin-Source-Ip": "198.51.100.1"}


def told(call, kind):
    """Return the outcomes of the events of a type."""
    return [one["outcome"]["result"] for one in call.okta.org.events if one["eventType"] == kind]


def test_a_password_alone_opens_a_session_where_no_more_is_demanded(call):
    """The default policy asks for the password only; the session token works once."""
    user = person(call)
    done = sign_in(call, relayState="/myapp")
    assert (done["status"], done["relayState"], done["_embedded"]["user"]["id"]) == ("SUCCESS", "/myapp", user["id"])
    session = open_session(call, done["sessionToken"])
    assert (session["login"], session["status"], session["amr"]) == ("ada@acme.example", "ACTIVE", ["pwd"])
    open_session(call, done["sessionToken"], expect=(403, "E0000005"))
    assert call("GET", f"/api/v1/users/{user['id']}")["lastLogin"] == "2026-11-22T10:00:00.000Z"
    assert told(call, "user.session.start") == ["SUCCESS"]
    assert told(call, "policy.evaluate_sign_on") == ["ALLOW"]


@pytest.mark.parametrize(
    "body", [{"username": "ada@acme.example", "password": "wrong"}, {"username": "nobody", "password": "x"}, {}]
)
def test_a_wrong_password_tells_no_more_than_an_unknown_name(call, body):
    """Both are the same refusal, and both stand in the log."""
    person(call)
    call("POST", "/api/v1/authn", body, expect=(401, "E0000004"), headers=NO_TOKEN)
    assert told(call, "user.session.start") == ["FAILURE"]


def test_a_session_token_is_old_after_five_minutes(call, clock):
    """Who waits signs in again."""
    person(call)
    done = sign_in(call)
    clock.advance(300)
    open_session(call, done["sessionToken"], expect=(403, "E0000005"))


def test_a_policy_that_denies_lets_nobody_in(call):
    """From outside of the zone the rule denies, from inside the sign-in goes on."""
    person(call)
    zone = call("POST", "/api/v1/zones", OFFICE)
    outside = {"network": {"connection": "ZONE", "exclude": [zone["id"]]}}
    demand(call, conditions=outside, access="DENY", groups=[everyone(call)])
    assert sign_in(call, headers=FROM_OFFICE)["status"] == "SUCCESS"
    sign_in(call, headers=FROM_HOME, expect=(403, "E0000085"))
    assert told(call, "policy.evaluate_sign_on") == ["ALLOW", "DENY"]


def everyone(call):
    """Return the id of the built-in group."""
    return next(one["id"] for one in call("GET", "/api/v1/groups") if one["type"] == "BUILT_IN")


def test_a_blocklist_stops_a_request_before_any_policy(call):
    """The right password from a blocked network is refused, and logged as blocked."""
    person(call)
    call("POST", "/api/v1/zones", OFFICE | {"usage": "BLOCKLIST"})
    sign_in(call, headers=FROM_OFFICE, expect=(403, "E0000006"))
    assert told(call, "security.request.blocked") == ["DENY"]
    assert sign_in(call, headers=FROM_HOME)["status"] == "SUCCESS"


def test_a_one_time_code_is_the_second_step(call, clock):
    """Without the code there is no session token; a wrong code leaves the state as it is."""
    user = person(call)
    made = totp(call, user)
    demand(call, groups=[everyone(call)], **MFA)
    begun = sign_in(call)
    assert (begun["status"], "sessionToken" in begun) == ("MFA_REQUIRED", False)
    assert [one["factorType"] for one in begun["_embedded"]["factors"]] == ["token:software:totp"]
    step(call, begun, f"factors/{made['id']}/verify", passCode="000000", expect=(403, "E0000068"))
    step(call, begun, f"factors/{made['id']}/verify", passCode="é", expect=(403, "E0000068"))
    clock.advance(30)
    done = step(call, begun, f"factors/{made['id']}/verify", passCode=totp_of(call, user, made))
    session = open_session(call, done["sessionToken"])
    assert session["amr"] == ["pwd", "mfa", "otp"]
    assert session["lastFactorVerification"] == "2026-11-22T10:00:30.000Z"
    assert told(call, "policy.evaluate_sign_on") == ["CHALLENGE", "ALLOW"]


def test_a_push_is_polled_until_the_phone_answers(call, clock):
    """WAITING, then denied, then sent again and approved."""
    user = person(call)
    made = push(call, user)
    demand(call, groups=[everyone(call)], **MFA)
    begun, verify = sign_in(call), f"factors/{made['id']}/verify"
    assert step(call, begun, verify)["factorResult"] == "WAITING"
    waiting = step(call, begun, verify)
    assert (waiting["status"], waiting["_links"]["next"]["name"]) == ("MFA_CHALLENGE", "poll")
    phone_answers(call, user, approve=False)
    assert step(call, begun, verify)["factorResult"] == "REJECTED"
    assert step(call, begun, verify)["factorResult"] == "WAITING"
    phone_answers(call, user)
    assert step(call, begun, verify)["status"] == "SUCCESS"
    begun = sign_in(call)
    step(call, begun, verify)
    clock.advance(200)
    step(call, begun, verify)
    clock.advance(100)
    assert step(call, begun, verify)["factorResult"] == "TIMEOUT"


def test_a_state_token_dies_when_nothing_happens(call, clock):
    """Five minutes after the last step the sign-in is over; a cancelled one is over at once."""
    user = person(call)
    made = totp(call, user)
    demand(call, groups=[everyone(call)], **MFA)
    first, second = sign_in(call), sign_in(call, relayState="/x")
    assert step(call, second, "cancel") == {"relayState": "/x"}
    step(call, second, f"factors/{made['id']}/verify", passCode="1", expect=(401, "E0000011"))
    clock.advance(300)
    step(call, first, f"factors/{made['id']}/verify", passCode="1", expect=(401, "E0000011"))


def test_who_has_no_factor_enrols_one_to_go_on(call):
    """MFA_ENROLL offers what the org has, and the activation of it is the proof."""
    user = person(call)
    demand(call, groups=[everyone(call)], **MFA)
    begun = sign_in(call)
    assert begun["status"] == "MFA_ENROLL"
    kinds = {one["factorType"] for one in begun["_embedded"]["factors"]}
    assert {"push", "token:software:totp"} <= kinds
    asked = step(call, begun, "factors", factorType="token:software:totp", provider="OKTA")
    made = asked["_embedded"]["factor"]
    assert asked["status"] == "MFA_ENROLL_ACTIVATE"
    step(call, begun, f"factors/{made['id']}/lifecycle/activate", passCode="000000", expect=(403, "E0000068"))
    done = step(call, begun, f"factors/{made['id']}/lifecycle/activate", passCode=totp_of(call, user, made))
    assert done["status"] == "SUCCESS"
    assert sign_in(call)["status"] == "MFA_REQUIRED"


def test_a_phone_is_paired_during_the_sign_in(call):
    """The poll of the enrolment goes on once the phone has scanned the code."""
    user = person(call)
    demand(call, groups=[everyone(call)], **MFA)
    begun = sign_in(call)
    made = step(call, begun, "factors", factorType="push", provider="OKTA")["_embedded"]["factor"]
    poll = f"factors/{made['id']}/lifecycle/activate/poll"
    assert step(call, begun, poll)["factorResult"] == "WAITING"
    phone_answers(call, user)
    assert step(call, begun, poll)["status"] == "SUCCESS"


def test_a_security_key_signs_the_challenge_of_the_sign_in(call):
    """The key of the user opens, and the challenge is another each time."""
    user, key = person(call), SecurityKey()
    made = factor(call, user, "webauthn", "FIDO")
    attested = key.attest(made["_embedded"]["activation"]["challenge"])
    call("POST", f"/api/v1/users/{user['id']}/factors/{made['id']}/lifecycle/activate", attested)
    demand(call, groups=[everyone(call)], **MFA)
    begun, verify = sign_in(call), f"factors/{made['id']}/verify"
    asked = step(call, begun, verify)["_embedded"]["factor"]["_embedded"]["challenge"]["challenge"]
    step(call, begun, verify, **SecurityKey().sign(asked), expect=(403, "E0000068"))
    again = step(call, begun, verify)["_embedded"]["factor"]["_embedded"]["challenge"]["challenge"]
    assert again != asked
    assert step(call, begun, verify, **key.sign(again))["status"] == "SUCCESS"


def test_two_questions_of_knowledge_are_no_two_factors(call):
    """A password and a security question do not open what asks for two factors."""
    user = person(call)
    switch_on(call, "security_question")
    factor(call, user, "question", question="disliked_food", answer="mayonnaise")
    demand(call, groups=[everyone(call)], **MFA)
    assert sign_in(call)["status"] == "MFA_ENROLL"


def test_a_remembered_device_is_not_asked_again(call):
    """The device token that passed with `rememberDevice` spares the prompt, another does not, until it is forgotten."""
    user = person(call)
    made = factor(call, user, "email", query="?activate=true")
    demand(call, groups=[everyone(call)], requireFactor=True, factorPromptMode="DEVICE")
    laptop = {"context": {"deviceToken": "laptop-1"}}
    begun = sign_in(call, **laptop)
    step(call, begun, f"factors/{made['id']}/verify")
    code = message(call, "email")["code"]
    assert step(call, begun, f"factors/{made['id']}/verify?rememberDevice=true", passCode=code)["status"] == "SUCCESS"
    assert sign_in(call, **laptop)["status"] == "SUCCESS"
    assert sign_in(call, context={"deviceToken": "laptop-2"})["status"] == "MFA_REQUIRED"
    call("DELETE", f"/api/v1/users/{user['id']}/sessions")
    assert sign_in(call, **laptop)["status"] == "MFA_REQUIRED"


def test_a_new_device_is_challenged_where_a_behavior_asks_for_it(call):
    """The first sign-in makes the history; the known device passes, an unknown one is asked."""
    user = person(call)
    totp(call, user)
    (device,) = [one for one in call("GET", "/api/v1/behaviors") if one["name"] == "New Device"]
    demand(call, groups=[everyone(call)], conditions={"risk": {"behaviors": [device["id"]]}}, **MFA)
    assert sign_in(call, context={"deviceToken": "laptop"})["status"] == "SUCCESS"
    assert sign_in(call, context={"deviceToken": "laptop"})["status"] == "SUCCESS"
    assert sign_in(call, context={"deviceToken": "phone"})["status"] == "MFA_REQUIRED"


def test_impossible_travel_is_challenged(call, clock):
    """Oslo, and an hour later Sydney, is faster than anybody flies; a day later it is not."""
    user = person(call)
    totp(call, user)
    call.okta.org.places |= {
        "192.0.2.0/24": {"country": "NO", "city": "Oslo", "latitude": 59.9, "longitude": 10.7},
        "198.51.100.0/24": {"country": "AU", "city": "Sydney", "latitude": -33.9, "longitude": 151.2},
    }
    (speed,) = [one for one in call("GET", "/api/v1/behaviors") if one["name"] == "Velocity"]
    demand(call, groups=[everyone(call)], conditions={"risk": {"behaviors": [speed["id"]]}}, **MFA)
    assert sign_in(call, headers=FROM_OFFICE)["status"] == "SUCCESS"
    clock.advance(3600)
    assert sign_in(call, headers=FROM_HOME)["status"] == "MFA_REQUIRED"
    clock.advance(86_400)
    assert sign_in(call, headers=FROM_HOME)["status"] == "SUCCESS"


def test_a_risk_level_decides_by_its_rule(call):
    """What the org thinks of a user's risk is what the rule asks about."""
    user = person(call)
    totp(call, user)
    demand(call, groups=[everyone(call)], conditions={"riskScore": {"level": "HIGH"}}, **MFA)
    assert sign_in(call)["status"] == "SUCCESS"
    call.okta.org.risks[user["id"]] = "HIGH"
    assert sign_in(call)["status"] == "MFA_REQUIRED"


def test_a_forgotten_password_is_recovered_by_mail(call):
    """Nobody learns whether the name exists; the token of the mail leads on."""
    person(call)
    asked = {"username": "ada@acme.example", "factorType": "EMAIL"}
    known = call("POST", "/api/v1/authn/recovery/password", asked, headers=NO_TOKEN)
    unknown = call("POST", "/api/v1/authn/recovery/password", asked | {"username": "nobody"}, headers=NO_TOKEN)
    assert known == unknown
    token = {"recoveryToken": message(call, "recovery")["token"]}
    begun = call("POST", "/api/v1/authn/recovery/token", token, headers=NO_TOKEN)
    assert step(call, begun, "credentials/reset_password", newPassword="An0ther-secret")["status"] == "SUCCESS"


def test_a_step_back_leads_to_the_choice_of_factors(call):
    """`previous` leaves a challenge, `stateToken` alone tells the state."""
    user = person(call)
    made = push(call, user)
    demand(call, groups=[everyone(call)], **MFA)
    begun = sign_in(call)
    step(call, begun, "previous", expect=(403, "E0000079"))
    step(call, begun, f"factors/{made['id']}/verify")
    assert step(call, begun, "previous")["status"] == "MFA_REQUIRED"
    token = {"stateToken": begun["stateToken"]}
    assert call("POST", "/api/v1/authn", token, headers=NO_TOKEN)["status"] == "MFA_REQUIRED"


def test_one_user_name_is_tried_four_times_a_second(clock):
    """The fifth attempt in a second is 429 where limits are enforced; another name, and the next second, are free."""
    call = Client(Okta(clock=clock, ids=Ids(7), org_url=URL, org_name="acme", token=TOKEN, enforce_rate_limits=True))
    person(call)
    person(call, "bob")
    for _ in range(4):
        sign_in(call)
    sign_in(call, expect=(429, "E0000047"))
    assert call.last.headers["X-Rate-Limit-Limit"] == "500"
    assert sign_in(call, "bob")["status"] == "SUCCESS"
    clock.advance(1)
    assert sign_in(call)["status"] == "SUCCESS"
    reasons = [one["outcome"]["reason"] for one in call.okta.org.events if one["eventType"] == "user.session.start"]
    assert reasons.count("user_rate_limited") == 1

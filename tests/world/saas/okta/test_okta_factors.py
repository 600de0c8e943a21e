"""Factors: enrolled, activated, challenged, verified, sent again, timed out, reset."""

import pytest
from okta_person import (
    SecurityKey,
    factor,
    message,
    person,
    phone_answers,
    push,
    switch_on,
    totp,
    totp_of,
)

from twin.world.saas.okta.totp import code_at

SMS = {"phoneNumber": "+1-555-415-1337"}


def path(user, made, verb=""):
    """Return the path of a factor."""
    return f"/api/v1/users/{user['id']}/factors/{made['id']}{verb}"


@pytest.mark.parametrize(
    ("step", "code"),
    [(59 // 30, "287082"), (1111111109 // 30, "081804"), (1234567890 // 30, "005924"), (20000000000 // 30, "353130")],
)
def test_codes_are_those_of_the_standard(step, code):
    """The vectors of RFC 6238, appendix B, cut to six digits."""
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", step) == code


def test_a_one_time_code_activates_and_verifies_once(call, clock):
    """The code of the device opens, a wrong one, an old one and a used one do not."""
    user = person(call)
    made = factor(call, user)
    assert made["status"] == "PENDING_ACTIVATION"
    assert len(made["_embedded"]["activation"]["sharedSecret"]) == 16
    call("POST", path(user, made, "/verify"), {"passCode": "000000"}, expect=(403, "E0000079"))
    call("POST", path(user, made, "/lifecycle/activate"), {"passCode": "000000"}, expect=(403, "E0000068"))
    code = totp_of(call, user, made)
    active = call("POST", path(user, made, "/lifecycle/activate"), {"passCode": code})
    assert (active["status"], "_embedded" in active) == ("ACTIVE", False)
    call("POST", path(user, made, "/verify"), {"passCode": code}, expect=(403, "E0000082"))
    clock.advance(30)
    fresh = {"passCode": totp_of(call, user, made)}
    assert call("POST", path(user, made, "/verify"), fresh) == {"factorResult": "SUCCESS"}
    late = totp_of(call, user, made)
    clock.advance(120)
    call("POST", path(user, made, "/verify"), {"passCode": late}, expect=(403, "E0000083"))
    clock.advance(3600)
    call("POST", path(user, made, "/verify"), {"passCode": late}, expect=(403, "E0000068"))


def test_a_push_is_approved_denied_or_times_out(call, clock):
    """The transaction tells how the phone answered, and nobody answers after five minutes."""
    user = person(call)
    made = push(call, user)
    assert made["profile"]["credentialId"] == "ada@acme.example"
    for approve, result in ((True, "SUCCESS"), (False, "REJECTED")):
        waiting = call("POST", path(user, made, "/verify"))
        assert call.last.status == 201
        poll = waiting["_links"]["poll"]["href"]
        assert call("GET", poll)["factorResult"] == "WAITING"
        assert phone_answers(call, user, approve=approve)
        assert call("GET", poll)["factorResult"] == result
    waiting = call("POST", path(user, made, "/verify"))
    clock.advance(300)
    assert call("GET", waiting["_links"]["poll"]["href"])["factorResult"] == "TIMEOUT"
    told = [(one["eventType"], one["outcome"]["reason"]) for one in call.okta.org.events if "push" in one["eventType"]]
    assert ("user.mfa.okta_verify.deny_push", "USER_REJECTED") in told
    events = [one for one in call.okta.org.events if one["eventType"] == "user.authentication.auth_via_mfa"]
    assert [one["outcome"]["result"] for one in events] == ["SUCCESS", "FAILURE", "FAILURE"]


def test_a_number_challenge_needs_the_number_of_the_screen(call):
    """Who taps without seeing the screen denies."""
    user = person(call)
    made = push(call, user)
    for off, result in ((0, "SUCCESS"), (1, "REJECTED")):
        waiting = call("POST", path(user, made, "/verify"), {"useNumberMatchingChallenge": True})
        number = waiting["_embedded"]["challenge"]["correctAnswer"]
        phone_answers(call, user, number=number + off)
        assert call("GET", waiting["_links"]["poll"]["href"])["factorResult"] == result


def test_a_message_brings_a_code_that_lives_five_minutes(call, clock):
    """The code of the message opens once, the next can be had after the pause only."""
    user = person(call)
    factor(call, user, "sms", **SMS, expect=(401, "E0000015"))
    switch_on(call, "phone_number")
    made = factor(call, user, "sms", **SMS)
    assert made["profile"] == {"phoneNumber": "+15554151337"}
    call("POST", path(user, made, "/resend"), expect=(429, "E0000109"))
    first = message(call, "sms")["code"]
    clock.advance(30)
    call("POST", path(user, made, "/resend"))
    code = message(call, "sms")["code"]
    assert code != first
    call("POST", path(user, made, "/lifecycle/activate"), {"passCode": first}, expect=(403, "E0000068"))
    call("POST", path(user, made, "/lifecycle/activate"), {"passCode": code})
    assert call("POST", path(user, made, "/verify"))["factorResult"] == "CHALLENGE"
    sent = message(call, "sms")["code"]
    clock.advance(300)
    call("POST", path(user, made, "/verify"), {"passCode": sent}, expect=(403, "E0000068"))
    call("POST", path(user, made, "/verify"))
    good = {"passCode": message(call, "sms")["code"]}
    assert call("POST", path(user, made, "/verify"), good)["factorResult"] == "SUCCESS"
    call("POST", path(user, made, "/verify"), good, expect=(403, "E0000068"))


def test_an_email_factor_is_the_users_own_address(call):
    """Another address is refused; `activate` skips the code."""
    user = person(call)
    factor(call, user, "email", email="eve@evil.example", expect=(400, "E0000001"))
    made = factor(call, user, "email", query="?activate=true", email="ada@acme.example")
    assert made["status"] == "ACTIVE"
    call("POST", path(user, made, "/verify"))
    code = message(call, "email")["code"]
    assert call("POST", path(user, made, "/verify"), {"passCode": code})["factorResult"] == "SUCCESS"


def test_a_question_factor_asks_and_never_tells(call):
    """The answer is compared without its case and stands in no reply."""
    user = person(call)
    switch_on(call, "security_question")
    assert call("GET", f"/api/v1/users/{user['id']}/factors/questions")[0]["question"] == "disliked_food"
    factor(call, user, "question", question="best_food", answer="mayonnaise", expect=(400, "E0000001"))
    made = factor(call, user, "question", question="disliked_food", answer="mayonnaise")
    assert made["status"] == "ACTIVE"
    assert b"mayonnaise" not in call.last.body
    assert call("POST", path(user, made, "/verify"), {"answer": "Mayonnaise"})["factorResult"] == "SUCCESS"
    call("POST", path(user, made, "/verify"), {"answer": "ketchup"}, expect=(403, "E0000068"))


def test_a_security_key_signs_for_our_site_only(call):
    """A signature over the challenge opens; one of another key, for another site, or a copy's does not."""
    user, key = person(call), SecurityKey()
    made = factor(call, user, "webauthn", "FIDO")
    challenge = made["_embedded"]["activation"]["challenge"]
    fake = SecurityKey("https://acme-okta.evil.example").attest(challenge)
    call("POST", path(user, made, "/lifecycle/activate"), fake, expect=(403, "E0000068"))
    assert "another origin" in call.causes()
    active = call("POST", path(user, made, "/lifecycle/activate"), key.attest(challenge))
    assert active["profile"]["authenticatorName"]

    def nonce():
        return call("POST", path(user, made, "/verify"), {})["_embedded"]["challenge"]["challenge"]

    asked = nonce()
    call("POST", path(user, made, "/verify"), SecurityKey().sign(asked), expect=(403, "E0000068"))
    call("POST", path(user, made, "/verify"), key.sign(asked), expect=(403, "E0000068"))
    signed = key.sign(nonce())
    assert call("POST", path(user, made, "/verify"), signed) == {"factorResult": "SUCCESS"}
    call("POST", path(user, made, "/verify"), signed, expect=(403, "E0000068"))
    key.count = 0
    call("POST", path(user, made, "/verify"), key.sign(nonce()), expect=(403, "E0000068"))
    assert "copied" in call.causes()


def test_the_catalogue_follows_authenticators_and_policy(call):
    """What is inactive in the org, or that the policy does not allow, is not offered and cannot be enrolled."""
    user = person(call)

    def kinds():
        rows = call("GET", f"/api/v1/users/{user['id']}/factors/catalog")
        return {(one["factorType"], one["status"]) for one in rows}

    assert ("sms", "NOT_SETUP") not in kinds()
    switch_on(call, "phone_number")
    assert {("sms", "NOT_SETUP"), ("push", "NOT_SETUP")} <= kinds()
    totp(call, user)
    assert ("token:software:totp", "ACTIVE") in kinds()
    everyone = next(one["id"] for one in call("GET", "/api/v1/groups") if one["type"] == "BUILT_IN")
    wanted = {"okta_password": "REQUIRED", "phone_number": "NOT_ALLOWED"}
    listed = [{"key": key, "enroll": {"self": how}} for key, how in wanted.items()]
    body = {"type": "MFA_ENROLL", "name": "No phones", "conditions": {"people": {"groups": {"include": [everyone]}}},
            "settings": {"type": "AUTHENTICATORS", "authenticators": listed}}  # fmt: skip
    call("POST", "/api/v1/policies", body)
    assert ("sms", "NOT_SETUP") not in kinds()
    factor(call, user, "sms", **SMS, expect=(401, "E0000015"))


def test_factors_are_taken_away_one_or_all(call):
    """Deleting one and resetting all are events, and leave nothing to verify."""
    user = person(call)
    first, second = totp(call, user), push(call, user)
    factor(call, user, expect=(400, "E0000001"))
    call("DELETE", path(user, first))
    assert [one["id"] for one in call("GET", f"/api/v1/users/{user['id']}/factors")] == [second["id"]]
    assert call("GET", path(user, second))["factorType"] == "push"
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/reset_factors")
    assert call("GET", f"/api/v1/users/{user['id']}/factors") == []
    assert call.events()[-1] == "user.mfa.factor.reset_all"
    factor(call, user)


@pytest.mark.parametrize(
    ("kind", "provider", "refusal"),
    [("token:hardware", "YUBICO", (400, "E0000060")), ("carrier:pigeon", "OKTA", (400, "E0000001")),
     ("token:software:totp", "GOOGLE", (401, "E0000015")), ("push", "GOOGLE", (400, "E0000001"))],
)  # fmt: skip
def test_a_factor_that_is_none_is_refused(call, kind, provider, refusal):
    """What is not simulated is refused by name, what is not a factor as no such value, what is off as off."""
    factor(call, person(call), kind, provider, expect=refusal)

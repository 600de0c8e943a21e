"""A user's whole life: every status, every documented way between two, and what refuses the others."""

import pytest
from okta_person import OTHER, PASSWORD, message, person, sign_in, step

STATUSES = {
    "STAGED": "lifecycle/none",
    "PROVISIONED": "lifecycle/none",
    "ACTIVE": "lifecycle/none",
    "RECOVERY": "lifecycle/reset_password?sendEmail=false",
    "PASSWORD_EXPIRED": "lifecycle/expire_password",
    "LOCKED_OUT": "",
    "SUSPENDED": "lifecycle/suspend",
    "DEPROVISIONED": "lifecycle/deactivate",
}
REFUSED = {
    "activate": (403, "E0000016"),
    "reactivate": (403, "E0000038"),
    "suspend": (400, "E0000001"),
    "unsuspend": (400, "E0000001"),
    "unlock": (403, "E0000032"),
    "reset_password?sendEmail=false": (403, "E0000017"),
    "expire_password": (403, "E0000038"),
    "expire_password_with_temp_password": (403, "E0000038"),
    "deactivate": (403, "E0000038"),
}
# verb -> status before -> status after; https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/
WITH_PASSWORD = ("PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED")
MOVES = {
    "activate": {"STAGED": "ACTIVE", "DEPROVISIONED": "PROVISIONED"},
    "reactivate": {"PROVISIONED": "PROVISIONED", "RECOVERY": "PROVISIONED"},
    "suspend": {"ACTIVE": "SUSPENDED"},
    "unsuspend": {"SUSPENDED": "ACTIVE"},
    "unlock": {"LOCKED_OUT": "ACTIVE"},
    "reset_password?sendEmail=false": dict.fromkeys(WITH_PASSWORD, "RECOVERY"),
    "expire_password": dict.fromkeys(WITH_PASSWORD, "PASSWORD_EXPIRED"),
    "deactivate": {
        status: "DEPROVISIONED" for status in STATUSES if status != "DEPROVISIONED"
    },
}  # fmt: skip
MOVES["expire_password_with_temp_password"] = MOVES["expire_password"]


def status(call, user):
    """Return the status of a user now."""
    return call("GET", f"/api/v1/users/{user['id']}")["status"]


def brought_to(call, wanted):
    """Return a user who was brought to a status by the operations that lead there."""
    if wanted in ("STAGED", "PROVISIONED"):
        login = {"firstName": "A", "lastName": "L", "email": "ada@acme.example", "login": "ada@acme.example"}
        secret = {"credentials": {"password": {"value": PASSWORD}}} if wanted == "STAGED" else {}
        query = "?activate=false" if wanted == "STAGED" else ""
        return call("POST", f"/api/v1/users{query}", {"profile": login, **secret})
    user = person(call)
    if wanted == "LOCKED_OUT":
        for _ in range(10):
            sign_in(call, password="wrong", expect=(401, "E0000004"))
    elif wanted != "ACTIVE":
        call("POST", f"/api/v1/users/{user['id']}/{STATUSES[wanted]}")
    return user


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("verb", REFUSED)
def test_each_transition_is_legal_from_the_documented_statuses_only(call, before, verb):
    """What is legal leads to the documented status; what is not is refused with its own code and changes nothing."""
    user = brought_to(call, before)
    assert status(call, user) == before
    assert call("GET", f"/api/v1/users/{user['id']}/blocks") == []
    after = MOVES[verb].get(before)
    path = f"/api/v1/users/{user['id']}/lifecycle/{verb}"
    call("POST", path, expect=None if after else REFUSED[verb])
    assert status(call, user) == (after or before)


def test_an_activation_token_leads_to_a_password_and_in(call):
    """Who is activated without a password sets one with the token of the mail, once."""
    user = brought_to(call, "PROVISIONED")
    token = call("POST", f"/api/v1/users/{user['id']}/lifecycle/reactivate?sendEmail=false")["activationToken"]
    begun = call("POST", "/api/v1/authn", {"token": token})
    assert begun["status"] == "PASSWORD_RESET"
    step(call, begun, "credentials/reset_password", newPassword="short", expect=(403, "E0000080"))
    assert step(call, begun, "credentials/reset_password", newPassword=PASSWORD)["status"] == "SUCCESS"
    assert status(call, user) == "ACTIVE"
    call("POST", "/api/v1/authn", {"token": token}, expect=(403, "E0000105"))


def test_a_reset_user_comes_back_by_the_mailed_token(call, clock):
    """RECOVERY shuts the old password out; the token of the mail lets a new one in, until it is too old."""
    user = person(call)
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/reset_password?sendEmail=true")
    sign_in(call, expect=(401, "E0000004"))
    clock.advance(3601)
    old = message(call, "recovery")["token"]
    call("POST", "/api/v1/authn/recovery/token", {"recoveryToken": old}, expect=(403, "E0000105"))
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/reset_password?sendEmail=true")
    begun = call("POST", "/api/v1/authn/recovery/token", {"recoveryToken": message(call, "recovery")["token"]})
    assert begun["status"] == "PASSWORD_RESET"
    step(call, begun, "credentials/reset_password", newPassword=OTHER)
    assert sign_in(call, password=OTHER)["status"] == "SUCCESS"


def test_a_recovery_question_is_asked_before_a_new_password(call):
    """Who has a question answers it first, whatever the case of the letters."""
    question = {"question": "Favourite ship?", "answer": "Nostromo"}
    user = person(call, recovery_question=question)
    assert b"Nostromo" not in call.last.body
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/reset_password?sendEmail=true")
    begun = call("POST", "/api/v1/authn/recovery/token", {"recoveryToken": message(call, "recovery")["token"]})
    assert begun["status"] == "RECOVERY"
    step(call, begun, "credentials/reset_password", newPassword=OTHER, expect=(403, "E0000079"))
    step(call, begun, "recovery/answer", answer="Sulaco", expect=(403, "E0000087"))
    asked = step(call, begun, "recovery/answer", answer="NOSTROMO")
    assert asked["status"] == "PASSWORD_RESET"


def test_an_expired_password_must_be_changed_first(call):
    """The temporary password leads to nothing but a new one, and the old one does not come back."""
    user = person(call)
    path = f"/api/v1/users/{user['id']}/lifecycle/expire_password_with_temp_password"
    secret = call("POST", path)["tempPassword"]
    begun = sign_in(call, password=secret)
    assert (begun["status"], "sessionToken" in begun) == ("PASSWORD_EXPIRED", False)
    change = {"oldPassword": secret, "newPassword": PASSWORD}
    step(call, begun, "credentials/change_password", **change, expect=(403, "E0000080"))
    assert "used too recently" in call.causes()
    done = step(call, begun, "credentials/change_password", **change | {"newPassword": OTHER})
    assert (done["status"], status(call, user)) == ("SUCCESS", "ACTIVE")


def test_a_password_expires_by_age(call, clock):
    """After the policy's days a password is expired at the next sign-in, and a warning comes before."""
    (policy,) = call("GET", "/api/v1/policies?type=PASSWORD")
    settings = {"password": {"age": {"maxAgeDays": 90, "expireWarnDays": 5, "historyCount": 0}}}
    call("PUT", f"/api/v1/policies/{policy['id']}", {"type": "PASSWORD", "name": policy["name"], "settings": settings})
    user = person(call)
    clock.advance(86 * 86_400)
    warned = sign_in(call, options={"warnBeforePasswordExpired": True})
    assert warned["status"] == "PASSWORD_WARN"
    assert step(call, warned, "skip")["status"] == "SUCCESS"
    clock.advance(5 * 86_400)
    assert sign_in(call)["status"] == "PASSWORD_EXPIRED"
    assert call("GET", f"/api/v1/users/{user['id']}", headers={"Authorization": "SSWS late"}, expect=(401, "E0000011"))


def test_a_deprovisioned_user_loses_password_factors_and_apps(call):
    """Nothing of the old account lets anybody in; the second deletion ends it."""
    user = person(call)
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/deactivate")
    sign_in(call, expect=(401, "E0000004"))
    call("DELETE", f"/api/v1/users/{user['id']}")
    call("GET", f"/api/v1/users/{user['id']}", expect=(404, "E0000007"))


@pytest.mark.parametrize("verb", ["reset_password?sendEmail=true&revokeSessions=true", "suspend", "deactivate"])
def test_losing_the_account_ends_sessions(call, verb):
    """A session does not outlive the right to have one."""
    user = person(call)
    session = call("POST", "/api/v1/sessions", {"sessionToken": sign_in(call)["sessionToken"]})
    assert call("GET", f"/api/v1/sessions/{session['id']}")["userId"] == user["id"]
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/{verb}")
    call("GET", f"/api/v1/sessions/{session['id']}", expect=(404, "E0000007"))

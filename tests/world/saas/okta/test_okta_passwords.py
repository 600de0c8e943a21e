"""Passwords: what a policy accepts, what it remembers, when it locks, and how users change their own."""

import base64
import hashlib

import pytest
from okta_person import OTHER, PASSWORD, message, person, sign_in

from twin.world.saas.okta.password_policies import NOT_MET

LOGIN = "grace.hopper@acme.example"
PROFILE = {"firstName": "Grace", "lastName": "Hopper", "email": LOGIN, "login": LOGIN}


def make(call, secret, *, expect=None):
    """Create a user with a password."""
    body = {"profile": PROFILE, "credentials": {"password": {"value": secret}}}
    return call("POST", "/api/v1/users", body, expect=expect)


def ruled(call, groups=(), **password):
    """Give the org, or some groups, a password policy with these settings."""
    settings = {"password": password}
    if groups:
        conditions = {"people": {"groups": {"include": list(groups)}}}
        body = {"type": "PASSWORD", "name": "Own", "conditions": conditions, "settings": settings}
        return call("POST", "/api/v1/policies", body)
    (policy,) = call("GET", "/api/v1/policies?type=PASSWORD")
    body = {"type": "PASSWORD", "name": policy["name"], "settings": settings}
    return call("PUT", f"/api/v1/policies/{policy['id']}", body)


def change(call, user, old, new, *, strict=False, expect=None, **more):
    """Change a password by the old one."""
    path = f"/api/v1/users/{user['id']}/credentials/change_password?strict={str(strict).lower()}"
    body = {"oldPassword": {"value": old}, "newPassword": {"value": new}, **more}
    return call("POST", path, body, expect=expect)


@pytest.mark.parametrize(
    ("rules", "bad", "good"),
    [
        ({"minLength": 12}, "Sh0rt-enough", "L0ng-enough-now"[:12] + "x"),
        ({"minLowerCase": 1}, "UPPER-CASE-1", "lOWER-CASE-1"),
        ({"minUpperCase": 1}, "lower-case-1", "Upper-case-1"),
        ({"minNumber": 1}, "No-numbers-here", "1-number-Here"),
        ({"minSymbol": 1}, "NoSymbols1here", "A-symbol1here"),
        ({"excludeUsername": True}, "My-hopper-1", "My-harper-1"),
        ({"excludeAttributes": ["firstName"]}, "My-GRACE-12", "My-grune-12"),
        ({"dictionary": {"common": {"exclude": True}}}, "Password123", "Passwart123"),
        ({"maxConsecutiveCharacters": 3}, "Aaaaa-1111x", "Aaab-111x1"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_password_meets_the_complexity_of_its_policy(call, rules, bad, good):
    """Each rule refuses what breaks it alone, in the vendor's sentence, and accepts what does not."""
    ruled(call, complexity={"minLength": 8, "excludeUsername": False, **rules} if "minLength" not in rules else rules)
    if "minLength" in rules:
        bad = "Sh0rt-enoug"
    make(call, bad, expect=(400, "E0000001"))
    assert NOT_MET in call.causes()
    make(call, good)


def test_the_policy_of_the_users_groups_comes_first(call):
    """A group's policy asks for more than the default one does."""
    group = call.group("Admins")
    ruled(call, [group["id"]], complexity={"minLength": 20})
    body = {"profile": PROFILE, "credentials": {"password": {"value": PASSWORD}}}
    call("POST", "/api/v1/users", body | {"groupIds": [group["id"]]}, expect=(400, "E0000001"))
    assert "at least 20 characters" in call.causes()
    call("POST", "/api/v1/users", body)


def test_a_user_changes_the_password_by_the_old_one(call):
    """A wrong old password and a weak new one are refused; history counts only when strict."""
    user = person(call)
    change(call, user, "wrong", OTHER, expect=(403, "E0000014"))
    assert call.causes() == "Old Password is not correct"
    change(call, user, PASSWORD, "weak", expect=(403, "E0000014"))
    assert NOT_MET in call.causes()
    change(call, user, PASSWORD, PASSWORD, strict=True, expect=(403, "E0000014"))
    assert "used too recently" in call.causes()
    assert change(call, user, PASSWORD, OTHER)["password"] == {}
    sign_in(call, expect=(401, "E0000004"))
    assert sign_in(call, password=OTHER)["status"] == "SUCCESS"


def test_history_forgets_what_is_old_enough(call):
    """With a history of two the third change may bring the first password back."""
    ruled(call, age={"historyCount": 2})
    user = person(call)
    change(call, user, PASSWORD, OTHER, strict=True)
    change(call, user, OTHER, PASSWORD, strict=True, expect=(403, "E0000014"))
    change(call, user, OTHER, "Th1rd-secret", strict=True)
    change(call, user, "Th1rd-secret", PASSWORD, strict=True)


def test_a_password_has_a_least_age(call, clock):
    """Too soon after a change the next is refused, later it is not."""
    ruled(call, age={"minAgeMinutes": 60, "historyCount": 0})
    user = person(call)
    change(call, user, PASSWORD, OTHER, strict=True, expect=(403, "E0000014"))
    clock.advance(3600)
    change(call, user, PASSWORD, OTHER, strict=True)


def test_changing_the_password_can_end_the_sessions(call):
    """`revokeSessions` ends what an intruder may have."""
    user = person(call)
    session = call("POST", "/api/v1/sessions", {"sessionToken": sign_in(call)["sessionToken"]})
    change(call, user, PASSWORD, OTHER, revokeSessions=True)
    call("GET", f"/api/v1/sessions/{session['id']}", expect=(404, "E0000007"))
    assert "user.session.clear" in call.events()


@pytest.mark.parametrize("verb", ["suspend", "deactivate"])
def test_a_user_who_may_not_change_the_password_is_told_so(call, verb):
    """SUSPENDED and DEPROVISIONED are no statuses to change credentials in."""
    user = person(call)
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/{verb}")
    change(call, user, PASSWORD, OTHER, expect=(403, "E0000035"))
    body = {"password": {"value": PASSWORD}, "recovery_question": {"question": "Ship?", "answer": "Nostromo"}}
    call("POST", f"/api/v1/users/{user['id']}/credentials/change_recovery_question", body, expect=(403, "E0000036"))


def test_a_recovery_question_lets_a_user_back(call):
    """The question is set by the password and answered without it, in any case of letters."""
    user = person(call)
    path = f"/api/v1/users/{user['id']}/credentials"
    call("POST", f"{path}/forgot_password", expect=(403, "E0000034"))
    question = {"question": "Favourite ship?", "answer": "Nostromo"}
    wrong = {"password": {"value": "wrong"}, "recovery_question": question}
    call("POST", f"{path}/change_recovery_question", wrong, expect=(403, "E0000014"))
    short = {"password": {"value": PASSWORD}, "recovery_question": {"question": "Pet?", "answer": "Al"}}
    call("POST", f"{path}/change_recovery_question", short, expect=(400, "E0000001"))
    told = call("POST", f"{path}/change_recovery_question", wrong | {"password": {"value": PASSWORD}})
    assert told["recovery_question"] == {"question": "Favourite ship?"}
    new = {"password": {"value": OTHER}, "recovery_question": {"answer": "Sulaco"}}
    call("POST", f"{path}/forgot_password_recovery_question", new, expect=(403, "E0000087"))
    call("POST", f"{path}/forgot_password_recovery_question", new | {"recovery_question": {"answer": "nostromo"}})
    assert sign_in(call, password=OTHER)["status"] == "SUCCESS"
    assert "resetPasswordUrl" in call("POST", f"{path}/forgot_password?sendEmail=false")
    assert call("POST", f"{path}/forgot_password") == {}
    assert message(call, "recovery")["to"] == "ada@acme.example"
    assert call("GET", f"/api/v1/users/{user['id']}")["status"] == "ACTIVE"


def test_a_policy_that_forbids_self_service_keeps_users_out(call):
    """The rule of the password policy decides who may reset a password without help."""
    (policy,) = call("GET", "/api/v1/policies?type=PASSWORD")
    (rule,) = call("GET", f"/api/v1/policies/{policy['id']}/rules")
    user = person(call, recovery_question={"question": "Ship?", "answer": "Nostromo"})
    path = f"/api/v1/users/{user['id']}/credentials/forgot_password"
    call("POST", path)
    denied = {"passwordChange": {"access": "ALLOW"}, "selfServicePasswordReset": {"access": "DENY"}}
    body = {"name": rule["name"], "type": "PASSWORD", "actions": denied}
    call("PUT", f"/api/v1/policies/{policy['id']}/rules/{rule['id']}", body)
    call("POST", path, expect=(403, "E0000034"))


def test_an_account_locks_after_the_policys_attempts_and_unlocks_by_itself(call, clock):
    """The last attempt locks, the right password does not help, and the unlocking happens at its own instant."""
    ruled(call, lockout={"maxAttempts": 3, "autoUnlockMinutes": 30})
    user = person(call)
    for _ in range(3):
        sign_in(call, password="wrong", expect=(401, "E0000004"))
    assert call("GET", f"/api/v1/users/{user['id']}")["status"] == "LOCKED_OUT"
    sign_in(call, expect=(401, "E0000004"))
    clock.advance(3600)
    assert sign_in(call)["status"] == "SUCCESS"
    (event,) = [one for one in call.okta.org.events if one["eventType"] == "user.account.unlock"]
    assert event["published"] == "2026-11-22T10:30:00.000Z"
    instants = [one["published"] for one in call.okta.org.events]
    assert instants == sorted(instants)


def test_a_success_forgets_the_failures_before_it(call):
    """Only failures in a row count."""
    ruled(call, lockout={"maxAttempts": 3, "showLockoutFailures": True})
    person(call)
    for _ in range(2):
        for _ in range(2):
            sign_in(call, password="wrong", expect=(401, "E0000004"))
        sign_in(call)
    for _ in range(3):
        sign_in(call, password="wrong", expect=(401, "E0000004"))
    assert sign_in(call)["status"] == "LOCKED_OUT"


def test_an_imported_hash_is_verified(call):
    """A salted SHA-256 opens the account; the hash of another algorithm is refused by name."""
    salt, secret = b"salt", "Imp0rted-secret"
    value = base64.b64encode(hashlib.sha256(salt + secret.encode()).digest()).decode()
    hashed = {"algorithm": "SHA-256", "salt": base64.b64encode(salt).decode(), "saltOrder": "PREFIX", "value": value}
    body = {"profile": PROFILE, "credentials": {"password": {"hash": hashed}}}
    call("POST", "/api/v1/users", body)
    assert call("POST", "/api/v1/authn", {"username": LOGIN, "password": secret})["status"] == "SUCCESS"
    call("POST", "/api/v1/authn", {"username": LOGIN, "password": "wrong"}, expect=(401, "E0000004"))
    other = {"password": {"hash": {"algorithm": "BCRYPT", "value": "x"}}}
    call("POST", "/api/v1/users", {"profile": PROFILE | {"login": "b@acme.example"}, "credentials": other})
    unknown = {"username": "b@acme.example", "password": "x"}
    call("POST", "/api/v1/authn", unknown, expect=(400, "E0000060"))


def test_no_secret_is_kept_or_told_in_clear(call):
    """Neither the state nor the log holds a password, an answer or a reset link's token."""
    user = person(call, recovery_question={"question": "Ship?", "answer": "Nostromo"})
    change(call, user, PASSWORD, OTHER)
    org = call.okta.org
    assert not any(secret in repr((org.users, org.events)) for secret in (PASSWORD, OTHER, "Nostromo", "nostromo"))

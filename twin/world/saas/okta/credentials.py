"""Credentials that users change themselves: the password, the recovery question, and the way back without one."""

from twin.wire import Response
from twin.world.saas.okta.access_revocation import clear_sessions
from twin.world.saas.okta.body import checked, flag
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.links import base
from twin.world.saas.okta.log_events import outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.one_time_tokens import issue, mail
from twin.world.saas.okta.password_digests import matches
from twin.world.saas.okta.passwords import knows, replace_password
from twin.world.saas.okta.shapes import READ_ONLY, anything, boolean, open_record, record, text
from twin.world.saas.okta.sign_on import self_service
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.okta.users import find_user, set_recovery, set_status
from twin.world.saas.router import Hit, json_response

CREDENTIALS = "/api/v1/users/<key>/credentials"
SECRET = record("value", value=text(least=1, most=72))
CHANGE = record("oldPassword newPassword", oldPassword=SECRET, newPassword=SECRET, revokeSessions=boolean)
QUESTION = record("question answer", question=text(least=1, most=100), answer=text(least=1, most=100))
NEW_QUESTION = record(
    "password recovery_question", **READ_ONLY, password=SECRET, recovery_question=QUESTION, provider=anything
)
ANSWER = record(
    "password recovery_question",
    password=SECRET,
    recovery_question=open_record("answer", answer=text(least=1, most=100)),
    provider=anything,
)
# Statuses from which each operation is documented to work.
CHANGEABLE = ("STAGED", "ACTIVE", "PASSWORD_EXPIRED", "RECOVERY")
QUESTIONABLE = ("STAGED", "ACTIVE", "RECOVERY")


def _shown(user: Record) -> Record:
    return {
        name: user["credentials"][name]
        for name in ("password", "recovery_question", "provider")
        if name in user["credentials"]
    }


@ROUTER.route("POST", f"{CREDENTIALS}/change_password")
def change_password(org: Org, hit: Hit) -> Response:
    """Change a password by its old one; `strict` holds the new one against history and least age."""
    user, body = find_user(org, hit.path["key"]), checked(hit, CHANGE, "password")
    strict = flag(hit, "strict", False)
    if user["status"] not in CHANGEABLE or "#password" not in user:
        raise OktaError("E0000035")
    if not knows(user, body["oldPassword"]["value"]):
        raise OktaError("E0000014", causes=["Old Password is not correct"])
    replace_password(org, user, body["newPassword"]["value"], strict=strict)
    changed(org, user)
    if body.get("revokeSessions"):
        clear_sessions(org, user)
    return json_response(200, _shown(user))


def changed(org: Org, user: Record) -> None:
    """Log that a user has a new password, and let a user who waited for one in again."""
    if user["status"] in ("PASSWORD_EXPIRED", "RECOVERY"):
        set_status(org, user, "ACTIVE")
    org.touch(user)
    log(org, "user.account.update_password", target("User", user))


@ROUTER.route("POST", f"{CREDENTIALS}/change_recovery_question")
def change_recovery_question(org: Org, hit: Hit) -> Response:
    """Change the recovery question of a user who knows the password."""
    user, body = find_user(org, hit.path["key"]), checked(hit, NEW_QUESTION, "recovery_question")
    if user["status"] not in QUESTIONABLE or "#password" not in user:
        raise OktaError("E0000036")
    if not knows(user, body["password"]["value"]):
        raise OktaError("E0000014", causes=["Password is not correct"])
    least = _least_answer(org, user)
    if len(body["recovery_question"]["answer"]) < least:
        refuse("recovery_question", f"recovery_question.answer: The answer must have at least {least} characters")
    set_recovery(org, user, body["recovery_question"])
    org.touch(user)
    return json_response(200, _shown(user))


def _least_answer(org: Org, user: Record) -> int:
    from twin.world.saas.okta.password_policies import policy_of

    asked = policy_of(org, user)["settings"]["recovery"]["factors"].get("recovery_question") or {}
    return int(((asked.get("properties") or {}).get("complexity") or {}).get("minLength", 4))


def _recoverable(org: Org, hit: Hit) -> Record:
    user = find_user(org, hit.path["key"])
    if user["status"] != "ACTIVE" or "#answer" not in user:
        raise OktaError("E0000034")
    if not self_service(org, user, "selfServicePasswordReset"):
        raise OktaError("E0000034", causes=["Forgot password is not allowed by the password policy"])
    return user


@ROUTER.route("POST", f"{CREDENTIALS}/forgot_password")
def forgot_password(org: Org, hit: Hit) -> Response:
    """Issue a recovery token to an ACTIVE user who has a recovery question; the status stays."""
    user = _recoverable(org, hit)
    token = issue(org, user, "recovery")
    log(org, "user.account.reset_password", target("User", user))
    if flag(hit, "sendEmail", True):
        mail(org, user, "recovery", token=token)
        return json_response(200, {})
    return json_response(200, {"resetPasswordUrl": f"{base(hit)}/signin/reset-password/{token}"})


@ROUTER.route("POST", f"{CREDENTIALS}/forgot_password_recovery_question")
def forgot_password_recovery_question(org: Org, hit: Hit) -> Response:
    """Set a new password for who answers the recovery question."""
    user, body = _recoverable(org, hit), checked(hit, ANSWER, "recovery_question")
    answer_question(org, user, body["recovery_question"]["answer"])
    replace_password(org, user, body["password"]["value"], strict=False)
    changed(org, user)
    return json_response(200, _shown(user))


def answer_question(org: Org, user: Record, answer: object) -> None:
    """Refuse an answer that is not the user's; case does not count."""
    if isinstance(answer, str) and "#answer" in user and matches(user["#answer"], answer.casefold()):
        return
    who = target("User", user)
    log(org, "user.account.reset_password", who, by=who, outcome=outcome_of("FAILURE", "INVALID_RECOVERY_ANSWER"))
    raise OktaError("E0000087")

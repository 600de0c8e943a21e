"""The way back in for who forgot the password: a token by mail, the recovery question, a new password."""

from twin.wire import Response
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.credentials import answer_question, changed
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.lockout import unlock_account
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.one_time_tokens import issue, mail, redeem
from twin.world.saas.okta.passwords import replace_password
from twin.world.saas.okta.shapes import choice, record, text
from twin.world.saas.okta.sign_on import self_service
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.okta.transactions import AUTHN, advance, begin, find_transaction, state
from twin.world.saas.okta.users import find_user, set_status
from twin.world.saas.router import Hit, json_response

FORGOT = record("username factorType", username=text(least=1), factorType=choice("EMAIL"), relayState=text())
TOKEN = record("recoveryToken", recoveryToken=text(least=1))
ANSWER = record("stateToken answer", stateToken=text(), answer=text())
RESET = record("stateToken newPassword", stateToken=text(), newPassword=text(least=1, most=72))


@ROUTER.route("POST", f"{AUTHN}/recovery/password")
def forgot(org: Org, hit: Hit) -> Response:
    """Mail a recovery token to a user who may reset the password; whether there is such a user is not told."""
    return _recover(
        org, hit, "selfServicePasswordReset", kind="PASSWORD", statuses=("ACTIVE", "RECOVERY", "PASSWORD_EXPIRED")
    )


@ROUTER.route("POST", f"{AUTHN}/recovery/unlock")
def unlock(org: Org, hit: Hit) -> Response:
    """Mail a recovery token to a locked user who may unlock the account."""
    return _recover(org, hit, "selfServiceUnlock", kind="UNLOCK", statuses=("LOCKED_OUT",))


def _recover(org: Org, hit: Hit, action: str, *, kind: str, statuses: tuple[str, ...]) -> Response:
    body = checked(hit, FORGOT, "recovery")
    told = {"status": "RECOVERY_CHALLENGE", "factorResult": "WAITING", "factorType": "EMAIL", "recoveryType": kind}
    try:
        user = find_user(org, body["username"])
    except OktaError:
        return json_response(200, told)
    if user["status"] in statuses and "#password" in user:
        if not self_service(org, user, action):
            raise OktaError("E0000034")
        token = issue(org, user, "recovery")
        mail(org, user, "recovery", token=token)
        event = "user.account.unlock_token" if kind == "UNLOCK" else "user.account.reset_password"
        log(org, event, target("User", user), by=target("User", user))
    return json_response(200, told)


@ROUTER.route("POST", f"{AUTHN}/recovery/token")
def verify_token(org: Org, hit: Hit) -> Response:
    """Begin a recovery with the token that was mailed; a user with a recovery question must answer it first."""
    user = redeem(org, checked(hit, TOKEN, "recovery")["recoveryToken"], "recovery")
    if user is None or user["status"] in ("DEPROVISIONED", "SUSPENDED", "STAGED"):
        raise OktaError("E0000105")
    return json_response(200, state(org, hit, begin(org, user), "RECOVERY" if "#answer" in user else "PASSWORD_RESET"))


@ROUTER.route("POST", f"{AUTHN}/recovery/answer")
def answer(org: Org, hit: Hit) -> Response:
    """Answer the recovery question."""
    body = checked(hit, ANSWER, "recovery")
    transaction, user = find_transaction(org, body, "RECOVERY")
    answer_question(org, user, body["answer"])
    return json_response(200, state(org, hit, transaction, "PASSWORD_RESET"))


@ROUTER.route("POST", f"{AUTHN}/credentials/reset_password")
def reset(org: Org, hit: Hit) -> Response:
    """Set the new password and go on with the sign-in."""
    body = checked(hit, RESET, "credentials")
    transaction, user = find_transaction(org, body, "PASSWORD_RESET")
    replace_password(org, user, body["newPassword"], code="E0000080")
    _let_in(org, user)
    changed(org, user)
    transaction["proved"]["okta_password"] = org.now()
    return json_response(200, advance(org, hit, transaction))


def _let_in(org: Org, user: Record) -> None:
    if user["status"] == "LOCKED_OUT":
        unlock_account(org, user)
        log(org, "user.account.unlock", target("User", user), by=target("User", user))
    elif user["status"] == "PROVISIONED":
        set_status(org, user, "ACTIVE")

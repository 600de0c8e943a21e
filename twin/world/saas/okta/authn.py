"""Primary authentication: a user name and a password, or a token of an activation, begin a sign-in."""

from twin.wire import Response
from twin.world.saas.okta.body import checked, object_of
from twin.world.saas.okta.credentials import changed
from twin.world.saas.okta.errors import OktaError, not_found
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.lockout import failed
from twin.world.saas.okta.log_events import outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.one_time_tokens import redeem
from twin.world.saas.okta.password_policies import policy_of
from twin.world.saas.okta.passwords import knows, replace_password
from twin.world.saas.okta.shapes import anything, open_record, record, text
from twin.world.saas.okta.sign_on import blocked_zone
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.okta.transactions import AUTHN, advance, begin, find_transaction, state
from twin.world.saas.okta.users import find_user
from twin.world.saas.router import Hit, json_response

BODY = record(
    username=text(), password=text(), token=text(), stateToken=text(), relayState=text(most=2048),
    options=open_record(), context=open_record(deviceToken=text(most=32)), audience=anything,
)  # fmt: skip
CHANGE = record("stateToken oldPassword newPassword", stateToken=text(), oldPassword=text(), newPassword=text())
UNKNOWN = {"id": "unknown", "type": "User", "displayName": "unknown", "detailEntry": None}


@ROUTER.route("POST", AUTHN)
def authenticate(org: Org, hit: Hit) -> Response:
    """Begin a sign-in, or tell how the transaction of a state token stands."""
    body = checked(hit, BODY, "authn")
    _refuse_blocked(org)
    if "stateToken" in body:
        transaction, _ = find_transaction(org, body)
        return json_response(200, state(org, hit, transaction, transaction["status"]))
    device, relay = _device(hit, body), body.get("relayState")
    warn = bool(body.get("options", {}).get("warnBeforePasswordExpired"))
    if "token" in body:
        return _activated(org, hit, body["token"], device=device, relay=relay)
    username = str(body.get("username") or "")
    if not org.limits.try_user(username, org.clock.now()):
        hasty = UNKNOWN | {"alternateId": username}
        log(org, "user.session.start", by=hasty, outcome=outcome_of("FAILURE", "user_rate_limited"))
        raise OktaError("E0000047")
    user = _known(org, username)
    locked = _check_password(org, hit, user, body)
    if locked is not None:
        return locked
    transaction = begin(org, user, device=device, relay=relay, warn=warn)
    transaction["proved"]["okta_password"] = org.now()
    return json_response(200, advance(org, hit, transaction))


def _refuse_blocked(org: Org) -> None:
    zone = blocked_zone(org, org.caller.ip)
    if zone:
        reason = f"The request comes from the blocklist zone {zone}"
        log(org, "security.request.blocked", outcome=outcome_of("DENY", reason))
        raise OktaError("E0000006")


def _device(hit: Hit, body: Record) -> str:
    given = body.get("context", {}).get("deviceToken") or hit.request.headers.get("X-Device-Fingerprint", "")
    return str(given)


def _known(org: Org, username: str) -> Record:
    try:
        return find_user(org, username) if username and username != "me" else _nobody(username)
    except OktaError:
        unknown = UNKNOWN | {"alternateId": username}
        log(org, "user.session.start", by=unknown, outcome=outcome_of("FAILURE", "VERIFICATION_ERROR"))
        raise OktaError("E0000004") from None


def _nobody(username: str) -> Record:
    raise not_found("User", username)


def _check_password(org: Org, hit: Hit, user: Record, body: Record) -> Response | None:
    """Refuse a wrong password and a user who may not sign in; a locked one is told so where the policy shows it."""
    who = target("User", user)
    if user["status"] == "LOCKED_OUT":
        log(org, "user.session.start", who, by=who, outcome=outcome_of("FAILURE", "LOCKED_OUT"))
        if policy_of(org, user)["settings"]["password"]["lockout"].get("showLockoutFailures"):
            unlock = {"name": "unlock", **link(f"{base(hit)}{AUTHN}/recovery/unlock", "POST")}
            return json_response(200, {"status": "LOCKED_OUT", "_embedded": {}, "_links": {"next": unlock}})
        raise OktaError("E0000004")
    if user["status"] not in ("ACTIVE", "PASSWORD_EXPIRED") or not knows(user, body.get("password")):
        log(org, "user.session.start", who, by=who, outcome=outcome_of("FAILURE", "INVALID_CREDENTIALS"))
        failed(org, user)
        raise OktaError("E0000004")
    return None


def _activated(org: Org, hit: Hit, token: str, *, device: str, relay: str | None) -> Response:
    user = redeem(org, token, "activation")
    if user is None or user["status"] != "PROVISIONED":
        raise OktaError("E0000105" if user is None else "E0000004")
    transaction = begin(org, user, device=device, relay=relay)
    return json_response(200, state(org, hit, transaction, "PASSWORD_RESET"))


@ROUTER.route("POST", f"{AUTHN}/credentials/change_password")
def change_expired_password(org: Org, hit: Hit) -> Response:
    """Set a new password in place of one that expired or soon will, and go on."""
    body = checked(hit, CHANGE, "credentials")
    transaction, user = find_transaction(org, body, "PASSWORD_EXPIRED", "PASSWORD_WARN")
    if not knows(user, body["oldPassword"]):
        raise OktaError("E0000014", causes=["Old Password is not correct"])
    replace_password(org, user, body["newPassword"], code="E0000080")
    changed(org, user)
    return json_response(200, advance(org, hit, transaction))


@ROUTER.route("POST", f"{AUTHN}/skip")
def skip(org: Org, hit: Hit) -> Response:
    """Go on without changing a password that will expire."""
    transaction, _ = find_transaction(org, object_of(hit), "PASSWORD_WARN")
    transaction["warn"] = False
    return json_response(200, advance(org, hit, transaction))


@ROUTER.route("POST", f"{AUTHN}/previous")
def previous(org: Org, hit: Hit) -> Response:
    """Go back from a challenge to the choice of a factor."""
    transaction, _ = find_transaction(org, object_of(hit), "MFA_CHALLENGE", "MFA_ENROLL_ACTIVATE")
    back = "MFA_REQUIRED" if transaction["status"] == "MFA_CHALLENGE" else "MFA_ENROLL"
    return json_response(200, state(org, hit, transaction, back))


@ROUTER.route("POST", f"{AUTHN}/cancel")
def cancel(org: Org, hit: Hit) -> Response:
    """Give a sign-in up."""
    transaction, _ = find_transaction(org, object_of(hit))
    del org.transactions[transaction["stateToken"]]
    return json_response(200, {"relayState": transaction["relayState"]} if transaction["relayState"] else {})

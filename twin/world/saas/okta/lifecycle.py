"""The status machine of a user: which transition is legal from where, and what it leaves behind."""

from twin.wire import Response
from twin.world.saas.okta.access_revocation import clear_sessions, end_sessions, revoke_oauth
from twin.world.saas.okta.app_access import watched
from twin.world.saas.okta.body import flag
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.links import base
from twin.world.saas.okta.lockout import unlock_account
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.membership import evaluate_user
from twin.world.saas.okta.one_time_tokens import forget_user, issue, mail
from twin.world.saas.okta.passwords import set_password
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.okta.users import enter_activation, find_user, render_user, set_status
from twin.world.saas.router import Hit, json_response

LIFECYCLE = "/api/v1/users/<key>/lifecycle"
RESETTABLE = ("ACTIVE", "PROVISIONED", "RECOVERY", "PASSWORD_EXPIRED")


@ROUTER.route("POST", f"{LIFECYCLE}/activate")
def activate(org: Org, hit: Hit) -> Response:
    """Activate a STAGED or DEPROVISIONED user; the token is told only when no mail is sent."""
    user = find_user(org, hit.path["key"])
    if user["status"] not in ("STAGED", "DEPROVISIONED"):
        raise OktaError("E0000016")
    with watched(org, list(org.apps.values()), [user]):
        enter_activation(org, user)
    evaluate_user(org, user)
    return _activation(org, hit, user)


@ROUTER.route("POST", f"{LIFECYCLE}/reactivate")
def reactivate(org: Org, hit: Hit) -> Response:
    """Restart the activation of a user who has not finished it."""
    user = find_user(org, hit.path["key"])
    if user["status"] not in ("PROVISIONED", "RECOVERY"):
        raise OktaError("E0000038")
    set_status(org, user, "PROVISIONED")
    log(org, "user.lifecycle.reactivate", target("User", user))
    return _activation(org, hit, user, mailed=False)


def _activation(org: Org, hit: Hit, user: Record, *, mailed: bool = True) -> Response:
    token = issue(org, user, "activation")
    if flag(hit, "sendEmail", mailed):
        mail(org, user, "activation", token=token)
        return json_response(200, {})
    return json_response(200, {"activationUrl": f"{base(hit)}/welcome/{token}", "activationToken": token})


@ROUTER.route("POST", f"{LIFECYCLE}/deactivate")
def deactivate(org: Org, hit: Hit) -> Response:
    """Deactivate a user: apps and password go, group memberships stay."""
    user = find_user(org, hit.path["key"])
    if user["status"] == "DEPROVISIONED":
        raise OktaError("E0000038")
    deprovision(org, user)
    return Response(200)


def deprovision(org: Org, user: Record) -> None:
    """Move a user to DEPROVISIONED and take what that takes."""
    with watched(org, list(org.apps.values()), [user]):
        for assigned in org.app_users.values():
            assigned.pop(user["id"], None)
        for secret in ("#password", "#answer", "#history", "#failures"):
            user.pop(secret, None)
        user["credentials"] = {"provider": user["credentials"]["provider"]}
        set_status(org, user, "DEPROVISIONED")
        log(org, "user.lifecycle.deactivate", target("User", user))
    end_sessions(org, user)
    revoke_oauth(org, user)
    forget_user(org, user["id"])
    org.factors.pop(user["id"], None)


@ROUTER.route("POST", f"{LIFECYCLE}/suspend")
def suspend(org: Org, hit: Hit) -> Response:
    """Suspend an ACTIVE user."""
    user = find_user(org, hit.path["key"])
    if user["status"] != "ACTIVE":
        refuse("suspendUser", "suspendUser: Cannot suspend a user that is not active")
    set_status(org, user, "SUSPENDED")
    end_sessions(org, user)
    log(org, "user.lifecycle.suspend", target("User", user))
    return Response(200)


@ROUTER.route("POST", f"{LIFECYCLE}/unsuspend")
def unsuspend(org: Org, hit: Hit) -> Response:
    """Return a SUSPENDED user to ACTIVE."""
    user = find_user(org, hit.path["key"])
    if user["status"] != "SUSPENDED":
        refuse("unsuspendUser", "unsuspendUser: Cannot unsuspend a user that is not suspended")
    set_status(org, user, "ACTIVE")
    log(org, "user.lifecycle.unsuspend", target("User", user))
    return Response(200)


@ROUTER.route("POST", f"{LIFECYCLE}/unlock")
def unlock(org: Org, hit: Hit) -> Response:
    """Return a LOCKED_OUT user to ACTIVE."""
    user = find_user(org, hit.path["key"])
    if user["status"] != "LOCKED_OUT":
        raise OktaError("E0000032")
    unlock_account(org, user)
    log(org, "user.account.unlock_by_admin", target("User", user))
    return Response(200)


@ROUTER.route("POST", f"{LIFECYCLE}/reset_password")
def reset_password(org: Org, hit: Hit) -> Response:
    """Move a user to RECOVERY with a one-time link; `sendEmail` must be given."""
    user = find_user(org, hit.path["key"])
    if "sendEmail" not in hit.query:
        raise OktaError("E0000028")
    mailed, revoke = flag(hit, "sendEmail", True), flag(hit, "revokeSessions", False)
    if user["status"] not in RESETTABLE or user["credentials"]["provider"]["type"] in ("FEDERATION", "SOCIAL"):
        raise OktaError("E0000017")
    set_status(org, user, "RECOVERY")
    log(org, "user.account.reset_password", target("User", user))
    if revoke:
        clear_sessions(org, user)
    token = issue(org, user, "recovery")
    if mailed:
        mail(org, user, "recovery", token=token)
        return json_response(200, {})
    return json_response(200, {"resetPasswordUrl": f"{base(hit)}/signin/reset-password/{token}"})


@ROUTER.route("POST", f"{LIFECYCLE}/expire_password")
def expire_password(org: Org, hit: Hit) -> Response:
    """Make the user choose a new password at the next sign-in."""
    if flag(hit, "tempPassword", False):
        return expire_password_with_temp_password(org, hit)
    return json_response(200, render_user(hit, _expired(org, hit)))


@ROUTER.route("POST", f"{LIFECYCLE}/expire_password_with_temp_password")
def expire_password_with_temp_password(org: Org, hit: Hit) -> Response:
    """Give the user a temporary password that must be changed at the next sign-in."""
    user = _expired(org, hit)
    secret = f"{org.ids.word(10)}aA1!"
    set_password(org, user, {"value": secret})
    return json_response(200, {"tempPassword": secret})


def _expired(org: Org, hit: Hit) -> Record:
    user = find_user(org, hit.path["key"])
    if user["status"] not in RESETTABLE:
        raise OktaError("E0000038")
    set_status(org, user, "PASSWORD_EXPIRED")
    log(org, "user.account.expire_password", target("User", user))
    if flag(hit, "revokeSessions", False):
        clear_sessions(org, user)
    return user


@ROUTER.route("GET", "/api/v1/users/<key>/blocks")
def list_user_blocks(org: Org, hit: Hit) -> Response:
    """List what keeps a user out on some devices; a locked account is a status and no block."""
    find_user(org, hit.path["key"])
    return json_response(200, [])


@ROUTER.route("DELETE", "/api/v1/users/<key>")
def delete_user(org: Org, hit: Hit) -> Response:
    """Deprovision the user, or remove one who already is."""
    user = find_user(org, hit.path["key"])
    if user["status"] != "DEPROVISIONED":
        deprovision(org, user)
        return Response(204)
    log(org, "user.lifecycle.delete.initiated", target("User", user))
    for members in org.members.values():
        members.pop(user["id"], None)
    for rule in org.group_rules.values():
        excluded = rule["conditions"]["people"]["users"]["exclude"]
        rule["conditions"]["people"]["users"]["exclude"] = [key for key in excluded if key != user["id"]]
    for table in (org.factors, org.roles, org.sign_ins, org.risks, org.revoked):
        table.pop(user["id"], None)
    del org.users[user["id"]]
    log(org, "user.lifecycle.delete.completed", target("User", user))
    return Response(204)

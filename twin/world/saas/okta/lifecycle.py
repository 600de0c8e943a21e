"""The status machine of a user: which transition is legal from where, and what it leaves behind."""

from twin.wire import Response
from twin.world.saas.okta.app_access import watched
from twin.world.saas.okta.body import flag
from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.links import base
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.membership import evaluate_user
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
    return _activation(org, hit)


@ROUTER.route("POST", f"{LIFECYCLE}/reactivate")
def reactivate(org: Org, hit: Hit) -> Response:
    """Restart the activation of a user who has not finished it."""
    user = find_user(org, hit.path["key"])
    if user["status"] not in ("PROVISIONED", "RECOVERY"):
        raise OktaError("E0000038")
    set_status(org, user, "PROVISIONED")
    log(org, "user.lifecycle.reactivate", target("User", user))
    return _activation(org, hit, mailed=False)


def _activation(org: Org, hit: Hit, *, mailed: bool = True) -> Response:
    if flag(hit, "sendEmail", mailed):
        return json_response(200, {})
    token = org.ids.word(20)
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
        for secret in ("#password", "#answer"):
            user.pop(secret, None)
        user["credentials"] = {"provider": user["credentials"]["provider"]}
        set_status(org, user, "DEPROVISIONED")
        log(org, "user.lifecycle.deactivate", target("User", user))


@ROUTER.route("POST", f"{LIFECYCLE}/suspend")
def suspend(org: Org, hit: Hit) -> Response:
    """Suspend an ACTIVE user."""
    user = find_user(org, hit.path["key"])
    if user["status"] != "ACTIVE":
        refuse("suspendUser", "suspendUser: Cannot suspend a user that is not active")
    set_status(org, user, "SUSPENDED")
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
    set_status(org, user, "ACTIVE")
    log(org, "user.account.unlock_by_admin", target("User", user))
    return Response(200)


@ROUTER.route("POST", f"{LIFECYCLE}/reset_password")
def reset_password(org: Org, hit: Hit) -> Response:
    """Move a user to RECOVERY with a one-time link; `sendEmail` must be given."""
    user = find_user(org, hit.path["key"])
    if "sendEmail" not in hit.query:
        raise OktaError("E0000028")
    mailed = flag(hit, "sendEmail", True)
    if user["status"] not in RESETTABLE or user["credentials"]["provider"]["type"] in ("FEDERATION", "SOCIAL"):
        raise OktaError("E0000017")
    set_status(org, user, "RECOVERY")
    log(org, "user.account.reset_password", target("User", user))
    return json_response(200, {} if mailed else {"resetPasswordUrl": f"{base(hit)}/reset_password/{org.ids.word(20)}"})


@ROUTER.route("POST", f"{LIFECYCLE}/expire_password")
def expire_password(org: Org, hit: Hit) -> Response:
    """Make the user choose a new password at the next sign-in."""
    user = find_user(org, hit.path["key"])
    if user["status"] not in RESETTABLE:
        raise OktaError("E0000038")
    set_status(org, user, "PASSWORD_EXPIRED")
    log(org, "user.account.expire_password", target("User", user))
    return json_response(200, render_user(hit, user))


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
    del org.users[user["id"]]
    log(org, "user.lifecycle.delete.completed", target("User", user))
    return Response(204)

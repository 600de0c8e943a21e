"""Accounts that lock after too many failures, and unlock by an administrator or by themselves."""

from datetime import timedelta

from twin.world.saas.okta.log_events import SYSTEM, outcome_of, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.password_policies import policy_of
from twin.world.saas.okta.state import Org, Record, stamp
from twin.world.saas.okta.users import set_status


def failed(org: Org, user: Record) -> None:
    """Count a failure of a user to sign in; the one that reaches the policy's limit locks the account."""
    lockout = policy_of(org, user)["settings"]["password"]["lockout"]
    user["#failures"] = user.get("#failures", 0) + 1
    most = lockout.get("maxAttempts", 10)
    if not most or user["#failures"] < most or user["status"] != "ACTIVE":
        return
    set_status(org, user, "LOCKED_OUT")
    who = target("User", user)
    log(org, "user.account.lock", who, by=who, outcome=outcome_of("FAILURE", "LOCKED_OUT"))
    minutes = lockout.get("autoUnlockMinutes", 0)
    if minutes:
        at = stamp(org.clock.now() + timedelta(minutes=minutes))
        org.due.append({"at": at, "task": "unlock", "userId": user["id"]})


def unlock_account(org: Org, user: Record) -> None:
    """Return a locked user to ACTIVE with no failures."""
    set_status(org, user, "ACTIVE")
    user["#failures"] = 0
    org.due = [one for one in org.due if one["userId"] != user["id"] or one["task"] != "unlock"]


def settle(org: Org) -> None:
    """Carry out what is due by now, each change at its own instant."""
    now = org.now()
    for task in sorted((one for one in org.due if one["at"] <= now), key=lambda one: str(one["at"])):
        org.due.remove(task)
        user = org.users.get(task["userId"])
        if user is None or user["status"] != "LOCKED_OUT":
            continue
        org.at = task["at"]
        try:
            unlock_account(org, user)
            log(org, "user.account.unlock", target("User", user), by=SYSTEM)
        finally:
            org.at = ""

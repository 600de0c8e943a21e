"""Okta's System Log: Authentication, Account Change where a user changes, API Activity for all else."""

from typing import Any

from twin.observe.happenings import Happening
from twin.report.ocsf.classes import (
    ACCOUNT,
    API,
    AUTHENTICATION,
    CREATE,
    DELETE,
    FAILURE,
    HIGH,
    INFORMATIONAL,
    LOGOFF,
    LOGON,
    LOW,
    MEDIUM,
    OTHER,
    SUCCESS,
    UNKNOWN,
    UPDATE,
    Class,
    Product,
    Told,
    endpoint,
    event,
)  # fmt: skip
from twin.report.ocsf.original import Original

SIGNS = {"user.session.start": LOGON, "user.session.end": LOGOFF, "user.session.clear": LOGOFF,
         "user.mfa.okta_verify.deny_push": OTHER}  # fmt: skip
CHANGES = {
    "user.lifecycle.create": 1, "user.lifecycle.activate": 2, "user.lifecycle.reactivate": 2,
    "user.lifecycle.unsuspend": 2, "user.account.unlock": 2, "user.account.unlock_by_admin": 2,
    "user.account.unlock_token": 2, "user.account.update_password": 3, "user.account.reset_password": 4,
    "user.account.expire_password": 4, "user.lifecycle.deactivate": 5, "user.lifecycle.suspend": 5,
    "user.lifecycle.delete.initiated": 6, "user.lifecycle.delete.completed": 6, "user.account.lock": 9,
    "user.account.privilege.grant": 7, "user.account.privilege.revoke": 8, "user.mfa.factor.activate": 10,
    "user.mfa.factor.deactivate": 11, "user.mfa.factor.reset_all": 11,
}  # fmt: skip
"""What changes a user, as the activity of Account Change."""
ENDINGS = {CREATE: ("create", "add", "grant"), DELETE: ("delete", "remove", "revoke"), UPDATE: ("update", "activate",
           "deactivate", "invalidate")}  # fmt: skip
OUTCOMES = {"SUCCESS": SUCCESS, "ALLOW": SUCCESS, "FAILURE": FAILURE, "DENY": FAILURE}
SEVERITIES = {"DEBUG": INFORMATIONAL, "INFO": INFORMATIONAL, "WARN": MEDIUM, "ERROR": HIGH}


def form(one: Happening) -> dict[str, Any]:
    """Return one event."""
    original = Original(one.detail)
    take = original.take
    named, targets = str(take("eventType")), take("target") or []
    kind, activity = _class(named)
    caller, outcome = _user(take("actor") or {}), str(take("outcome", "result") or "")
    user = next((_user(target) for target in targets if target.get("type") in ("User", "AppUser")), caller)
    session = take("authenticationContext", "externalSessionId")
    parts: dict[str, Any] = {
        "actor": {"user": caller, "session": {"uid": session}},
        "src_endpoint": endpoint(take("client", "ipAddress"), "okta"),
        "http_request": {"user_agent": take("client", "userAgent", "rawUserAgent")},
        "message": take("displayMessage"),
    }  # fmt: skip
    if kind is API:
        parts["api"] = {"operation": named, "service": {"name": "okta"},
                        "request": {"uid": take("debugContext", "debugData", "requestId")}}  # fmt: skip
        parts["resources"] = [_resource(target) for target in targets]
    elif kind is AUTHENTICATION:
        application: dict[str, Any] = next((t for t in targets if t.get("type") == "AppInstance"), {})
        service = {"name": application.get("displayName") or "okta", "uid": application.get("id")}
        parts |= {"user": caller, "service": service, "session": {"uid": session}, "is_remote": True}
        parts["is_mfa"] = True if ".mfa." in named or "via_mfa" in named else None
        original.keep("target", [t for t in targets if t is not application])
    else:
        parts["user"] = user
        original.keep("target", [t for t in targets if t.get("id") != user.get("uid")])
    status = OUTCOMES.get(outcome, OTHER if outcome else UNKNOWN)
    severity = max(SEVERITIES.get(str(take("severity")), INFORMATIONAL), LOW if status == FAILURE else INFORMATIONAL)
    told = Told(kind, activity, named, severity, status, outcome, take("outcome", "reason"))
    product = Product("Okta", "System Log", take("uuid"), take("published"))
    return event(one, told, product, parts, left=original)


def _class(named: str) -> tuple[Class, int]:
    if named in SIGNS or named.startswith("user.authentication."):
        return AUTHENTICATION, SIGNS.get(named, LOGON)
    if named in CHANGES:
        return ACCOUNT, CHANGES[named]
    ending = named.rpartition(".")[2]
    return API, next((number for number, words in ENDINGS.items() if ending in words), OTHER)


def _user(told: dict[str, Any]) -> dict[str, Any]:
    name = str(told.get("alternateId") or told.get("displayName") or told.get("id") or "unknown")
    person = told.get("type") in ("User", "AppUser")
    return {
        "uid": told.get("id"), "name": name, "full_name": told.get("displayName"),
        "email_addr": name if "@" in name else None,
        "type_id": 1 if person else OTHER, "type": "User" if person else told.get("type") or "Unknown",
    }  # fmt: skip


def _resource(target: dict[str, Any]) -> dict[str, Any]:
    return {"uid": target.get("id"), "name": target.get("displayName"), "type": target.get("type")}

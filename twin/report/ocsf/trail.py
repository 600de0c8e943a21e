"""CloudTrail's events: Authentication, Account Change where a user changes, API Activity for all else."""

from typing import Any

from twin.observe.happenings import OK, Happening
from twin.report.ocsf.classes import (
    ACCOUNT,
    API,
    AUTHENTICATION,
    CREATE,
    DELETE,
    FAILURE,
    INFORMATIONAL,
    LOGON,
    LOW,
    OTHER,
    READ,
    SUCCESS,
    UPDATE,
    Product,
    Told,
    endpoint,
    event,
    millis,
)  # fmt: skip
from twin.report.ocsf.original import Original

SESSIONS = {"AssumeRole": None, "AssumeRoot": None, "GetSessionToken": None, "GetFederationToken": None,
            "AssumeRoleWithSAML": (5, "SAML"), "AssumeRoleWithWebIdentity": (4, "OpenID"),
            "ConsoleLogin": None}  # fmt: skip
"""What begins a session, with OCSF's number for the protocol by which somebody proved who they are."""
SIGNING_IN = ("sts", "signin")
CHANGES = {"CreateUser": 1, "DeleteUser": 6, "ChangePassword": 3, "UpdateLoginProfile": 4, "CreateLoginProfile": 2,
           "DeleteLoginProfile": 5, "AttachUserPolicy": 7, "PutUserPolicy": 7, "DetachUserPolicy": 8,
           "DeleteUserPolicy": 8, "EnableMFADevice": 10, "DeactivateMFADevice": 11}  # fmt: skip
"""What changes an IAM user, as the activity of Account Change."""
VERBS = {
    CREATE: ("Create", "Run", "Allocate", "Import", "Register", "Issue", "Request", "Launch", "Copy", "Publish"),
    DELETE: ("Delete", "Remove", "Terminate", "Deregister", "Release", "Purge", "Schedule", "Revoke"),
    UPDATE: ("Update", "Modify", "Put", "Set", "Attach", "Detach", "Associate", "Disassociate", "Enable", "Disable",
             "Deactivate", "Tag", "Untag", "Change", "Add", "Start", "Stop", "Reboot", "Replace", "Authorize", "Cancel",
             "Restore", "Reset", "Rotate", "Subscribe", "Unsubscribe"),
}  # fmt: skip
KINDS = {"Root": (2, "Admin"), "IAMUser": (1, "User"), "AWSService": (3, "System")}
ACCOUNT_KIND = {"type": "AWS Account", "type_id": 10}


def form(one: Happening) -> dict[str, Any]:
    """Return one call."""
    original = Original(one.detail)
    take = original.take
    operation, source = str(take("eventName")), str(take("eventSource"))
    service = source.partition(".")[0]
    asked, answered = take("requestParameters") or {}, take("responseElements") or {}
    code, message = take("errorCode"), take("errorMessage")
    read_only, account = take("readOnly"), take("recipientAccountId")
    caller, actor = _actor(original)
    shared = {
        "actor": actor,
        "api": {
            "operation": operation, "service": {"name": source},
            "version": take("apiVersion"), "request": {"uid": take("requestID"), "data": asked},
            "response": {"error": code, "error_message": message, "data": answered},
        },
        "cloud": {
            "provider": "AWS", "region": take("awsRegion"), "account": {"uid": account, **ACCOUNT_KIND},
        },
        "src_endpoint": endpoint(take("sourceIPAddress"), actor.get("invoked_by") or source),
        "http_request": {"user_agent": take("userAgent")},
        "resources": _resources(original),
    }  # fmt: skip
    if service in SIGNING_IN and operation in SESSIONS:
        kind, activity, more = AUTHENTICATION, LOGON, _session(operation, asked, answered, caller) | _service(source)
    elif service == "iam" and operation in CHANGES:
        user = {"name": asked["userName"], "type_id": 1, "type": "User"} if asked.get("userName") else caller
        kind, activity, more = ACCOUNT, CHANGES[operation], {"user": user}
    else:
        kind, activity, more = API, _activity(operation, read_only=bool(read_only)), {}
    ended = SUCCESS if one.result == OK else FAILURE
    told = Told(kind, activity, operation, INFORMATIONAL if ended == SUCCESS else LOW, ended, code, message)
    product = Product(
        "AWS", "CloudTrail", take("eventID"), take("eventTime"), ("cloud",), str(take("eventCategory") or "")
    )
    if kind is not API and shared["resources"]:
        original.keep("resources", shared.pop("resources"))
    return event(one, told, product, {**shared, **more}, left=original)


def _actor(original: Original) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return who called, as a user and as an actor with its session."""
    identity = Original(original.take("userIdentity") or {})
    take = identity.take
    kind, arn = str(take("type") or "Unknown"), str(take("arn") or "")
    number, name = KINDS.get(kind, (OTHER, kind))
    user: dict[str, Any] = {
        "type_id": number, "type": kind if number == OTHER else name, "uid": arn,
        "uid_alt": take("principalId"), "credential_uid": take("accessKeyId"),
        "name": take("userName") or arn.rpartition("/")[2].rpartition(":")[2],
        "account": {"uid": take("accountId"), **ACCOUNT_KIND},
    }  # fmt: skip
    invoked = take("invokedBy")
    user["name"] = user["name"] or invoked or kind
    if not user["account"]["uid"]:
        user["account"] = None
    session = {
        "created_time": millis(take("sessionContext", "attributes", "creationDate")),
        "is_mfa": {"true": True, "false": False}.get(take("sessionContext", "attributes", "mfaAuthenticated") or ""),
        "issuer": take("sessionContext", "sessionIssuer", "arn"),
    }
    if session["issuer"] or session["created_time"]:
        session["uid_alt"] = arn
    if left := identity.rest():
        original.keep("userIdentity", left)
    return user, {"user": user, "session": session, "invoked_by": invoked}


def _session(
    operation: str, asked: dict[str, Any], answered: dict[str, Any], caller: dict[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """Return who is authenticated: the session where it was given, else the role that was wanted."""
    issued, assumed = answered.get("credentials") or {}, answered.get("assumedRoleUser") or {}
    arn = str(assumed.get("arn") or asked.get("roleArn") or "")
    user = caller
    if arn:
        user = {"uid": arn, "name": arn.rpartition("/")[2], "uid_alt": assumed.get("assumedRoleId"),
                "credential_uid": issued.get("accessKeyId"), "type_id": OTHER, "type": "AssumedRole"}  # fmt: skip
    protocol = SESSIONS[operation]
    return {
        "user": user,
        "session": {
            "uid": issued.get("accessKeyId"), "uid_alt": assumed.get("arn"), "issuer": asked.get("roleArn"),
            "is_mfa": bool(asked.get("serialNumber")) or None,
        },
        "auth_protocol_id": protocol[0] if protocol else None,
        "auth_protocol": protocol[1] if protocol else None,
        "is_remote": True,
    }  # fmt: skip


def _service(source: str) -> dict[str, Any]:
    return {"service": {"name": source}}


def _resources(original: Original) -> list[dict[str, Any]]:
    """Return what a call was about."""
    return [
        {
            "uid": one.get("ARN"), "type": one.get("type"), "cloud_partition": "aws",
            "owner": {"account": {"uid": one.get("accountId"), **ACCOUNT_KIND}} if one.get("accountId") else None,
        }
        for one in original.take("resources") or ()
        if one.get("ARN")
    ]  # fmt: skip


def _activity(operation: str, *, read_only: bool) -> int:
    if read_only:
        return READ
    return next((number for number, verbs in VERBS.items() if operation.startswith(verbs)), OTHER)

"""The answers that the world gives itself, because it alone knows who calls."""

from collections.abc import Callable
from typing import Any

from twin.wire import Response
from twin.world.authorisation.session_requests import asked_session
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.ids import Ids
from twin.world.keys import KeyRing
from twin.world.principals import Key, Principal
from twin.world.stores.results import serialise

OwnAnswer = Callable[[KeyRing, Call], dict[str, Any] | None]
# Durations in seconds: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
DEFAULT_SECONDS, SHORTEST, LONGEST, LONGEST_ROOT = 43_200, 900, 129_600, 3_600


def caller_identity(keys: KeyRing, call: Call) -> dict[str, Any]:
    """Tell who calls."""
    who = call.principal
    return {"UserId": who.user_id, "Account": who.account, "Arn": who.arn}


def session_token(keys: KeyRing, call: Call) -> dict[str, Any]:
    """Issue a session for the caller itself."""
    _long_term(call, "GetSessionToken")
    key = keys.issue(call.principal, _seconds(call), session=asked_session(call, keys.now()))
    return {"Credentials": _credentials(key)}


def federation_token(keys: KeyRing, call: Call) -> dict[str, Any]:
    """Issue a session for a federated user of the caller's account."""
    _long_term(call, "GetFederationToken")
    name = call.parse()["Name"]
    user_id = f"{call.account}:{name}"
    arn = f"arn:aws:sts::{call.account}:federated-user/{name}"
    user = Principal("federated-user", call.account, arn, user_id)
    key = keys.issue(user, _seconds(call), issuer=call.principal, session=asked_session(call, keys.now()))
    told = {"FederatedUserId": user_id, "Arn": arn}
    return {"Credentials": _credentials(key), "FederatedUser": told, "PackedPolicySize": 0}


def own_user(keys: KeyRing, call: Call) -> dict[str, Any] | None:
    """Tell about the caller when no user is named; a user of IAM is left to the store."""
    who = call.principal
    if who.kind == "user" or call.parse().get("UserName"):
        return None
    if who.kind != "root":
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
    return {"User": {"UserId": who.user_id, "Arn": who.arn, "CreateDate": keys.created}}


def _long_term(call: Call, operation: str) -> None:
    if not call.principal.access_key_id.startswith("AKIA"):
        raise AwsError("AccessDenied", f"Cannot call {operation} with session credentials", 403)


def _seconds(call: Call) -> int:
    root = call.principal.kind == "root"
    longest = LONGEST_ROOT if root else LONGEST
    seconds = int(call.parse().get("DurationSeconds") or min(DEFAULT_SECONDS, longest))
    if seconds < SHORTEST or seconds > LONGEST:
        bound = f"greater than or equal to {SHORTEST}" if seconds < SHORTEST else f"less than or equal to {LONGEST}"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )
    return min(seconds, longest)


def _credentials(key: Key) -> dict[str, Any]:
    held = key.credentials
    return {
        "AccessKeyId": held.access_key_id,
        "SecretAccessKey": held.secret_access_key,
        "SessionToken": held.session_token,
        "Expiration": key.expires,
    }


ANSWERS: dict[tuple[str, str], OwnAnswer] = {
    ("iam", "GetUser"): own_user,
    ("sts", "GetCallerIdentity"): caller_identity,
    ("sts", "GetSessionToken"): session_token,
    ("sts", "GetFederationToken"): federation_token,
}


def own_answer(keys: KeyRing, call: Call, ids: Ids) -> Response | None:
    """Answer a call that the world answers itself; None for every other."""
    answer = ANSWERS.get((call.service, call.operation))
    result = answer(keys, call) if answer is not None else None
    return serialise(result, call, ids.uuid()) if result is not None else None

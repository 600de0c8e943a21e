"""What the world answers itself because it alone knows who calls: identities, session and federation tokens."""

from typing import Any

from twin.world.authorisation.session_requests import asked_session
from twin.world.aws_call import Asked, Call
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.principals import Key, Principal
from twin.world.scene import Scene

# Durations in seconds: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
DEFAULT_SECONDS, SHORTEST, LONGEST, LONGEST_ROOT = 43_200, 900, 129_600, 3_600


@answers("sts", "GetCallerIdentity")
def caller_identity(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell who calls."""
    who = asked.call.principal
    return {"UserId": who.user_id, "Account": who.account, "Arn": who.arn}


@answers("sts", "GetSessionToken")
def session_token(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Issue a session for the caller itself."""
    call, keys = asked.call, scene.gateway.keys
    _long_term(call, "GetSessionToken")
    key = keys.issue(call.principal, _seconds(call), session=asked_session(call, keys.now()))
    return {"Credentials": _credentials(key)}


@answers("sts", "GetFederationToken")
def federation_token(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Issue a session for a federated user of the caller's account."""
    call, keys = asked.call, scene.gateway.keys
    _long_term(call, "GetFederationToken")
    name = call.parse()["Name"]
    user_id = f"{call.account}:{name}"
    arn = f"arn:aws:sts::{call.account}:federated-user/{name}"
    user = Principal("federated-user", call.account, arn, user_id)
    key = keys.issue(user, _seconds(call), issuer=call.principal, session=asked_session(call, keys.now()))
    told = {"FederatedUserId": user_id, "Arn": arn}
    return {"Credentials": _credentials(key), "FederatedUser": told, "PackedPolicySize": 0}


@answers("iam", "GetUser")
def own_user(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Tell about the caller when no user is named; a user of IAM is left to the store."""
    who = asked.call.principal
    if who.kind == "user" or asked.parameters.get("UserName"):
        return None
    if who.kind != "root":
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
    return {"User": {"UserId": who.user_id, "Arn": who.arn, "CreateDate": scene.gateway.keys.created}}


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

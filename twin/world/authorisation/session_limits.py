"""What temporary credentials may never do, whatever their policies say.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.principals import Key

INVALID = "The security token included in the request is invalid"
ALLOWED = {
    "GetSessionToken": {"AssumeRole", "GetCallerIdentity", "TagSession"},
    "GetFederationToken": {"GetCallerIdentity"},
}
LONG_TERM_ONLY = {"GetSessionToken", "GetFederationToken"}


def check_limits(call: Call) -> None:
    """Refuse a session what sessions of its kind cannot do."""
    if call.key is None or not never(call.key, call.service, call.operation):
        return
    if call.service == "sts":
        raise AwsError("AccessDenied", f"Cannot call {call.operation} with session credentials", 403)
    raise AwsError("InvalidClientTokenId", INVALID, 403)


def never(key: Key, service: str, operation: str) -> bool:
    """Tell whether a key is a session of a kind that may not make a call, whatever its policies say."""
    session = key.session
    if session is None or service not in ("iam", "sts"):
        return False
    if service == "sts":
        allowed = ALLOWED.get(session.means)
        return operation in LONG_TERM_ONLY or (allowed is not None and operation not in allowed)
    return session.means == "GetFederationToken" or (session.means == "GetSessionToken" and session.mfa is None)

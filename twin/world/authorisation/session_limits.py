"""What temporary credentials may never do, whatever their policies say.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

INVALID = "The security token included in the request is invalid"
ALLOWED = {
    "GetSessionToken": {"AssumeRole", "GetCallerIdentity", "TagSession"},
    "GetFederationToken": {"GetCallerIdentity"},
}
LONG_TERM_ONLY = {"GetSessionToken", "GetFederationToken"}


def check_limits(call: Call) -> None:
    """Refuse a session what sessions of its kind cannot do."""
    session = call.key.session if call.key is not None else None
    if session is None or call.service not in ("iam", "sts"):
        return
    if call.service == "sts":
        allowed = ALLOWED.get(session.means)
        if call.operation in LONG_TERM_ONLY or (allowed is not None and call.operation not in allowed):
            raise AwsError("AccessDenied", f"Cannot call {call.operation} with session credentials", 403)
    elif session.means == "GetFederationToken" or (session.means == "GetSessionToken" and session.mfa is None):
        raise AwsError("InvalidClientTokenId", INVALID, 403)

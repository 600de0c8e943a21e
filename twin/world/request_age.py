"""How old a request may be: judged where the twin knows by which clock its clients sign, which is on a served one.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
"""

from datetime import UTC, datetime, timedelta

from twin.clock import Clock, ShiftedClock
from twin.world.aws_errors import AwsError, Protocol
from twin.world.credential_errors import credential_error
from twin.world.sigv4 import FORM, Signature

LONGEST = timedelta(days=7)
SKEW_OF_S3, SKEW = timedelta(minutes=15), timedelta(minutes=5)
MALFORMED = "AuthorizationQueryParametersError"


def check_lifetime(signature: Signature) -> None:
    """Refuse a presigned URL that would live longer than a week, whatever the time."""
    if signature.form != "query" or signature.service != "s3" or signature.expires is None:
        return
    if not signature.expires.isdigit():
        raise AwsError(MALFORMED, "X-Amz-Expires should be a number")
    if timedelta(seconds=int(signature.expires)) > LONGEST:
        raise AwsError(MALFORMED, "X-Amz-Expires must be less than a week (in seconds) that is 604800")


def check_age(signature: Signature, clock: Clock, protocol: Protocol) -> None:
    """Refuse a request that is older, or newer, than its service takes."""
    if not isinstance(clock, ShiftedClock):
        return
    machine = clock.leader.now()
    if signature.form == "query-v2":
        if machine > datetime.fromtimestamp(int(signature.expires or 0), UTC):
            raise AwsError("AccessDenied", "Request has expired", 403)
        return
    try:
        signed = datetime.strptime(signature.timestamp, FORM).replace(tzinfo=UTC)
    except ValueError:
        return
    if signature.form == "query" and signature.expires is not None:
        if clock.since(signed) > timedelta(seconds=int(signature.expires)):
            raise _expired(signature, machine, protocol)
        return
    if abs(machine - signed) > (SKEW_OF_S3 if signature.service == "s3" else SKEW):
        raise _skewed(signature, machine, signed, protocol)


def _expired(signature: Signature, machine: datetime, protocol: Protocol) -> AwsError:
    if signature.service == "s3":
        return AwsError("AccessDenied", "Request has expired", 403)
    return credential_error("mismatch", protocol, f"Signature expired: {signature.timestamp}, now {machine:{FORM}}")


def _skewed(signature: Signature, machine: datetime, signed: datetime, protocol: Protocol) -> AwsError:
    if signature.service == "s3":
        message = "The difference between the request time and the current time is too large."
        return AwsError("RequestTimeTooSkewed", message, 403)
    if signature.service == "ec2":
        return AwsError("RequestExpired", "Request has expired.", 400)
    if signed < machine:
        bound, told = f"{machine - SKEW:{FORM}} ({machine:{FORM}} - 5 min.)", "expired: {} is now earlier than {}"
    else:
        bound, told = (
            f"{machine + SKEW:{FORM}} ({machine:{FORM}} + 5 min.)",
            "not yet current: {} is still later than {}",
        )
    return credential_error("mismatch", protocol, f"Signature {told.format(signature.timestamp, bound)}")

"""How old a request may be: judged where the twin knows by which clock its clients sign, which is on a served one.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
"""

from datetime import UTC, datetime, timedelta

from twin.clock import Clock, ShiftedClock, WallClock
from twin.world.aws_errors import AwsError, Protocol
from twin.world.credential_errors import credential_error
from twin.world.sigv4 import FORM, Signature

LONGEST = timedelta(days=7)
SKEW_OF_S3, SKEW = timedelta(minutes=15), timedelta(minutes=5)
MALFORMED = "AuthorizationQueryParametersError"


def check_lifetime(signature: Signature) -> None:
    """Refuse a presigned URL that would live longer than a week, whatever the time."""
    if signature.form != "query" or signature.expires is None:
        return
    if not signature.expires.isdecimal():
        code = MALFORMED if signature.service == "s3" else "IncompleteSignature"
        raise AwsError(code, "X-Amz-Expires should be a number")
    if signature.service == "s3" and float(signature.expires) > LONGEST.total_seconds():
        raise AwsError(MALFORMED, "X-Amz-Expires must be less than a week (in seconds) that is 604800")


def check_age(signature: Signature, clock: Clock, protocol: Protocol) -> None:
    """Refuse a request that is older, or newer, than its service takes."""
    if not (isinstance(clock, ShiftedClock) and isinstance(clock.leader, WallClock)):
        return
    machine = clock.leader.now()
    if signature.form == "query-v2":
        if machine.timestamp() > float(signature.expires or 0):
            raise AwsError("AccessDenied", "Request has expired", 403)
        return
    try:
        signed = datetime.strptime(signature.timestamp, FORM).replace(tzinfo=UTC)
    except ValueError:
        return
    skew = SKEW_OF_S3 if signature.service == "s3" else SKEW
    if signature.form == "query" and signature.expires is not None:
        if signed - machine > skew:
            raise _early(signature, machine, signed, protocol)
        if clock.since(signed).total_seconds() > float(signature.expires):
            raise _expired(signature, machine, protocol)
        return
    if abs(machine - signed) > skew:
        raise _skewed(signature, machine, signed, protocol)


def _early(signature: Signature, machine: datetime, signed: datetime, protocol: Protocol) -> AwsError:
    if signature.service == "s3":
        return AwsError("AccessDenied", "Request is not valid yet", 403)
    return _skewed(signature, machine, signed, protocol)


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

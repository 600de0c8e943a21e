"""What S3 refuses about retention: it is not taken away nor shortened before its time.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from datetime import UTC, datetime
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, bucket_of, stored

BYPASS = "x-amz-bypass-governance-retention"
MODE, UNTIL = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"
HOLD = "x-amz-object-lock-legal-hold"
UNLOCKED = "Bucket is missing Object Lock Configuration"
DENIED = "Access Denied because object protected by object lock."


@refuses("s3", "PutObjectRetention")
def retention_stays(asked: Asked) -> None:
    """Compliance only grows; governance shrinks for who bypasses it."""
    from twin.world.stores.moto_store import CLOCK

    given = asked.parameters
    found = stored(*addressed(asked))
    if found is None or not found.lock_mode or not found.lock_until:
        return
    until = instant(found.lock_until)
    if until <= CLOCK.now():
        return
    wanted = given.get("Retention") or {}
    longer = wanted.get("Mode") == found.lock_mode and _later(wanted.get("RetainUntilDate"), until)
    bypassed = asked.call.request.headers.get(BYPASS, "").lower() == "true"
    if not longer and (found.lock_mode == "COMPLIANCE" or not bypassed):
        raise Refusal("AccessDenied", DENIED, 403)


@refuses("s3", "PutObject", "CopyObject", "CreateMultipartUpload")
def lock_of_a_write(asked: Asked) -> None:
    """A write that locks its object goes to a bucket with a lock, and names mode and date, and a date to come."""
    mode, until = asked.headers.get(MODE), asked.headers.get(UNTIL)
    if mode is None and until is None and asked.headers.get(HOLD) != "ON":
        return
    if mode is not None or until is not None:
        if mode is None or until is None:
            raise Refusal("InvalidArgument", f"{UNTIL} and {MODE} must both be supplied")
        if mode not in ("GOVERNANCE", "COMPLIANCE"):
            raise Refusal("InvalidArgument", "Unknown wormMode directive.")
        _to_come(instant(until))
    bucket = bucket_of(addressed(asked)[0])
    if bucket is not None and not bucket.object_lock_enabled:
        raise Refusal("InvalidRequest", UNLOCKED)


@refuses("s3", "PutObjectRetention")
def retention_to_come(asked: Asked) -> None:
    """A retention ends after it began."""
    until = (asked.parameters.get("Retention") or {}).get("RetainUntilDate")
    if until is not None:
        _to_come(instant(until) if isinstance(until, str) else until.replace(tzinfo=until.tzinfo or UTC))


@refuses("s3", "PutObjectLockConfiguration")
def default_retention(asked: Asked) -> None:
    """A default retention has one period, of a day at least.

    The codes are those to which Ceph's compatibility tests hold S3: test_object_lock_put_obj_lock_* in
    github.com/ceph/s3-tests.
    """
    rule = (asked.parameters.get("ObjectLockConfiguration") or {}).get("Rule")
    if not rule:
        return
    retention = rule.get("DefaultRetention") or {}
    given = [retention[name] for name in ("Days", "Years") if retention.get(name) is not None]
    if len(given) != 1 or retention.get("Mode") not in ("GOVERNANCE", "COMPLIANCE"):
        message = "The XML you provided was not well-formed or did not validate against our published schema"
        raise Refusal("MalformedXML", message)
    if int(given[0]) < 1:
        raise Refusal("InvalidRetentionPeriod", "Default retention period must be a positive integer value")


@refuses("s3", "PutBucketLogging")
def no_logs_under_a_lock(asked: Asked) -> None:
    """Access logs do not go to a bucket under a lock; the words of the refusal are assumed.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    """
    wanted = (asked.parameters.get("BucketLoggingStatus") or {}).get("LoggingEnabled") or {}
    target = bucket_of(str(wanted.get("TargetBucket")))
    if target is not None and target.object_lock_enabled:
        message = "The target bucket for logging has an Object Lock configuration."
        raise Refusal("InvalidTargetBucketForLogging", message)


@refuses("s3", "GetObjectRetention")
def locked_at_all(asked: Asked) -> None:
    """Only what is locked until some time can tell it."""
    named = addressed(asked)
    bucket, kept = bucket_of(named[0]), stored(*named)
    if bucket is not None and not bucket.object_lock_enabled:
        raise Refusal("InvalidRequest", UNLOCKED)
    if kept is not None and not (kept.lock_mode and kept.lock_until):
        message = "The specified object does not have a ObjectLock configuration"
        raise Refusal("NoSuchObjectLockConfiguration", message, 404)


def _to_come(until: datetime) -> None:
    from twin.world.stores.moto_store import CLOCK

    if until <= CLOCK.now():
        raise Refusal("InvalidArgument", "The retain until date must be in the future!")


def _later(wanted: Any, until: datetime) -> bool:
    if wanted is None:
        return False
    moment = instant(wanted) if isinstance(wanted, str) else wanted
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) >= until


def instant(text: str) -> datetime:
    """Read an instant as S3 writes it; InvalidArgument for what is none."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        message = "The retain until date must be provided in ISO 8601 format"
        raise Refusal("InvalidArgument", message) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

"""What a call asks of an object's lock, as the conditions of policies see it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html; that a begun day counts is assumed.
"""

import math
from datetime import datetime
from typing import Any

from twin.world.authorisation.ask import Asking, Context
from twin.world.aws_errors import AwsError

WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload")
LOCK = "x-amz-object-lock-"
DAY = 86_400


def lock_context(asking: Asking) -> Context:
    """Return mode, date, days that remain and hold, as far as a call says them."""
    operation, given = asking.call.operation, asking.headers
    if operation in WRITES:
        hold = given.get(f"{LOCK}legal-hold")
        return _told(given.get(f"{LOCK}mode"), given.get(f"{LOCK}retain-until-date"), hold)
    if operation == "PutObjectRetention":
        wanted = asking.parameters.get("Retention") or {}
        return _told(wanted.get("Mode"), wanted.get("RetainUntilDate"), None)
    if operation == "PutObjectLegalHold":
        return _told(None, None, (asking.parameters.get("LegalHold") or {}).get("Status"))
    return {}


def _told(mode: str | None, until: Any, hold: str | None) -> Context:
    from twin.world.refusals.object_lock import instant
    from twin.world.stores.moto_store import CLOCK

    found: Context = {"s3:object-lock-mode": mode, "s3:object-lock-legal-hold": hold}
    if until is not None:
        try:
            moment = until if isinstance(until, datetime) else instant(str(until))
        except AwsError:  # the store says that it is none
            return {name: value for name, value in found.items() if value is not None}
        left = (moment.replace(tzinfo=moment.tzinfo or CLOCK.now().tzinfo) - CLOCK.now()).total_seconds()
        found["s3:object-lock-retain-until-date"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        found["s3:object-lock-remaining-retention-days"] = str(math.ceil(left / DAY))
    return {name: value for name, value in found.items() if value is not None}

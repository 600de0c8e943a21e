"""What S3 refuses about retention: it is not taken away nor shortened before its time.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from datetime import UTC, datetime
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, stored

BYPASS = "x-amz-bypass-governance-retention"
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


def _later(wanted: Any, until: datetime) -> bool:
    if wanted is None:
        return False
    moment = instant(wanted) if isinstance(wanted, str) else wanted
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) >= until


def instant(text: str) -> datetime:
    """Read an instant as S3 writes it."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

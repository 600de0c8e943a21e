"""What S3 refuses in a bucket's Object Lock, and what is said of a bucket that its lock keeps."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from twin.resources.aws.facts import facts
from twin.resources.resource import Problem

if TYPE_CHECKING:
    from twin.resources.aws.s3 import Bucket

WHO = {
    "COMPLIANCE": "nobody, root neither, deletes a version before its time",
    "GOVERNANCE": "before its time a version is deleted only by who may s3:BypassGovernanceRetention, and says so",
}


def lock_problems(bucket: "Bucket") -> Iterator[Problem]:
    """Yield what is wrong with a bucket's lock."""
    lock = bucket.object_lock
    if lock is None:
        return
    if not bucket.versioning:
        yield Problem("TW0466", "a bucket under Object Lock keeps versions", "object_lock", "set versioning to true")
    given = [name for name in ("days", "years") if getattr(lock, name) is not None]
    if len(given) != (1 if lock.mode else 0):
        yield Problem("TW0466", "a default retention has a mode, and days or years", "object_lock")
    for name in given:
        most = facts("s3")["longest_retention"][name]
        if not 1 <= getattr(lock, name) <= most:
            message = f"S3 retains versions for 1 to {most:,} {name}, not {getattr(lock, name):,}"
            yield Problem("TW0466", message, "object_lock")
    if bucket.force_destroy:
        message = "what the lock keeps is not deleted with the bucket"
        yield Problem("TW0466", message, "force_destroy", "leave force_destroy out")


def kept_by(lock: Mapping[str, Any]) -> str:
    """Say why a bucket under a lock cannot be deleted while it holds something."""
    if not lock.get("mode"):
        return "the bucket holds versions of objects, which its Object Lock may keep; see their retention and holds"
    span = f"{lock['days']} days" if lock.get("days") else f"{lock['years']} years"
    return (
        f"the bucket holds versions of objects, and its Object Lock ({lock['mode']}) keeps each for {span} from "
        f"its writing on: {WHO[lock['mode']]}. The bucket stays until then; delete what is left, and destroy again"
    )

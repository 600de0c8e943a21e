"""The calls that changed a world, as a digest: equal ones left the same world, but for the numbers in its ids.

A setting that is made again is one setting, and settings that follow one another may do so in any order. What a new
bucket is anyhow is no setting.
"""

import hashlib
from typing import Any

from twin.resources.call import Call

SETTINGS = ("PutBucket", "PutPublicAccessBlock", "PUT")
BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class History:
    """What was sent to a world."""

    def __init__(self) -> None:
        self._before = ""
        self._settings: dict[str, Call] = {}
        self._closed_buckets: set[Any] = set()

    def add(self, call: Call) -> None:
        """Note a call that was sent."""
        if not self._closes_again(call):
            self._note(call)

    def _closes_again(self, call: Call) -> bool:
        """Tell whether a call closes a bucket that is new, as all are closed since April 2023.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
        """
        bucket = call.params.get("Bucket") if call.service == "s3" else None
        if call.operation == "CreateBucket":
            self._closed_buckets.add(bucket)
        if call.operation not in ("PutPublicAccessBlock", "DeletePublicAccessBlock"):
            return False
        block = call.params.get("PublicAccessBlockConfiguration", {})
        if bucket in self._closed_buckets and len(block) == len(BLOCKED) and all(block.get(name) for name in BLOCKED):
            return True
        self._closed_buckets.discard(bucket)
        return False

    def _note(self, call: Call) -> None:
        key = call.key
        if not call.operation.startswith(SETTINGS):
            self._close()
            self._before = _digest(f"{self._before}{key}")
            return
        if key not in self._settings and any(_same_setting(call, other) for other in self._settings.values()):
            self._close()
        self._settings[key] = call

    @property
    def digest(self) -> str:
        """Return the name of what was sent until now."""
        return _digest("\n".join([self._before, *sorted(self._settings)])) if self._settings else self._before

    def _close(self) -> None:
        self._before, self._settings = self.digest, {}


def _same_setting(call: Call, other: Call) -> bool:
    """Tell whether two calls set the same of the same thing, so that the second one counts."""
    if (call.system, call.service, call.operation) != (other.system, other.service, other.operation):
        return False
    texts = [one for one in call.params.values() if isinstance(one, str)]
    return call.system != "aws" or any(text in other.params.values() for text in texts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

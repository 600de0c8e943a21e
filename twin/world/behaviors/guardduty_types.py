"""What GuardDuty makes of a call: the types of finding that a call by itself justifies.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from twin.world.behaviors.config_items import Place, items_of
from twin.world.scene import Scene
from twin.world.trail.evidence import Witnessed

LOW, MEDIUM, HIGH = 2.0, 5.0, 8.0
DISTRIBUTIONS = {"kali": "KaliLinux", "parrot": "ParrotLinux", "pentoo": "PentooLinux"}
PUBLIC_OPERATIONS = ("PutBucketAcl", "PutBucketPolicy", "DeletePublicAccessBlock", "PutPublicAccessBlock")


class Seen(NamedTuple):
    """A type of finding that a call shows, and the bucket that it is about."""

    type: str
    severity: float
    title: str
    bucket: str | None = None


def seen_in(scene: Scene, entry: Witnessed) -> Iterator[Seen]:
    """Yield what a call that succeeded shows."""
    if entry.identity.get("type") == "Root":
        title = f"API {entry.operation} was invoked using root credentials."
        yield Seen("Policy:IAMUser/RootCredentialUsage", LOW, title)
    if entry.service == "cloudtrail" and entry.operation in ("StopLogging", "DeleteTrail"):
        yield Seen("Stealth:IAMUser/CloudTrailLoggingDisabled", LOW, "AWS CloudTrail logging was disabled.")
    agent = next((value for name, value in entry.headers if name.lower() == "user-agent"), "").lower()
    for mark, name in DISTRIBUTIONS.items():
        if mark in agent:
            yield Seen(f"PenTest:IAMUser/{name}", MEDIUM, f"API {entry.operation} was invoked from a {name} computer.")
    if entry.service == "s3" and entry.operation in (*PUBLIC_OPERATIONS, "PutBucketLogging"):
        yield from _bucket(scene, entry)


def _bucket(scene: Scene, entry: Witnessed) -> Iterator[Seen]:
    event = scene.gateway.cloudtrail.evidence.event(entry.number)
    name = str((event.get("requestParameters") or {}).get("bucketName") or "")
    state = scene.state("s3", entry.account, "aws")
    bucket = state.buckets.get(name)
    if bucket is None:
        return
    if entry.operation == "PutBucketLogging":
        if not bucket.logging:
            title = f"Amazon S3 server access logging was disabled for the bucket {name}."
            yield Seen("Stealth:S3/ServerAccessLoggingDisabled", LOW, title, name)
        return
    told = next(i.configuration for i in items_of(scene, Place(entry.account, bucket.region_name), "AWS::S3::Bucket")
                if i.id == name)  # fmt: skip
    if entry.operation.endswith("PublicAccessBlock"):
        if not all(told["publicAccessBlock"].get(one) for one in ("block_public_acls", "block_public_policy",
                   "ignore_public_acls", "restrict_public_buckets")):  # fmt: skip
            title = f"Amazon S3 Block Public Access was disabled for the bucket {name}."
            yield Seen("Policy:S3/BucketBlockPublicAccessDisabled", LOW, title, name)
        return
    yield from _opened(told, name)


def _opened(told: dict[str, Any], name: str) -> Iterator[Seen]:
    from twin.world.behaviors.config_rule_checks import opens

    block = told["publicAccessBlock"]
    groups = {group for group, _ in told["publicGrants"]} if not block.get("ignore_public_acls") else set()
    statements = (told["policy"] or {}).get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    anybody = not block.get("restrict_public_buckets") and any(opens(one) for one in listed)
    if anybody or "AllUsers" in groups:
        title = f"Anonymous access was granted to the S3 bucket {name}."
        yield Seen("Policy:S3/BucketAnonymousAccessGranted", HIGH, title, name)
    elif "AuthenticatedUsers" in groups:
        title = f"Public access was granted to the S3 bucket {name}."
        yield Seen("Policy:S3/BucketPublicAccessGranted", HIGH, title, name)

"""What S3 refuses in a bucket's configuration, found before anything is sent."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import tag_problems
from twin.resources.aws.policy_document import grants, resource_policy, untrusting
from twin.resources.aws.policy_grammar import listed, statements
from twin.resources.aws.policy_principals import principals
from twin.resources.aws.s3_lifecycle import lifecycle_problems
from twin.resources.aws.s3_lock import lock_problems
from twin.resources.resource import Peers, Problem

if TYPE_CHECKING:
    from twin.resources.aws.s3 import Bucket

LOGGING = "logging.s3.amazonaws.com"
NARROWING = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "StringEqualsIgnoreCase")


def bucket_problems(bucket: "Bucket", peers: Peers) -> Iterator[Problem]:
    """Yield everything that S3 would refuse about a bucket."""
    yield from name_problems(bucket.bucket)
    yield from lifecycle_problems(bucket.lifecycle or [])
    yield from tag_problems(bucket.tags, facts("s3")["tags_per_bucket"], ours=3)
    if bucket.policy:
        yield from resource_policy(bucket.policy, "policy", facts("s3")["policy_size"], peers)
        if bucket.public_access_block.block_public_policy:
            yield from _public(bucket.policy)
    encryption = bucket.encryption
    if encryption and encryption.algorithm == "AES256" and encryption.kms_key is not None:
        yield Problem("TW0454", "a KMS key goes with the algorithm aws:kms, not with AES256", "encryption")
    yield from lock_problems(bucket)
    yield from _logging(bucket, peers)
    yield from _replication(bucket, peers)


def name_problems(name: str) -> Iterator[Problem]:
    """Yield the naming rules that a general purpose bucket's name breaks."""
    if "${" in name:
        return
    known = facts("s3")
    wrong = None
    if not 3 <= len(name) <= 63:
        wrong = f"it has 3 to 63 characters, not {len(name)}"
    elif not re.fullmatch(known["bucket_pattern"], name):
        wrong = "it has lower-case letters, digits, dots and hyphens, and begins and ends with a letter or digit"
    elif ".." in name:
        wrong = "two dots do not follow one another"
    elif _is_address(name):
        wrong = "it does not look like an IP address"
    else:
        wrong = next((f"it does not begin with {p}" for p in known["reserved_prefixes"] if name.startswith(p)), None)
        wrong = wrong or next(
            (f"it does not end with {s}" for s in known["reserved_suffixes"] if name.endswith(s)), None
        )
    if wrong:
        yield Problem("TW0450", f"{name!r} is not the name of a bucket: {wrong}", "bucket")


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def _public(policy: Mapping[str, Any]) -> Iterator[Problem]:
    """A policy is public when it gives everybody something and no condition narrows it to fixed values."""
    for number, statement in enumerate(statements(policy), 1):
        everybody = any(value == "*" for _, value in principals(statement)) or "NotPrincipal" in statement
        if statement.get("Effect") == "Allow" and everybody and not _narrowed(statement.get("Condition") or {}):
            yield Problem(
                "TW0453",
                f"policy: statement {statement.get('Sid') or number} is public, and public policies are blocked",
                "policy",
                "name the principals, add a condition, or set public_access_block.block_public_policy to false",
            )


def _narrowed(condition: Mapping[str, Any]) -> bool:
    return any(
        key.lower() in facts("s3")["narrowing_conditions"]
        and all(str(v) not in ("*", "0.0.0.0/0", "::/0") for v in listed(values))
        for operator, keys in condition.items()
        if operator.rpartition(":")[2] in NARROWING
        for key, values in keys.items()
    )


def _logging(bucket: "Bucket", peers: Peers) -> Iterator[Problem]:
    """The bucket that takes the logs lets S3's logging service write, and is another one."""
    if bucket.logging is None:
        return
    name = bucket.logging.bucket
    target: Any = peers.get(name) or next(
        (b for _, b in peers.of("aws.s3.bucket") if getattr(b, "bucket", "") == name), None
    )
    if name == bucket.bucket or getattr(target, "bucket", None) == bucket.bucket:
        help_ = "name a bucket that only takes logs"
        yield Problem("TW0454", "a bucket that logs into itself logs its own logging", "logging", help_)
    elif target is not None and target.object_lock:
        message = f"{target.bucket} is under Object Lock, and takes no access logs"
        yield Problem("TW0454", message, "logging", "name a bucket without a lock")
    elif target is not None and not grants(target.policy, LOGGING, "s3:PutObject"):
        yield Problem(
            "TW0454",
            f"the policy of {target.bucket} does not let S3 write logs there",
            "logging",
            f'it needs {{"Principal": {{"Service": "{LOGGING}"}}, "Action": "s3:PutObject"}}',
        )


def _replication(bucket: "Bucket", peers: Peers) -> Iterator[Problem]:
    """Replication copies versions, so both sides keep them; S3 has to be able to assume the role."""
    if bucket.replication is None:
        return
    if not bucket.versioning:
        yield Problem("TW0452", "a bucket that is replicated keeps versions", "replication", "set versioning to true")
    yield from untrusting(peers, bucket.replication.role, "s3.amazonaws.com", "replication")
    rules = bucket.replication.rules
    if not rules or len({rule.id for rule in rules}) < len(rules):
        yield Problem("TW0452", "replication has at least one rule, and each rule an id of its own", "replication")
    if len({rule.priority for rule in rules}) < len(rules):
        yield Problem("TW0452", "two replication rules have the same priority", "replication")
    for rule in rules:
        target = _target(rule.bucket, peers)
        if target is not None and not target.versioning:
            help_ = f"set versioning of {target.bucket} to true"
            yield Problem(
                "TW0452", f"rule {rule.id}: the bucket that takes the copies keeps no versions", "replication", help_
            )
        if target is not None and bucket.object_lock and not target.object_lock:
            message = f"rule {rule.id}: what a lock keeps is copied only to a bucket under Object Lock"
            yield Problem("TW0452", message, "replication", f"set object_lock of {target.bucket}")
        if target is not None and target.bucket == bucket.bucket:
            yield Problem("TW0452", f"rule {rule.id} copies the bucket into itself", "replication")
        if "${" not in rule.bucket and not rule.bucket.startswith("arn:"):
            yield Problem("TW0452", f"rule {rule.id}: {rule.bucket!r} is not the ARN of a bucket", "replication")


def _target(arn: str, peers: Peers) -> "Bucket | None":
    desired: Any = peers.get(arn)
    if desired is None:
        buckets: Iterable[tuple[Any, Any]] = peers.of("aws.s3.bucket")
        desired = next((b for _, b in buckets if arn == peers.scope.arn("s3", b.bucket, region="", account="")), None)
    return desired if desired is not None and desired.TYPE == "aws.s3.bucket" else None

"""Who uses a KMS key by the spec's own words: people and machines named with it, services that write with it."""

from collections.abc import Callable, Iterator
from typing import Any

from twin.blueprints.blueprint import Blueprint
from twin.blueprints.documents import Statement, allow
from twin.blueprints.messages import publishers
from twin.blueprints.names import principal, trail_arn

USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
ADMINISTER = (
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
)
Uses = Callable[[Blueprint, str], Iterator[Statement]]


def uses(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    """Yield the statements that a key's policy needs besides the account's own."""
    for use in (_named, _logs, _trail, _topics, _queues, _config, _disks):
        yield from use(blueprint, key)


def _named(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    intent, data = blueprint.org.encryption.keys[key], blueprint.org.data
    buckets = [bucket for bucket in data.buckets.values() if bucket.key == key]
    names = [
        *intent.users,
        *(name for bucket in buckets for name in (*bucket.access.read, *bucket.access.write)),
        *(name for secret in data.secrets.values() if secret.key == key for name in secret.readers),
    ]
    users = [principal(blueprint, name) for name in dict.fromkeys(names)]
    admins = [principal(blueprint, name) for name in intent.admins]
    if admins:
        yield allow(ADMINISTER, "*", sid="Administer", to={"AWS": admins})
    if users:
        yield allow(USE, "*", sid="Use", to={"AWS": users})
    if intent.accounts:
        outside = [f"arn:aws:iam::{account}:root" for account in intent.accounts]
        yield allow(USE, "*", sid="Accounts", to={"AWS": outside})


def _service(sid: str, name: str | list[str], actions: tuple[str, ...], when: dict[str, Any]) -> Statement:
    return allow(actions, "*", sid=sid, to={"Service": name}, when=when)


def _account(blueprint: Blueprint) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": blueprint.scope.account}}


def _logs(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    if any(group.key == key for group in blueprint.org.audit.log_groups.values()) or _logs_trail(blueprint, key):
        scope = blueprint.scope
        groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": scope.arn("logs", "log-group:*")}}
        yield _service("Logs", f"logs.{scope.region}.amazonaws.com", USE, groups)


def _logs_trail(blueprint: Blueprint, key: str) -> bool:
    trail = blueprint.org.audit.trail
    return trail is not None and trail.key == key and trail.log_retention is not None


def _trail(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    trail, scope = blueprint.org.audit.trail, blueprint.scope
    if trail is None or key not in (trail.key, blueprint.org.data.buckets[trail.bucket].key):
        return
    ours = {
        "StringEquals": {"aws:SourceArn": trail_arn(blueprint)},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": scope.arn("cloudtrail", "trail/*", region="*")},
    }
    yield _service("Trail", "cloudtrail.amazonaws.com", ("kms:GenerateDataKey*",), ours)
    source = {"StringEquals": {"aws:SourceArn": trail_arn(blueprint)}}
    yield _service("TrailDescribes", "cloudtrail.amazonaws.com", ("kms:DescribeKey",), source)


def _topics(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    org = blueprint.org
    severities = org.on_call.severities.values() if org.on_call else ()
    if key in {*(one.key for one in org.audit.topics.values()), *(one.key for one in severities)}:
        yield _service(
            "Publishers", publishers(blueprint), ("kms:Decrypt", "kms:GenerateDataKey*"), _account(blueprint)
        )


def _queues(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    if any(queue.key == key for queue in blueprint.org.data.queues.values()):
        senders = ["events.amazonaws.com", "sns.amazonaws.com"]
        yield _service("Senders", senders, ("kms:Decrypt", "kms:GenerateDataKey*"), _account(blueprint))


def _config(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    config = blueprint.org.audit.config
    if config and blueprint.org.data.buckets[config.bucket].key == key:
        yield _service("Config", "config.amazonaws.com", ("kms:Decrypt", "kms:GenerateDataKey*"), _account(blueprint))


def _disks(blueprint: Blueprint, key: str) -> Iterator[Statement]:
    """Disks: everybody of the account, through EC2 alone, as AWS's own key for EBS has it."""
    if any(workers.key == key for workers in blueprint.org.compute.workers.values()):
        scope = blueprint.scope
        through = {"kms:ViaService": f"ec2.{scope.region}.amazonaws.com", "kms:CallerAccount": scope.account}
        yield allow((*USE, "kms:CreateGrant"), "*", sid="Disks", to={"AWS": "*"}, when={"StringEquals": through})

"""The resources of an account and Region that carry a policy of their own, as Access Analyzer looks at them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Analysed(NamedTuple):
    """A resource with its policy, parsed."""

    arn: str
    kind: str
    policy: Mapping[str, Any]


def analysed(account: str, region: str) -> Iterator[Analysed]:
    """Yield every resource with a readable policy."""
    for arn, kind, text in _texts(account, region):
        try:
            policy = json.loads(text) if isinstance(text, str | bytes) else text
        except ValueError:
            continue  # the store took what is no policy; there is nothing to analyse
        if isinstance(policy, Mapping):
            yield Analysed(arn, kind, policy)


def _texts(account: str, region: str) -> Iterator[tuple[str, str, Any]]:
    from twin.world.stores.moto_store import backends

    for bucket in backends("s3")[account]["aws"].buckets.values():
        if bucket.region_name == region and bucket.policy and not _restricted(bucket):
            yield bucket.arn, "AWS::S3::Bucket", bucket.policy
    for role in backends("iam")[account]["aws"].roles.values():
        yield role.arn, "AWS::IAM::Role", role.assume_role_policy_document
    for key in backends("kms")[account][region].keys.values():
        yield key.arn, "AWS::KMS::Key", key.policy
    for queue in backends("sqs")[account][region].queues.values():
        if queue.policy:
            yield queue.queue_arn, "AWS::SQS::Queue", queue.policy
    for topic in backends("sns")[account][region].topics.values():
        yield topic.arn, "AWS::SNS::Topic", topic.policy
    secrets = backends("secretsmanager")[account][region].secrets.values()
    for arn, policy in {s.arn: getattr(s, "policy", None) for s in secrets}.items():
        if policy:
            yield arn, "AWS::SecretsManager::Secret", policy
    yield from _shared(account, region)


def _shared(account: str, region: str) -> Iterator[tuple[str, str, Any]]:
    """Yield the snapshots that are shared, with what their permissions come to as a policy."""
    from twin.world.stores.moto_store import backends

    for snapshot in backends("ec2")[account][region].snapshots.values():
        if who := snapshot.create_volume_permission_userids | snapshot.create_volume_permission_groups:
            arn = f"arn:aws:ec2:{region}::snapshot/{snapshot.id}"
            yield arn, "AWS::EC2::Snapshot", _letting(who, ["ec2:CopySnapshot", "ec2:CreateVolume"])
    for snapshot in backends("rds")[account][region].database_snapshots.values():
        if who := set(snapshot.attributes["restore"]):
            actions = ["rds:CopyDBSnapshot", "rds:RestoreDBInstanceFromDBSnapshot"]
            yield snapshot.db_snapshot_arn, "AWS::RDS::DBSnapshot", _letting(who, actions)


def _letting(who: set[str], actions: list[str]) -> dict[str, Any]:
    principal = "*" if "all" in who else {"AWS": sorted(who)}
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": actions}]}


def _restricted(bucket: Any) -> bool:
    block = bucket.public_access_block
    return block is not None and str(block.restrict_public_buckets).lower() == "true" and _public_only(bucket)


def _public_only(bucket: Any) -> bool:
    from twin.world.refusals.policies import is_public, statements

    return any(is_public(statement) for statement in statements(bucket.policy))

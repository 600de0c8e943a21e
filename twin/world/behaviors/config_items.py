"""What AWS Config would write down of the resources of a Region: their configuration, type by type, as they stand."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from twin.world.scene import Scene

Configuration = dict[str, Any]
GROUPS = "http://acs.amazonaws.com/groups/global/"
GLOBAL_TYPES = ("AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::Policy")


class Place(NamedTuple):
    """An account and a Region in which a recorder stands."""

    account: str
    region: str


class Item(NamedTuple):
    """A resource as it stands: its id, name, ARN and configuration."""

    id: str
    name: str
    arn: str
    configuration: Configuration


def _buckets(scene: Scene, place: Place) -> Iterator[Item]:
    for bucket in scene.state("s3", place.account, "aws").buckets.values():
        if bucket.region_name != place.region:
            continue
        grants = [
            [grantee.uri.removeprefix(GROUPS), permission]
            for grant in (bucket.acl.grants if bucket.acl else ())
            for grantee in grant.grantees
            if grantee.uri
            for permission in grant.permissions
        ]
        block = bucket.public_access_block
        yield Item(
            bucket.name,
            bucket.name,
            f"arn:aws:s3:::{bucket.name}",
            {
                "name": bucket.name,
                "versioning": bucket.versioning_status or "Off",
                "encryption": bucket.encryption,
                "policy": _policy(bucket.policy),
                "publicGrants": grants,
                "publicAccessBlock": {name: str(value).lower() == "true" for name, value in vars(block).items()}
                if block
                else {},
            },
        )


def _policy(written: Any) -> Any:
    if not written:
        return None
    return json.loads(written.decode() if isinstance(written, bytes) else written)


def _groups(scene: Scene, place: Place) -> Iterator[Item]:
    for groups in scene.state("ec2", *place).groups.values():
        for group in groups.values():
            arn = f"arn:aws:ec2:{place.region}:{place.account}:security-group/{group.id}"
            rules = [
                {
                    "protocol": rule.ip_protocol,
                    "from": rule.from_port,
                    "to": rule.to_port,
                    "range": rule.ip_range.get("CidrIp") or rule.ip_range.get("CidrIpv6"),
                }
                for rule in group.ingress_rules
            ]
            yield Item(group.id, group.name, arn, {"groupId": group.id, "vpcId": group.vpc_id, "ingress": rules})


def _volumes(scene: Scene, place: Place) -> Iterator[Item]:
    for volume in scene.state("ec2", *place).volumes.values():
        arn = f"arn:aws:ec2:{place.region}:{place.account}:volume/{volume.id}"
        told = {"volumeId": volume.id, "encrypted": bool(volume.encrypted), "attached": volume.attachment is not None}
        yield Item(volume.id, volume.id, arn, told)


def _vpcs(scene: Scene, place: Place) -> Iterator[Item]:
    state = scene.state("ec2", *place)
    logged = {log.resource_id for log in state.flow_logs.values() if log.deliver_logs_status == "SUCCESS"}
    for vpc in state.vpcs.values():
        arn = f"arn:aws:ec2:{place.region}:{place.account}:vpc/{vpc.id}"
        told = {"vpcId": vpc.id, "cidrBlock": vpc.cidr_block, "flowLogs": vpc.id in logged}
        yield Item(vpc.id, vpc.id, arn, told)


def _users(scene: Scene, place: Place) -> Iterator[Item]:
    for user in scene.state("iam", place.account, "aws").users.values():
        keys = [
            {"id": key.access_key_id, "status": key.status, "created": key.create_date.isoformat()}
            for key in user.access_keys
        ]
        told = {"userName": user.name, "mfa": bool(user.mfa_devices), "accessKeys": keys}
        told |= {"inlinePolicies": sorted(user.policies), "attachedPolicies": sorted(user.managed_policies)}
        yield Item(user.id, user.name, user.arn, told)


def _roles(scene: Scene, place: Place) -> Iterator[Item]:
    for role in scene.state("iam", place.account, "aws").roles.values():
        told = {"roleName": role.name, "trust": role.assume_role_policy_document}
        told |= {"inlinePolicies": sorted(role.policies), "attachedPolicies": sorted(role.managed_policies)}
        yield Item(role.id, role.name, role.arn, told)


def _policies(scene: Scene, place: Place) -> Iterator[Item]:
    for arn, policy in scene.state("iam", place.account, "aws").managed_policies.items():
        if f"::{place.account}:" in arn:
            yield Item(policy.id, policy.name, arn, {"policyName": policy.name, "version": policy.default_version_id})


def _keys(scene: Scene, place: Place) -> Iterator[Item]:
    for key in scene.state("kms", *place).keys.values():
        told = {"keyId": key.id, "keyState": key.key_state, "keyManager": key.key_manager}
        yield Item(key.id, key.id, key.arn, told)


def _databases(scene: Scene, place: Place) -> Iterator[Item]:
    for database in scene.state("rds", *place).databases.values():
        told = {
            "dBInstanceIdentifier": database.db_instance_identifier,
            "engine": database.engine,
            "storageEncrypted": bool(database.storage_encrypted),
            "multiAZ": bool(database.multi_az),
        }
        arn = database.db_instance_arn
        # The store gives every database the same resource id, which would make them one.
        yield Item(database.db_instance_identifier, database.db_instance_identifier, arn, told)


def _trails(scene: Scene, place: Place) -> Iterator[Item]:
    for trail in scene.state("cloudtrail", *place).trails.values():
        told = {"name": trail.trail_name, "logging": trail.status.is_logging, "multiRegion": trail.is_multi_region}
        yield Item(trail.trail_name, trail.trail_name, trail.arn, told | {"bucket": trail.bucket_name})


READERS: dict[str, tuple[str, Callable[[Scene, Place], Iterator[Item]]]] = {
    "AWS::S3::Bucket": ("s3", _buckets),
    "AWS::EC2::SecurityGroup": ("ec2", _groups),
    "AWS::EC2::Volume": ("ec2", _volumes),
    "AWS::EC2::VPC": ("ec2", _vpcs),
    "AWS::IAM::User": ("iam", _users),
    "AWS::IAM::Role": ("iam", _roles),
    "AWS::IAM::Policy": ("iam", _policies),
    "AWS::KMS::Key": ("kms", _keys),
    "AWS::RDS::DBInstance": ("rds", _databases),
    "AWS::CloudTrail::Trail": ("cloudtrail", _trails),
}
SERVICES = frozenset(service for service, _ in READERS.values())


def items_of(scene: Scene, place: Place, kind: str) -> list[Item]:
    """Return the resources of a type as they stand."""
    return list(READERS[kind][1](scene, place))


def recorder_of(scene: Scene, place: Place) -> Any:
    """Return the recorder of a place that records; None while none does."""
    recorders = scene.state("config", *place).recorders.values()
    return next((recorder for recorder in recorders if recorder.status.recording), None)


def records(recorder: Any, kind: str) -> bool:
    """Tell whether a recorder records a type."""
    group = recorder.recording_group
    strategy = (group.recording_strategy or {}).get("use_only") or (group.recording_strategy or {}).get("useOnly")
    if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
        excluded = group.exclusion_by_resource_types or {}
        return kind not in (excluded.get("resource_types") or excluded.get("resourceTypes") or ())
    if group.resource_types and not group.all_supported:
        return kind in group.resource_types
    return kind not in GLOBAL_TYPES or bool(group.include_global_resource_types)

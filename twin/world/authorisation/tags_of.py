"""The tags of a resource, by its ARN; looked up only where a policy asks for them."""

from collections.abc import Callable
from typing import Any

from twin.world.stores.moto_store import backends, find_bucket

Tags = dict[str, str]
Reader = Callable[[Any, str, str], Any]


def tags_of(arn: str) -> Tags:
    """Return the tags of a resource; none when the store keeps none for it."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return {}
    _, _, service, region, account, name = parts
    if service == "s3":
        return _object_tags(name)
    kept = _backend(service, account, region)
    if kept is None:
        return {}
    reader = READERS.get(service)
    if reader is not None:
        return _pairs(reader(kept, arn, name))
    tagger = getattr(kept, "tagger", None)
    return _pairs(tagger.get_tag_dict_for_resource(arn)) if tagger is not None else {}


def _backend(service: str, account: str, region: str) -> Any:
    if service not in READERS and service not in TAGGED:
        return None
    known = backends({"elasticloadbalancing": "elbv2"}.get(service, service))
    if account not in known:
        return None
    return known[account][region or "aws"]


def _iam(kept: Any, arn: str, name: str) -> Any:
    if not name.startswith("role/"):
        return kept.tagger.get_tag_dict_for_resource(arn)
    return next((role.tags for role in kept.roles.values() if role.arn == arn), None)


def _of(place: str) -> Reader:
    """Read tags that the store keeps on the thing itself, by the last part of its ARN."""

    def read(kept: Any, arn: str, name: str) -> Any:
        held = getattr(kept, place)
        found = held.get(arn) or held.get(name) or held.get(name.rpartition("/")[2])
        return getattr(found, "tags", None)

    return read


READERS: dict[str, Reader] = {
    "ec2": lambda kept, _, name: kept.tags.get(name.rpartition("/")[2]),
    "iam": _iam,
    "kms": lambda kept, _, name: kept.tagger.get_tag_dict_for_resource(name.removeprefix("key/")),
    "secretsmanager": lambda kept, arn, _: kept.secrets[arn].tags if arn in kept.secrets else None,
    "sns": lambda kept, arn, _: kept.topics[arn]._tags if arn in kept.topics else None,
    "rds": lambda kept, arn, name: kept.list_tags_for_resource(arn) if "*" not in name else None,
    "lambda": lambda kept, arn, name: _function(kept, name),
    "elasticloadbalancing": lambda kept, arn, _: kept.tagging_service.get_tag_dict_for_resource(arn),
    "sqs": _of("queues"),
    "dynamodb": _of("tables"),
    "eks": _of("clusters"),
}
TAGGED = {"logs", "ecr", "backup", "cloudwatch", "events", "cloudtrail", "acm", "config", "guardduty", "ssm"}


def _function(kept: Any, name: str) -> Any:
    wanted = name.removeprefix("function:").partition(":")[0]
    return next((each.tags for each in kept.list_functions() if each.function_name == wanted), None)


def _pairs(tags: Any) -> Tags:
    if isinstance(tags, dict):
        return {str(k): str(v["Value"]) if isinstance(v, dict) else str(v) for k, v in tags.items()}
    return {tag["Key"]: tag["Value"] for tag in tags or () if isinstance(tag, dict) and "Key" in tag}


def _object_tags(name: str) -> Tags:
    bucket_name, _, key = name.partition("/")
    bucket = find_bucket(bucket_name)
    found = bucket.keys.get(key) if bucket is not None and key else None
    return (
        {}
        if found is None
        else dict(backends("s3")[bucket.account_id]["aws"].tagger.get_tag_dict_for_resource(found.arn))
    )

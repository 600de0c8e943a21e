"""What an event is about: the resources that its parameters and its answer name."""

from collections.abc import Iterator
from typing import Any

from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import FACTS, data_type
from twin.world.trail.s3_elements import s3_resources

TYPES = FACTS["resource_types"]
ARN_NAMES = {"lambda": "functionName", "dynamodb": "tableName", "sqs": "queueUrl", "sns": "topicArn"}
ARN_FORMS = {"lambda": "function:{}", "dynamodb": "table/{}", "sqs": "{}", "kms": "key/{}"}


def resources_of(entry: Witnessed, event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return `resources`, which only some services fill: S3, KMS, STS and those with data events."""
    asked = event["requestParameters"] or {}
    if entry.service == "s3":
        return s3_resources(entry)
    if entry.service == "sts" and (role := asked.get("roleArn")):
        return [{"accountId": entry.account, "type": "AWS::IAM::Role", "ARN": role}]
    kind = "AWS::KMS::Key" if entry.service == "kms" else data_type(entry.service, entry.operation)
    named = asked.get("keyId" if entry.service == "kms" else ARN_NAMES.get(entry.service, ""))
    if entry.service == "kms" and not named:
        named = ((event["responseElements"] or {}).get("keyMetadata") or {}).get("arn")
    if kind is None or not named:
        return []
    return [{"accountId": entry.account, "type": kind, "ARN": _arn(entry, str(named))}]


def _arn(entry: Witnessed, name: str) -> str:
    if name.startswith("arn:"):
        return name
    form = "{}" if name.startswith("alias/") else ARN_FORMS.get(entry.service, "{}")
    place = form.format(name.rpartition("/")[2] if entry.service == "sqs" else name)
    return f"arn:aws:{entry.service}:{entry.region}:{entry.account}:{place}"


def looked_up(service: str, event: dict[str, Any]) -> list[dict[str, str]]:
    """Return the resources of an event as LookupEvents lists them: type and name, each once."""
    types = TYPES["*"] | TYPES.get(service, {})
    found: dict[tuple[str, str], None] = {}
    for resource in event.get("resources", ()):
        found[resource["type"], resource.get("ARN") or resource["ARNPrefix"]] = None
    for part in (event["requestParameters"], event["responseElements"]):
        for name, value in _named(part):
            if name in types:
                found[types[name], value] = None
    return [{"ResourceType": kind, "ResourceName": name} for kind, name in found]


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        for name, part in value.items():
            if isinstance(part, str):
                yield name, part
            else:
                yield from _named(part)

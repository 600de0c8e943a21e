"""What all Elastic Load Balancing types share: tags, attributes, the observed form."""

from collections.abc import Iterable, Mapping
from typing import Any

from twin.address import Address
from twin.resources.aws.tags import Tags, owned_tags
from twin.resources.call import Steps, aws
from twin.resources.resource import Observed
from twin.resources.scope import Scope, plain_tags, user_tags

BATCH = 20
"""How many resources one DescribeTags takes."""


def read_all(operation: str, result: str, params: Mapping[str, Any] | None = None) -> Steps[list[dict[str, Any]]]:
    """Read every page of a Describe call."""
    reply = yield aws("elbv2", operation, params, pages=True)
    return list(reply.get(result) or ())


def tags_by_arn(scope: Scope, wanted: Iterable[str]) -> Steps[dict[str, Tags]]:
    """Return the tags of all that we own, and of the `wanted` ARNs that the tagging API does not tell."""
    tags = dict((yield from owned_tags(scope)))
    rest = sorted(set(wanted) - tags.keys())
    for start in range(0, len(rest), BATCH):
        reply = yield aws("elbv2", "DescribeTags", {"ResourceArns": rest[start : start + BATCH]})
        tags |= {item["ResourceArn"]: plain_tags(item["Tags"]) for item in reply["TagDescriptions"]}
    return tags


def seen(scope: Scope, arn: str, fields: Mapping[str, Any], tags: Mapping[str, str], **more: Any) -> Observed:
    """Make the observed form of an object whose id is its ARN; `outputs` among `more` are added to those."""
    outputs = {"id": arn, "arn": arn, **more.pop("outputs", {})}
    return Observed(arn, {**fields, "tags": user_tags(tags)}, outputs, scope.own(tags), other=scope.other(tags), **more)


def retag(scope: Scope, address: Address, observed: Observed, tags: Mapping[str, str]) -> Steps[None]:
    """Bring an object's tags to the wanted ones and ours."""
    yield aws("elbv2", "AddTags", {"ResourceArns": [observed.id], "Tags": scope.tag_list(address, tags)})
    gone = sorted(set(observed.fields.get("tags", {})) - set(tags))
    if gone:
        yield aws("elbv2", "RemoveTags", {"ResourceArns": [observed.id], "TagKeys": gone})


def attributes(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Write attributes as the API takes them: all are texts, truth is lower case; None is left out."""
    return [
        {"Key": key, "Value": str(value).lower() if isinstance(value, bool) else str(value)}
        for key, value in sorted(values.items())
        if value is not None
    ]


def suffix(arn: str) -> str:
    """Return the part of an ARN that CloudWatch takes for a dimension: `app/web/50dc6c495c0c9188`."""
    _, _, rest = arn.rpartition(":")
    return rest.removeprefix("loadbalancer/")

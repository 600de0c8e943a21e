"""What all EC2 resource types share: tags at creation, filters, reads by owner."""

from collections.abc import Iterable, Mapping
from typing import Any

from twin.address import Address
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import Observed
from twin.resources.scope import Scope, plain_tags, user_tags


def tag_specification(kind: str, scope: Scope, address: Address, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the TagSpecifications that tag an object in the call that makes it."""
    return [{"ResourceType": kind, "Tags": scope.tag_list(address, tags)}]


def retag(scope: Scope, address: Address, observed: Observed, tags: Mapping[str, str]) -> Steps[None]:
    """Bring an object's tags to the wanted ones: write those that differ, remove those not wanted."""
    yield aws("ec2", "CreateTags", {"Resources": [observed.id], "Tags": scope.tag_list(address, tags)})
    gone = sorted(set(observed.fields.get("tags", {})) - set(tags))
    if gone:
        yield aws("ec2", "DeleteTags", {"Resources": [observed.id], "Tags": [{"Key": key} for key in gone]})


def owned(
    scope: Scope,
    item: Mapping[str, Any],
    id_: str,
    fields: Mapping[str, Any],
    outputs: Mapping[str, Any] | None = None,
    **more: Any,
) -> Observed:
    """Make the observed form of a tagged EC2 object."""
    tags = plain_tags(item.get("Tags"))
    return Observed(
        id=id_,
        fields={**fields, "tags": user_tags(tags)},
        outputs={"id": id_, **(outputs or {})},
        owner=scope.own(tags),
        other=scope.other(tags),
        **more,
    )


def outputs(scope: Scope, kind: str, id_: str) -> dict[str, str]:
    """Return the id of an EC2 object and the ARN that is made of it."""
    return {"id": id_, "arn": scope.arn("ec2", f"{kind}/{id_}")}


def describe(operation: str, result: str, params: Mapping[str, Any] | None = None) -> Steps[list[dict[str, Any]]]:
    """Read every page of a Describe call."""
    reply = yield aws("ec2", operation, params, pages=True)
    return listed(reply, result)


def listed(reply: Any, name: str) -> list[dict[str, Any]]:
    """Return a list in a reply that may lack it."""
    return list(reply.get(name) or ())


def filters(**values: Iterable[str]) -> list[dict[str, Any]]:
    """Write EC2 filters; `_` in a name stands for `-` and `__` for `.`."""
    return [
        {"Name": name.replace("__", ".").replace("_", "-"), "Values": sorted(wanted)} for name, wanted in values.items()
    ]


def remove(operation: str, parameter: str, id_: str, absent: Iterable[str]) -> Call:
    """Make the call that deletes an object; gone already is as good."""
    return aws("ec2", operation, {parameter: id_}, absent=tuple(absent))

"""EC2: resources by the prefixes of their ids, each asked for with the keys of its own type.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
"""

import re
from collections.abc import Iterator
from typing import Any

from twin.world.authorisation.ask import Ask, Asking, Context, asks_of
from twin.world.authorisation.published import EXCEPTIONS, VARIABLE, ResourceType, actions_of
from twin.world.authorisation.resources import MAKING, resources
from twin.world.stores.moto_store import backends

TYPES: dict[str, str] = EXCEPTIONS["ec2_ids"]
ID = re.compile(r"([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,32}")
NAMED = {"KeyName": "key-pair", "GroupName": "placement-group"}
PLACES = {"Partition", "Region", "Account"}


@asks_of("ec2")
def ec2_asks(asking: Asking) -> list[Ask]:
    """Ask for every resource that a call names, and for what it makes under a name that nobody knows yet."""
    call = asking.call
    if not call.operation.isalnum():
        return []
    (action,) = actions_of("ec2", call.operation)
    asks: list[Ask] = []
    ids = _ids(asking.parameters) if action.types else {}
    context = _context(asking) if action.types else {}
    making = call.operation.startswith(MAKING)
    for type_ in action.types:
        named = [_arn(asking, type_, id_) for id_ in ids.get(type_.name, ())]
        named += [_arn(asking, type_, name) for name in _names(asking, type_.name)]
        if not named and type_.required and (making or not ids):
            named = [_arn(asking, type_, "*")]
        asks += [Ask(action.name, arn, context=_of_type(type_, context)) for arn in dict.fromkeys(named)]
    if not asks:
        asks = [Ask(action.name, arn, context=context) for arn in (resources(asking, action) if action.types else "*")]
    return asks + _tagged(asking, context)


def _ids(parameters: Any) -> dict[str, list[str]]:
    """Return the ids in a call by their resource types, wherever they stand but in filters and tags."""
    found: dict[str, list[str]] = {}
    for text in _texts(parameters):
        named = ID.fullmatch(text)
        if named and (type_ := TYPES.get(named[1])):
            found.setdefault(type_, []).append(text)
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("Filters", "Tags", "TagSpecifications", "UserData"):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _names(asking: Asking, type_: str) -> Iterator[str]:
    for parameter, kind in NAMED.items():
        if kind == type_ and (name := asking.text(parameter)):
            yield name
    if type_ == "security-group" and (group := asking.text("GroupName")):
        known = backends("ec2")[asking.call.account][asking.call.region].groups
        yield from (id_ for by_id in known.values() for id_, kept in by_id.items() if kept.name == group)


def _arn(asking: Asking, type_: ResourceType, name: str) -> str:
    call = asking.call
    places = {"Partition": "aws", "Region": call.region, "Account": call.account}
    return VARIABLE.sub(lambda found: places[found[1]] if found[1] in PLACES else name, type_.form)


def _context(asking: Asking) -> Context:
    call, parameters = asking.call, asking.parameters
    context: Context = {"ec2:Region": call.region}
    plain = {"InstanceType": "ec2:InstanceType", "EbsOptimized": "ec2:EbsOptimized", "VpcId": "ec2:VpcID",
             "VolumeType": "ec2:VolumeType", "Size": "ec2:VolumeSize", "Encrypted": "ec2:Encrypted",
             "AvailabilityZone": "ec2:AvailabilityZone", "Iops": "ec2:VolumeIops"}  # fmt: skip
    context |= {key: parameters[name] for name, key in plain.items() if parameters.get(name) is not None}
    metadata = parameters.get("MetadataOptions") or {}
    options = {"HttpTokens": "ec2:MetadataHttpTokens", "HttpEndpoint": "ec2:MetadataHttpEndpoint",
               "HttpPutResponseHopLimit": "ec2:MetadataHttpPutResponseHopLimit"}  # fmt: skip
    context |= {key: metadata[name] for name, key in options.items() if name in metadata}
    if zone := (parameters.get("Placement") or {}).get("AvailabilityZone"):
        context["ec2:AvailabilityZone"] = zone
    if profile := (parameters.get("IamInstanceProfile") or {}):
        name = profile.get("Arn") or f"arn:aws:iam::{call.account}:instance-profile/{profile.get('Name', '')}"
        context["ec2:InstanceProfile"] = name
    return context


def _of_type(type_: ResourceType, context: Context) -> Context:
    """Keep the keys that AWS's tables give to the type; those of other types are absent for it."""
    return {key: value for key, value in context.items() if key == "ec2:Region" or key.lower() in type_.keys}


def _tagged(asking: Asking, context: Context) -> list[Ask]:
    """Ask for ec2:CreateTags where a call tags what it makes.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    """
    call, asks = asking.call, []
    for each in asking.parameters.get("TagSpecifications") or ():
        if not each.get("Tags"):
            continue
        arn = asking.arn("ec2", f"{each.get('ResourceType', '')}/*")
        tags: Context = {f"aws:RequestTag/{tag['Key']}": tag.get("Value", "") for tag in each["Tags"]}
        tags["aws:TagKeys"] = [tag["Key"] for tag in each["Tags"]]
        asks.append(Ask("ec2:CreateTags", arn, context=context | tags | {"ec2:CreateAction": call.operation}))
    return asks

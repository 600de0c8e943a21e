"""What EC2 refuses about ids, groups, volumes and instances that the store takes as they come.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

import re
from collections.abc import Iterable
from typing import Any

from twin.world.refusals import EVERY, Asked, Refusal, refuses

HEX = r"-(?:[0-9a-f]{8}|[0-9a-f]{17})"
# By the prefix of an id: the parameters that hold it, and what a malformed one is called.
FORMS = {
    "i": (("InstanceId", "InstanceIds"), "InvalidInstanceID.Malformed"),
    "sg": (("GroupId", "GroupIds", "SecurityGroupIds"), "InvalidGroupId.Malformed"),
}
# Of what these name by a GroupId, the groups are placement groups.
PLACEMENT = ("DescribePlacementGroups", "ModifyInstancePlacement")
# https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
LARGEST = {"gp2": 16_384, "gp3": 65_536, "io1": 16_384, "io2": 65_536, "st1": 16_384, "sc1": 16_384, "standard": 1024}
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
MOST_ON_A_PAGE = 1000
NARROWED = {"DescribeSubnets": "SubnetIds", "DescribeVpcs": "VpcIds", "DescribeInstances": "InstanceIds",
            "DescribeVolumes": "VolumeIds", "DescribeSecurityGroups": "GroupIds"}  # fmt: skip


@refuses("ec2", EVERY)
def ids_are_well_formed(asked: Asked) -> None:
    """An id has its prefix and 8 or 17 hexadecimal digits."""
    body = asked.call.request.body
    if b"InstanceId" not in body and b"GroupId" not in body:
        return
    for prefix, (names, code) in FORMS.items():
        if prefix == "sg" and asked.call.operation in PLACEMENT:
            continue
        for id_ in _given(asked.parameters, names):
            if not re.fullmatch(prefix + HEX, id_):
                raise Refusal(code, f'Invalid id: "{id_}" (expecting "{prefix}-...")')


def _given(parameters: dict[str, Any], names: Iterable[str]) -> Iterable[str]:
    for name in names:
        value = parameters.get(name)
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each)


@refuses("ec2", *NARROWED)
def pages_are_of_whole_lists(asked: Asked) -> None:
    """Who names what it wants gets no pages; a page has a length."""
    most, named = asked.parameters.get("MaxResults"), NARROWED[asked.call.operation]
    if most is None:
        return
    if asked.parameters.get(named):
        told = named[0].lower() + named[1:]
        raise Refusal(
            "InvalidParameterCombination", f"The parameter {told} cannot be used with the parameter maxResults"
        )
    if not 5 <= int(most) <= MOST_ON_A_PAGE:
        message = (
            f"Value ( {most} ) for parameter maxResults is invalid. Expecting a value between 5 and {MOST_ON_A_PAGE}."
        )
        raise Refusal("InvalidParameterValue", message)


@refuses("ec2", "CreateSecurityGroup")
def name_of_a_group(asked: Asked) -> None:
    """A name is not in the form of an id."""
    name = str(asked.parameters.get("GroupName", ""))
    if name.startswith("sg-"):
        message = f"Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*"
        raise Refusal("InvalidParameterValue", message)


@refuses("ec2", "DeleteSecurityGroup")
def default_group_stays(asked: Asked) -> None:
    """A VPC's default group goes with the VPC alone."""
    wanted = asked.parameters.get("GroupId")
    for groups in asked.state().groups.values():
        group = groups.get(wanted)
        if group is not None and group.name == "default":
            message = f'the specified group: "{wanted}" name: "default" cannot be deleted by a user'
            raise Refusal("CannotDelete", message)


@refuses("ec2", "CreateVolume")
def place_and_size_of_a_volume(asked: Asked) -> None:
    """A volume is in a zone that there is, no larger than its type."""
    zone, size = asked.parameters.get("AvailabilityZone"), asked.parameters.get("Size")
    if zone is not None and zone not in {each.name for each in asked.state().describe_availability_zones()}:
        raise Refusal("InvalidZone.NotFound", f"The zone '{zone}' does not exist.")
    kind = asked.parameters.get("VolumeType") or "gp2"
    if size is not None and int(size) > LARGEST.get(kind, int(size)):
        message = f"Volume of {size}GiB is too large for volume type {kind}; maximum is {LARGEST[kind]}GiB."
        raise Refusal("InvalidParameterValue", message)


@refuses("ec2", "AttachVolume")
def volume_meets_its_instance(asked: Asked) -> None:
    """A volume is attached once, to an instance in its zone."""
    state, wanted = asked.state(), asked.parameters
    volume = state.volumes.get(wanted.get("VolumeId"))
    instance = next((each for each in state.all_instances() if each.id == wanted.get("InstanceId")), None)
    if volume is None or instance is None:
        return
    if volume.attachment is not None:
        raise Refusal("VolumeInUse", f"{volume.id} is already attached to an instance")
    if volume.zone.name != instance.placement.zone:
        message = f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'"
        raise Refusal("InvalidVolume.ZoneMismatch", message)


@refuses("ec2", "CreateImage", "RegisterImage", "CopyImage")
def name_of_an_image(asked: Asked) -> None:
    """A name is taken once by an account."""
    name, account = asked.parameters.get("Name"), asked.call.account
    for image in asked.state().amis.values():
        if image.name == name and image.owner_id == account:
            message = f"AMI name {name} is already in use by AMI {image.id}"
            raise Refusal("InvalidAMIName.Duplicate", message)


@refuses("ec2", "RunInstances")
def launch_is_possible(asked: Asked) -> None:
    """At least no more than at most; a profile that is there."""
    wanted = asked.parameters
    if int(wanted.get("MinCount") or 1) > int(wanted.get("MaxCount") or 1):
        raise Refusal(
            "InvalidParameterCombination",
            f"The maximum count ({wanted['MaxCount']}) must not be less than the minimum count ({wanted['MinCount']}).",
        )
    name = (wanted.get("IamInstanceProfile") or {}).get("Name")
    # A service, such as EKS, brings a profile of its own.
    if (
        name is not None
        and asked.call.principal.kind != "service"
        and all(each.name != name for each in asked.state("iam").instance_profiles.values())
    ):
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        )


@refuses("ec2", "ModifyInstanceAttribute")
def type_of_a_stopped_instance(asked: Asked) -> None:
    """An instance's type changes while it is stopped."""
    if not asked.parameters.get("InstanceType"):
        return
    wanted = asked.parameters.get("InstanceId")
    instance = next((each for each in asked.state().all_instances() if each.id == wanted), None)
    if instance is not None and instance.state != "stopped":
        raise Refusal("IncorrectInstanceState", f"The instance '{wanted}' is not in the 'stopped' state.")

"""What EC2 refuses about requests that lack something, or are about what is not there.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

import base64
import binascii
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.elsewhere import ELSEWHERE

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
LARGEST_USER_DATA = 16_384
# https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
IOPS = {"gp3": (3000, 80_000), "io1": (100, 64_000), "io2": (100, 256_000)}
VOLUMES = ("standard", "gp2", "gp3", "io1", "io2", "st1", "sc1")


@refuses("ec2", "CreateTags", "DeleteTags")
def tagged_things(asked: Asked) -> None:
    """What is tagged is there, and AWS's own prefix is kept for its services."""
    own = any(str(tag.get("Key")).startswith("aws:") for tag in asked.parameters.get("Tags") or ())
    if own and asked.call.operation == "CreateTags" and asked.call.principal.kind != "service":
        raise _value("Tag keys starting with 'aws:' are reserved for internal use")
    if "ec2" in ELSEWHERE:
        return
    state = asked.state()
    for id_ in asked.parameters.get("Resources") or ():
        kind = id_.partition("-")[0]
        if kind == "i" and not any(one.id == id_ for held in state.reservations.values() for one in held.instances):
            raise Refusal("InvalidInstanceID.NotFound", f"The instance ID '{id_}' does not exist")
        if kind == "vpc" and id_ not in state.vpcs:
            raise Refusal("InvalidVpcID.NotFound", f"The vpc ID '{id_}' does not exist")
        if kind == "vol" and id_ not in state.volumes:
            raise Refusal("InvalidVolume.NotFound", f"The volume '{id_}' does not exist.")


@refuses("ec2", "RunInstances")
def launch(asked: Asked) -> None:
    """A launch has an image, its own or its template's, and user data of at most 16 KB."""
    given = asked.parameters
    if not given.get("ImageId") and not given.get("LaunchTemplate"):
        raise _missing("ImageId")
    try:
        size = len(base64.b64decode(given.get("UserData") or ""))
    except binascii.Error:
        raise _value("Invalid BASE64 encoding of user data.") from None
    if size > LARGEST_USER_DATA:
        raise _value(f"User data is limited to {LARGEST_USER_DATA} bytes")


@refuses("ec2", "CreateVolume", "ModifyVolume")
def kind_of_a_volume(asked: Asked) -> None:
    """A volume is of a type that there is, with as many operations as it can do."""
    kind, iops = str(asked.parameters.get("VolumeType") or "gp2"), asked.parameters.get("Iops")
    if kind not in VOLUMES:
        raise Refusal("UnknownVolumeType", f"Unsupported volume type '{kind}' for volume creation.")
    least, most = IOPS.get(kind, (None, None))
    if iops is not None and least is not None and most is not None and not least <= int(iops) <= most:
        what = "too low; minimum is" if int(iops) < least else "too high; maximum is"
        raise _value(f"Volume iops of {iops} is {what} {least if int(iops) < least else most}.")


@refuses("ec2", "DetachVolume")
def volume_is_attached(asked: Asked) -> None:
    """A volume that is taken away is attached."""
    id_ = asked.parameters.get("VolumeId")
    volume = asked.state().volumes.get(id_)
    if volume is not None and volume.attachment is None:
        raise Refusal("IncorrectState", f"Volume '{id_}' is in the 'available' state.")


@refuses("ec2", "CreateLaunchTemplateVersion", "DeleteLaunchTemplate")
def template_is_named(asked: Asked) -> None:
    """A template is named by its id or its name, and is there."""
    id_, name = asked.parameters.get("LaunchTemplateId"), asked.parameters.get("LaunchTemplateName")
    if not id_ and not name:
        raise _missing("LaunchTemplateId or LaunchTemplateName")
    if name and name not in asked.state().launch_template_name_to_ids:
        raise Refusal(
            "InvalidLaunchTemplateName.NotFoundException",
            "At least one of the launch templates specified in the request does not exist.",
        )


@refuses("ec2", "CreateNatGateway")
def address_of_a_gateway(asked: Asked) -> None:
    """A public NAT gateway has an address, unless it is a Region's."""
    given = asked.parameters
    public = given.get("ConnectivityType", "public") == "public" and given.get("AvailabilityMode") != "regional"
    if public and not given.get("AllocationId"):
        raise _missing("AllocationId")


@refuses("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def some_rule(asked: Asked) -> None:
    """A rule is added, or nothing is asked."""
    wanted = ("IpPermissions", "IpProtocol", "CidrIp", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId")
    if not any(asked.parameters.get(name) for name in wanted):
        raise _missing("ipPermissions")


@refuses("ec2", "DescribeAvailabilityZones", "DescribeRegions")
def names_of_places(asked: Asked) -> None:
    """A zone or a Region that is asked for is there."""
    given: Any = asked.parameters
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend as Places

    zones = {zone.name for zone in Places.zones.get(asked.call.region, ())}
    if wrong := [name for name in given.get("ZoneNames") or () if name not in zones]:
        raise _value(f"Invalid availability zone: [{', '.join(wrong)}]")
    if wrong := [name for name in given.get("RegionNames") or () if name not in Places.zones]:
        raise _value(f"Invalid region: [{', '.join(wrong)}]")


def _missing(name: str) -> Refusal:
    return Refusal("MissingParameter", f"The request must contain the parameter {name}")


def _value(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)

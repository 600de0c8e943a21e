"""Launch templates: how the instances of an Auto Scaling group are made."""

import base64
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.aws_data import LOADER
from twin.resources.aws.ec2 import describe, filters, outputs, owned, remove, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.made_by_eks import made_by_eks
from twin.resources.aws.quota import too_many
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags

PAGE = {"MaxResults": 200}
DEFAULT = "$Default"
KIND = "launch-template"


@cache
def instance_types() -> frozenset[str]:
    """Return every instance type that botocore's EC2 model names."""
    return frozenset(LOADER.load_service_model("ec2", "service-2")["shapes"]["InstanceType"]["enum"])


IMAGE = "write ami-… or resolve:ssm:PARAMETER; the `image` of `compute.workers` is the PARAMETER alone: /aws/service/…"


class Volume(BaseModel):
    """The root volume of an instance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str = "/dev/xvda"
    size: int = Field(default=20, description="GiB")
    type: str = "gp3"
    encrypted: bool = True
    kms_key: str | None = Field(default=None, description="ARN of the key; AWS's own for EBS when left out")


class LaunchTemplate(Resource):
    """A launch template; a change makes a new version, which becomes the default one."""

    TYPE: ClassVar[str] = "aws.ec2.launch_template"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="Unique in the Region; 3 to 128 characters")
    image: str = Field(description="The AMI: ami-…, or resolve:ssm:PARAMETER")
    instance_type: str = Field(description="As in m7g.large")
    security_groups: Annotated[list[str], RefTo("aws.ec2.security_group"), UNORDERED] = Field(
        default_factory=list, description="The ids of the security groups"
    )
    instance_profile: Annotated[str | None, RefTo("aws.iam.instance_profile")] = Field(
        default=None, description="The ARN of the instance profile"
    )
    user_data: str | None = Field(default=None, description="The script or cloud-config, as plain text")
    volume: Annotated[Volume | None, RefTo("aws.kms.key")] = None
    imds_v2: bool = Field(default=True, description="Whether instance metadata wants a session token")
    monitoring: bool = Field(default=False, description="Whether metrics come each minute")
    instance_tags: dict[str, str] = Field(default_factory=dict, description="The tags of the instances")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all launch templates, their default versions and their tags with one call each.

        The tags come from DescribeTags because moto's DescribeLaunchTemplates tells those of the creation for ever.
        """
        templates = yield from describe("DescribeLaunchTemplates", "LaunchTemplates", PAGE)
        params = {"Versions": [DEFAULT], **PAGE}
        versions = yield from describe("DescribeLaunchTemplateVersions", "LaunchTemplateVersions", params)
        data = {item["LaunchTemplateId"]: item["LaunchTemplateData"] for item in versions}
        tags: dict[str, list[dict[str, str]]] = {}
        for tag in (yield from describe("DescribeTags", "Tags", {"Filters": filters(resource_type=[KIND])})):
            tags.setdefault(tag["ResourceId"], []).append(tag)
        found = []
        for item in templates:
            id_ = item["LaunchTemplateId"]
            fields = {"name": item["LaunchTemplateName"], **_fields(data.get(id_, {}))}
            builtin = made_by_eks(item["LaunchTemplateName"], {})
            found.append(owned(scope, {"Tags": tags.get(id_)}, id_, fields, outputs(scope, KIND, id_), builtin=builtin))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the template with its first version."""
        reply = yield aws(
            "ec2",
            "CreateLaunchTemplate",
            {
                "LaunchTemplateName": self.name,
                "LaunchTemplateData": self._data(),
                "TagSpecifications": tag_specification(KIND, scope, address, self.tags),
            },
        )
        return outputs(scope, KIND, reply["LaunchTemplate"]["LaunchTemplateId"])

    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "ImageId": self.image,
            "InstanceType": self.instance_type,
            "MetadataOptions": {"HttpTokens": "required" if self.imds_v2 else "optional"},
            "Monitoring": {"Enabled": self.monitoring},
        }
        if self.security_groups:
            data["SecurityGroupIds"] = self.security_groups
        if self.instance_profile is not None:
            data["IamInstanceProfile"] = {"Arn": self.instance_profile}
        if self.user_data is not None:
            data["UserData"] = base64.b64encode(self.user_data.encode()).decode()
        if (volume := self.volume) is not None:
            disk = {"VolumeSize": volume.size, "VolumeType": volume.type, "Encrypted": volume.encrypted}
            disk |= {"KmsKeyId": volume.kms_key} if volume.kms_key else {}
            data["BlockDeviceMappings"] = [{"DeviceName": volume.device, "Ebs": disk}]
        if self.instance_tags:
            tags = [{"Key": key, "Value": value} for key, value in sorted(self.instance_tags.items())]
            data["TagSpecifications"] = [{"ResourceType": "instance", "Tags": tags}]
        return data

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Make a new version and the default of it; change tags."""
        if changed - {"tags", "owner"}:
            params = {"LaunchTemplateId": observed.id, "LaunchTemplateData": self._data()}
            reply = yield aws("ec2", "CreateLaunchTemplateVersion", params)
            number = str(reply["LaunchTemplateVersion"]["VersionNumber"])
            yield aws("ec2", "ModifyLaunchTemplate", {"LaunchTemplateId": observed.id, "DefaultVersion": number})
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the template with all its versions."""
        yield remove("DeleteLaunchTemplate", "LaunchTemplateId", observed.id, ["InvalidLaunchTemplateId.NotFound"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Name, image, instance type, volume and user data are as EC2 takes them."""
        known = facts("network")
        if not unknown(self.name) and not re.fullmatch(known["launch_template_name"], self.name):
            yield Problem("TW0427", f"{self.name!r} cannot be a launch template's name", "name")
        if not unknown(self.instance_type) and self.instance_type not in instance_types():
            yield Problem("TW0426", f"{self.instance_type!r} is no instance type", "instance_type", self._nearest())
        if not unknown(self.image) and not re.fullmatch(r"ami-[0-9a-f]{8}(?:[0-9a-f]{9})?|resolve:ssm:.+", self.image):
            yield Problem("TW0427", f"{self.image!r} is no AMI", "image", IMAGE)
        if self.user_data is not None and not unknown(self.user_data):
            size, limit = len(self.user_data.encode()), known["user_data_bytes"]
            if size > limit:
                yield Problem("TW0427", f"the user data has {size} bytes, {limit} are allowed", "user_data")
        if self.volume is not None:
            yield from _check_volume(self.volume)
        yield from too_many(
            "security_groups_per_interface", len(self.security_groups), what="groups", field="security_groups"
        )

    def _nearest(self) -> str | None:
        family, _, _ = self.instance_type.partition(".")
        sizes = sorted(name for name in instance_types() if name.startswith(f"{family}."))
        return f"{family} has {', '.join(sizes)}" if sizes else None


def _check_volume(volume: Volume) -> Iterable[Problem]:
    sizes = facts("network")["volume_sizes"]
    if volume.type not in sizes:
        yield Problem("TW0427", f"{volume.type!r} is no volume type", "volume", f"one of {', '.join(sizes)}")
        return
    low, high = sizes[volume.type]
    if not low <= volume.size <= high:
        yield Problem("TW0427", f"a {volume.type} volume has {low} to {high} GiB, this has {volume.size}", "volume")


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    disks = data.get("BlockDeviceMappings") or []
    user_data = data.get("UserData")
    tags = [spec["Tags"] for spec in data.get("TagSpecifications") or () if spec["ResourceType"] == "instance"]
    return {
        "image": data.get("ImageId"),
        "instance_type": data.get("InstanceType"),
        "security_groups": data.get("SecurityGroupIds") or [],
        "instance_profile": (data.get("IamInstanceProfile") or {}).get("Arn"),
        "user_data": base64.b64decode(user_data).decode(errors="replace") if user_data else None,
        "volume": _volume(disks[0]) if len(disks) == 1 else None,
        "imds_v2": (data.get("MetadataOptions") or {}).get("HttpTokens") == "required",
        "monitoring": (data.get("Monitoring") or {}).get("Enabled", False),
        "instance_tags": plain_tags(tags[0]) if tags else {},
    }


def _volume(disk: Mapping[str, Any]) -> dict[str, Any]:
    ebs = disk.get("Ebs") or {}
    return {
        "device": disk["DeviceName"],
        "size": ebs.get("VolumeSize"),
        "type": ebs.get("VolumeType"),
        "kms_key": ebs.get("KmsKeyId"),
        "encrypted": ebs.get("Encrypted"),
    }

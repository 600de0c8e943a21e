"""EC2 launch templates: an image given as `resolve:ssm:PARAMETER` is looked up when an instance starts."""

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplateVersion
from moto.ssm.models import ssm_backends

PREFIX = "resolve:ssm:"


def _image_id(self: Any) -> str:
    """Return the image's id, the parameter's value where the template names one."""
    written = str(self.data.get("ImageId", ""))
    if not written.startswith(PREFIX):
        return written
    backend = self.template.ec2_backend
    found = ssm_backends[backend.account_id][backend.region_name].get_parameter(written.removeprefix(PREFIX))
    return str(found.value) if found else written


version: Any = LaunchTemplateVersion
version.image_id = property(_image_id)

"""The control plane of a service is down: nothing of it can be changed, all of it can be read, its data plane lives."""

from typing import ClassVar, Literal

from pydantic import Field

from twin.world.aws_call import Call
from twin.world.failures import failure
from twin.world.fault import Aim, Fault, FaultOptions
from twin.world.planes import changes_configuration
from twin.world.scene import Scene


class Options(Aim):
    """Which services, and how they fail."""

    services: tuple[str, ...] = Field(min_length=1)
    """Services by botocore's names (`iam`, `route53`, `s3`)."""
    fails: Literal["unavailable", "internal"] = "unavailable"
    """Whether the service says that it is down (503) or that it broke (500), in its own words."""


class ControlPlaneImpaired(Fault):
    """Writes fail; those that services of AWS make for the org too."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    SERVICES: ClassVar[bool] = True
    options: Options

    def check(self, call: Call, scene: Scene) -> None:
        """Refuse what would change configuration."""
        if self.options.hits(call) and changes_configuration(call.service, call.operation):
            self.refuse(failure(self.options.fails, call))


FAULT = ControlPlaneImpaired

"""A share of the calls to a service fails inside of it."""

from typing import ClassVar

from pydantic import Field

from twin.world.aws_call import Call
from twin.world.failures import failure
from twin.world.fault import Aim, Fault, FaultOptions
from twin.world.scene import Scene


class Options(Aim):
    """Which calls, and how many of them."""

    share: float = Field(gt=0, le=1)
    """The share that fails, between 0 and 1; the seed chooses which."""


class ErrorRate(Fault):
    """Internal errors by chance."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def check(self, call: Call, scene: Scene) -> None:
        """Refuse by chance."""
        if self.options.hits(call) and scene.chance(f"fault:{self.id}").random() < self.options.share:
            self.refuse(failure("internal", call))


FAULT = ErrorRate

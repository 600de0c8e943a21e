"""A service answers late."""

from typing import ClassVar

from pydantic import Field

from twin.world.aws_call import Call
from twin.world.fault import Aim, Fault, FaultOptions
from twin.world.scene import Scene


class Options(Aim):
    """Which calls, and how late."""

    seconds: float = Field(gt=0)
    """How much later the answer comes."""
    share: float = Field(default=1, gt=0, le=1)
    """The share of calls that it concerns; the seed chooses which."""


class Latency(Fault):
    """The call is carried out at once; who made it waits for the answer."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def check(self, call: Call, scene: Scene) -> None:
        """Have the answer come late."""
        if self.options.hits(call) and scene.chance(f"fault:{self.id}").random() < self.options.share:
            call.delay += self.options.seconds
            self.delayed += 1


FAULT = Latency

"""Writes of IAM take their time to count: until then decisions are made as if they had not been made."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from twin.world.fault import Fault, FaultOptions
from twin.world.scene import Scene

KIND = "iam-propagation-delay"
USUAL = "iam.propagation"


class Options(FaultOptions):
    """How long."""

    # About 4 s were measured, sometimes it is minutes; AWS tells no figure.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    seconds: float = Field(gt=0)
    """Seconds from a write until it counts."""


class IamPropagationDelay(Fault):
    """Slow propagation; of two the slower counts. Each decision that still goes by the past shows it."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def __init__(self, id_: str, options: Options) -> None:
        super().__init__(id_, options)
        self.recalled = 0

    def begin(self, scene: Scene) -> None:
        """Slow it down."""
        view = scene.gateway.authorisation.view
        self.recalled = view.recalled
        scene.memory.setdefault(USUAL, view.propagation.total_seconds())
        _apply(scene)

    def end(self, scene: Scene) -> None:
        """Let it be as it was, or as another fault has it."""
        _apply(scene)

    def count(self, scene: Scene) -> None:
        """Count the decisions that went by the past."""
        self.shown = scene.gateway.authorisation.view.recalled - self.recalled


def _apply(scene: Scene) -> None:
    slow = [fault.options.seconds for fault in scene.faults.of_kind(KIND)]
    seconds = max(slow) if slow else scene.memory[USUAL]
    scene.gateway.authorisation.propagation = timedelta(seconds=seconds)


FAULT = IamPropagationDelay

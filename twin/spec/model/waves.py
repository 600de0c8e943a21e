"""In which waves a plan is carried out, what must be healthy between them, and whether the way back is rehearsed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from pydantic import Field

from twin.spec.model.region import Region
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Text


class Health(Section):
    """What must be healthy before the first wave and after each of them."""

    alarms: tuple[Text, ...] = ()
    """CloudWatch alarms that must be OK, by name or by a pattern with `*`; one that never had data may stay without."""
    targets: tuple[Text, ...] = ()
    """Target groups of which every target must be healthy, by name or by a pattern with `*`."""
    commands: tuple[Text, ...] = ()
    """Commands that must end with 0; they start in the spec's folder, without a shell."""
    within: Duration = timedelta(minutes=5)
    """How long a wave may take to become healthy; an alarm that rings is not waited for."""
    soak: Duration | None = None
    """How long everything must stay healthy before the next wave."""
    every: Duration = timedelta(seconds=15)
    """How often it is looked at meanwhile."""


class Waves(Section):
    """A plan carried out a part at a time: what the fewest things rely on goes first, removals go last."""

    canary: tuple[Text, ...] = ()
    """Addresses, or patterns with `*`, whose changes are the first wave, with what they need of what is new."""
    by: Literal["radius", "zone", "region"] = "radius"
    """What the other changes are grouped by: how many resources rely on them, or the zone or Region they are in."""
    regions: tuple[Region, ...] = ()
    """By Region: which go in this order; the others follow by how much relies on what changes, then what is global."""
    steps: tuple[int, ...] = Field(default=(1, 10), min_length=1)
    """By radius: how many resources may rely on what changes, wave by wave; what is above the last is a wave too."""
    health: Health = Health()
    """What must be healthy in between."""
    rollback: Literal["rehearsed", "unrehearsed"] = "rehearsed"
    """Whether a live apply is refused as long as nobody has rehearsed the way back."""

    def problems(self) -> Iterator[Problem]:
        """Refuse steps that do not widen, and an order of Regions that is none."""
        for low, high in pairwise(self.steps):
            if low >= high:
                yield Problem("TW0214", ("steps",), f"the step {high} comes after {low}", "write steps that widen")
        if self.steps[0] < 0:
            yield Problem("TW0214", ("steps",), f"{self.steps[0]} resources cannot rely on anything")
        if self.regions and self.by != "region":
            message = f"the order of Regions counts for waves by Region, and these go by {self.by}"
            yield Problem("TW0214", ("regions",), message, "write `by: region`, or leave the order out")
        for number, name in enumerate(self.regions):
            if name in self.regions[:number]:
                yield Problem("TW0214", ("regions", number), f"{name} is in the order already")

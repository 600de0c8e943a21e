"""How groups of workers follow their load."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Name, Text

Known = Literal["cpu", "network_in", "network_out", "requests"]


class CustomMetric(Section):
    """A metric that somebody tells CloudWatch."""

    namespace: Text
    """Its namespace."""
    name: Text
    """Its name."""
    dimensions: dict[Text, Text] = Field(default_factory=dict)
    """Its dimensions."""
    statistic: Literal["Average", "Sum", "Minimum", "Maximum", "SampleCount"] = "Average"
    """What of it counts."""


class _Measured(Section):
    metric: Known | None = None
    """The group's average CPU in percent or network in bytes, or the requests per target and minute."""
    custom: CustomMetric | None = None
    """A metric of one's own instead."""

    def problems(self) -> Iterator[Problem]:
        """Refuse none and two metrics."""
        if (self.metric is None) == (self.custom is None):
            yield Problem("TW0214", (), "a scaling policy looks at one metric: `metric` or `custom`")


class Tracking(_Measured):
    """A metric that is kept at its target, with alarms that Auto Scaling makes by itself."""

    at: float = Field(gt=0)
    """The target."""
    scale_in: bool = True
    """Whether instances are taken away too."""


class ScalingStep(Section):
    """What happens from a value on."""

    at: float
    """The value of the metric from which on it counts."""
    change: int
    """How many instances, or percent, more or less; or how many there are to be."""


class Steps(_Measured):
    """What happens as a metric goes beyond values, by an alarm of the spec's own."""

    when: Literal["above", "below"] = "above"
    """On which side of the first step the metric is beyond it."""
    steps: tuple[ScalingStep, ...] = Field(min_length=1, max_length=20)
    """The steps, the nearest first."""
    by: Literal["instances", "percent", "exact"] = "instances"
    """What `change` counts."""
    at_least: int | None = Field(default=None, ge=1)
    """By how many instances a percentage changes the group at least."""
    periods: int = Field(default=1, ge=1)
    """For how many minutes the metric has to be beyond the first step."""

    def problems(self) -> Iterator[Problem]:
        """Refuse steps out of order, and a least change of what is no percentage."""
        yield from super().problems()
        line = [step.at for step in self.steps]
        if line != sorted(set(line), reverse=self.when == "below"):
            yield Problem("TW0214", ("steps",), f"each step lies further {self.when} than the one before")
        if self.at_least is not None and self.by != "percent":
            yield Problem("TW0214", ("at_least",), "`at_least` goes with `by: percent`")


class ScalingPolicy(Section):
    """When a group grows and shrinks."""

    target: Tracking | None = None
    """A metric that is kept at a target."""
    steps: Steps | None = None
    """What happens beyond values of a metric."""
    warmup: Duration | None = None
    """How long a new instance is not counted; the group's cooldown, 300s, when absent."""

    def problems(self) -> Iterator[Problem]:
        """Refuse none and two ways."""
        if (self.target is None) == (self.steps is None):
            yield Problem("TW0214", (), "a scaling policy has one of `target` and `steps`")


Scaling = dict[Name, ScalingPolicy]

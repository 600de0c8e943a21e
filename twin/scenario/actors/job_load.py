"""Work that comes to a group of instances by the minute, and what it does not get done waits.

How much an instance gets done is the scenario's word, and so is what comes; how many instances are in service is the
world's. What share of the group is busy is told to CloudWatch as a metric of one's own, as an application tells it.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.stage import Stage
from twin.scenario.step import Seconds
from twin.scenario.timeline import Process

MINUTE = 60.0


class Rate(BaseModel):
    """How much comes from an instant of the run on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Seconds = 0.0
    jobs: Annotated[float, Field(ge=0)] = Field(description="Jobs a minute")


class Options(BaseModel):
    """What the load is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str = Field(description="The name of the Auto Scaling group")
    each: Annotated[float, Field(gt=0)] = Field(description="How many jobs an instance in service does in a minute")
    rates: list[Rate] = Field(min_length=1, description="What comes, in the order of time")
    namespace: str
    metric: str = Field(description="How busy the group is, in percent")
    dimensions: dict[str, str] = Field(default_factory=dict)


class JobLoad:
    """Each minute jobs come, as many as the instances can are done, and the share that was busy is told."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.came = self.done = self.waiting = self.most_waiting = self.longest = self._last = 0.0
        self.sizes: list[int] = []
        self._stopped = 0
        self.failed = 0

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        while True:
            yield self.stage.timeline.pass_(MINUTE)
            try:
                yield from self._minute()
            except Refused as refused:
                self.failed += 1
                self.stage.journal.write(self.name, "refused", code=refused.code)

    def _minute(self) -> Process:
        told = self.options
        asked = {"AutoScalingGroupNames": [told.group]}
        reply = yield from self.stage.ask("autoscaling:DescribeAutoScalingGroups", asked)
        members = [one for group in reply["AutoScalingGroups"] for one in group["Instances"]]
        size = sum(one["LifecycleState"] == "InService" for one in members)
        if self.sizes and size != self.sizes[-1]:
            self.stage.journal.write(self.name, "instances", before=self.sizes[-1], now=size)
        self.sizes.append(size)
        capacity = size * told.each
        self._work(self._rate(), capacity)
        busy = 100 * min(1.0, self._last / capacity) if capacity else 100.0
        named = [{"Name": name, "Value": value} for name, value in sorted(told.dimensions.items())]
        datum = {"MetricName": told.metric, "Dimensions": named, "Value": round(busy, 3), "Unit": "Percent"}
        yield from self.stage.ask("cloudwatch:PutMetricData", {"Namespace": told.namespace, "MetricData": [datum]})

    def _work(self, came: float, capacity: float) -> None:
        self.came += came
        self._last = self.waiting + came
        done = min(self._last, capacity)
        self.done += done
        self.waiting = self._last - done
        self.most_waiting = max(self.most_waiting, self.waiting)
        self._stopped = self._stopped + 1 if self.waiting and not capacity else 0
        wait = self.waiting / capacity if capacity else self._stopped
        self.longest = max(self.longest, MINUTE * wait)

    def _rate(self) -> float:
        now = self.stage.timeline.elapsed
        return (
            [rate.jobs for rate in self.options.rates if rate.at <= now][-1] if now >= self.options.rates[0].at else 0
        )

    def figures(self) -> Mapping[str, Any]:
        """Count jobs and instances; `longest_wait` is the seconds that the last of those who wait would still wait.

        Where no instance is in service nobody can tell that: there it is for how long jobs wait without any.
        """
        return {
            "came": round(self.came),
            "done": round(self.done),
            "waiting": round(self.waiting),
            "most_waiting": round(self.most_waiting),
            "longest_wait": round(self.longest, 3),
            "least_instances": min(self.sizes, default=0),
            "most_instances": max(self.sizes, default=0),
            "instances": self.sizes[-1] if self.sizes else 0,
            "instance_minutes": sum(self.sizes),
            "failed": self.failed,
        }


ACTOR = JobLoad

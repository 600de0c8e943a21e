"""Carries a metric of CloudWatch to Datadog minute by minute, as a metric stream to Datadog's AWS integration does.

https://docs.datadoghq.com/integrations/guide/aws-cloudwatch-metric-streams-with-kinesis-data-firehose/: what is
streamed is there after two to three minutes; what CloudWatch hears of a minute later is sent again.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused, datadog
from twin.scenario.stage import Stage
from twin.scenario.step import Seconds
from twin.scenario.timeline import Process

MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=30)
"""How long a minute's sum may still grow."""
SERIES = "/api/v2/series"
COUNT = 1
"""Datadog's number for the type of a metric that counts."""


class Options(BaseModel):
    """What the carrier is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    namespace: str
    metric: str
    to: str = Field(description="The name of the metric at Datadog")
    tags: list[str] = Field(default_factory=list, description="As in env:prod")
    lag: Seconds = Field(150.0, description="How old a minute is when it is carried")


class MetricCarrier:
    """It carries sums, those of a minute as often as they grow, and nothing of minutes without data."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.carried = self.failed = 0
        self.sent: dict[int, float] = {}

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        while True:
            yield self.stage.timeline.pass_(MINUTE.total_seconds())
            yield from self._carry()

    def _carry(self) -> Process:
        told = self.options
        # A minute is carried when it is over, and has had the time that the stream takes.
        until = (self.stage.timeline.now() - timedelta(seconds=told.lag)).replace(second=0, microsecond=0)
        asked = {"Namespace": told.namespace, "MetricName": told.metric, "Statistics": ["Sum"], "Period": 60}
        asked |= {"StartTime": until - LATE, "EndTime": until}
        try:
            reply = yield from self.stage.ask("cloudwatch:GetMetricStatistics", asked)
            sums = {int(one["Timestamp"].timestamp()): float(one["Sum"]) for one in reply["Datapoints"]}
            new = {second: value for second, value in sorted(sums.items()) if self.sent.get(second) != value}
            if new:
                self._send(new)
        except Refused as refused:
            self.failed += 1
            self.stage.journal.write(self.name, "refused", code=refused.code)
        else:
            self.carried += len(new)
            self.sent |= new

    def _send(self, sums: Mapping[int, float]) -> None:
        points = [{"timestamp": second, "value": value} for second, value in sums.items()]
        one = {"metric": self.options.to, "type": COUNT, "points": points, "tags": self.options.tags}
        self.stage.vendors["datadog"].execute(datadog("POST", SERIES, {"series": [one]}))

    def figures(self) -> Mapping[str, Any]:
        """Return how many points it carried, and how often it was refused."""
        return {"carried": self.carried, "failed": self.failed}


ACTOR = MetricCarrier

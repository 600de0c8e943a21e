"""A detector that polls Okta's System Log and tells a topic when one person denies push after push."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process

DENIED = "user.mfa.okta_verify.deny_push"
"""The event type of a push that its receiver denies:
https://developer.okta.com/docs/reference/api/event-types/
"""


class Options(BaseModel):
    """What the detector is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str = Field(description="The ARN of the topic that it tells")
    keys: str = Field(description="The name of the saved credentials with which it does")
    every: Period = Field(60.0, description="How often it polls")
    within: Seconds = Field(600.0, description="The time in which denials count together")
    above: int = Field(2, ge=0, description="More denials than this by one person are an attack")
    event: str = DENIED


class LogDetector:
    """It knows what the log tells, and has no other sight of the org; it tells of each person once."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.polls = self.failed = 0
        self.told: list[str] = []

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        while True:
            yield self.stage.timeline.pass_(self.options.every)
            yield from self._poll()

    def _poll(self) -> Process:
        self.polls += 1
        now: datetime = self.stage.timeline.now()
        since = (now - timedelta(seconds=self.options.within)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        until = now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        query = {"since": since, "until": until, "filter": f'eventType eq "{self.options.event}"', "limit": 1000}
        try:
            events = yield from self.stage.ask("okta GET /api/v1/logs", {"query": query, "pages": True})
            counts: dict[str, int] = {}
            for event in events:
                counts[event["actor"]["alternateId"]] = counts.get(event["actor"]["alternateId"], 0) + 1
            for who, count in counts.items():
                if count > self.options.above and who not in self.told:
                    yield from self._tell(who, count)
        except Refused as refused:
            self.failed += 1
            self.stage.journal.write(self.name, "refused", code=refused.code)

    def _tell(self, who: str, count: int) -> Process:
        message = {"rule": "okta.push-bombing", "event": self.options.event, "who": who, "count": count}
        asked = {"TopicArn": self.stage.values.fill(self.options.topic), "Subject": f"{count} pushes denied by {who}"}
        keys = self.stage.keys(self.options.keys)
        yield from self.stage.ask("sns:Publish", {**asked, "Message": json.dumps(message)}, keys)
        self.told.append(who)
        self.stage.journal.write(self.name, "tells", who=who, count=count)

    def figures(self) -> Mapping[str, Any]:
        """Count polls, those that failed, and the people that it told of."""
        return {"polls": self.polls, "failed": self.failed, "told": len(self.told)}


ACTOR = LogDetector

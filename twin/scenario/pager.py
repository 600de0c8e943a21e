"""The responder's pager: it rings when a message comes into a queue, and somebody acts a while after that."""

import json
from collections.abc import Mapping
from typing import Any

from twin.resources.call import Refused
from twin.scenario.stage import Stage
from twin.scenario.step import Alert
from twin.scenario.timeline import Process


class Pager:
    """Looks into a queue again and again; `delivered` is when the first message came, `about` what it tells."""

    def __init__(self, alert: Alert, stage: Stage) -> None:
        self.alert, self.stage = alert, stage
        self.delivered: float | None = None
        self.about = ""

    def rings(self) -> Process:
        """Wait for the first message, and for somebody to act on it; it may never come."""
        asked = {"QueueUrl": self.stage.values.fill(self.alert.alerted), "MaxNumberOfMessages": 1}
        while True:
            try:
                keys = self.stage.keys(self.alert.as_)
                reply = yield from self.stage.ask("sqs:ReceiveMessage", asked, keys)
            except Refused as refused:
                self.stage.journal.write("pager", "unread", code=refused.code)
                reply = {}
            if messages := reply.get("Messages"):
                break
            yield self.stage.timeline.pass_(self.alert.every)
        self.delivered, self.about = self.stage.timeline.elapsed, about(messages[0]["Body"])
        self.stage.journal.write("pager", "alerted", about=self.about)
        yield self.stage.timeline.pass_(self.alert.then)

    def silence(self) -> str:
        """Say why nobody began."""
        return "no alert came, so nobody began"


def about(body: str) -> str:
    """Say in a few words what a message tells: the call of an event, or the alarm and its state."""
    told = _opened(body)
    if isinstance(told.get("Message"), str):
        told = _opened(told["Message"]) or {"Subject": told.get("Subject") or told["Message"]}
    detail = told.get("detail")
    if isinstance(detail, Mapping):
        return str(detail.get("eventName") or detail.get("type") or told.get("detail-type") or "an event")
    if "AlarmName" in told:
        return f"{told['AlarmName']} is {told.get('NewStateValue')}"
    return str(told.get("Subject") or "a message")


def _opened(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return told if isinstance(told, Mapping) else {}

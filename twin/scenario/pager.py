"""The responder's pager: it rings when a message comes into a queue, and somebody acts a while after that."""

import json
from collections.abc import Mapping
from typing import Any

from twin.resources.call import Refused
from twin.scenario.on_call import Alert
from twin.scenario.people import drew, reaction
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process
from twin.world.behaviors.cloudwatch_unmeasured import unmeasured

NAMED = 6
"""How many alarms a reason names."""


class Pager:
    """Looks into a queue again and again; `delivered` is when the first message came, `about` what it tells."""

    def __init__(self, alert: Alert, stage: Stage) -> None:
        self.alert, self.stage = alert, stage
        self.delivered: float | None = None
        self.about = ""
        self.unread = ""
        """Why the queue could not be read at the last look."""
        self._read: float | None = None
        """When the queue was last read, in seconds since the start."""
        self._looked: int | None = None
        """How often the world had stirred when the queue was last found empty."""

    def rings(self) -> Process:
        """Wait for the first message, and for somebody to act on it; it may never come."""
        messages: list[Any] = []
        while not messages:
            if self._may_have_come():
                messages = yield from self._look()
            if not messages:
                yield self.stage.timeline.pass_(self.alert.every)
        self.delivered, self.about = self.stage.timeline.elapsed, about(messages[0]["Body"])
        self.stage.journal.write("pager", "alerted", about=self.about)
        who, scene = self.alert.who, self.stage.world.scene
        if self._away():
            self.stage.journal.write("pager", "unnoticed", why="nobody who reads it can be reached")
            yield self.stage.timeline.signal()  # which never comes
        if who is None:
            after = self.alert.then
        else:
            after = reaction(who, scene.chance("people.pager"), self.stage.timeline.now(), at=self._drew)
        yield self.stage.timeline.pass_(after)

    def _drew(self, hour: str) -> None:
        drew(self.stage, "notice", hour)
        drew(self.stage, "start", hour)

    def _may_have_come(self) -> bool:
        """Tell whether a look can find another thing than the last one.

        The administrator is let in at any hour; others' sessions end, and what is broken answers as it likes.
        """
        world = self.stage.world
        world.settle()
        always = self.alert.as_ is not None or world.faults.active() or "sqs" in world.gateway.store.elsewhere
        return bool(always) or self._looked != world.stirred

    def _look(self) -> Process:
        """Look into the queue, and return what was there and counts."""
        asked = {"QueueUrl": self.stage.values.fill(self.alert.alerted), "MaxNumberOfMessages": 10}
        try:
            reply = yield from self.stage.ask("sqs:ReceiveMessage", asked, self.stage.keys(self.alert.as_))
        except Refused as refused:
            self.unread = refused.code
            self.stage.journal.write("pager", "unread", code=refused.code)
            return []
        self.unread = ""
        self._read = self.stage.timeline.elapsed
        self._looked = self.stage.world.stirred
        return [one for one in reply.get("Messages") or [] if self._counts(one["Body"])]

    def _counts(self, body: str) -> bool:
        """Tell whether somebody begins for a message: not for good news, nor for what the stage itself did as root."""
        return self.alert.about in body and not well(body) and not self._about_stage(body)

    def _about_stage(self, body: str) -> bool:
        """Tell whether a message is GuardDuty's of the key with which the org was built and the setup is done."""
        told, world = told_by(body), self.stage.world
        if told.get("source") != "aws.guardduty":
            return False
        key = told.get("detail", {}).get("resource", {}).get("accessKeyDetails", {}).get("accessKeyId")
        return any(world.credentials(account).access_key_id == key for account in world.accounts)

    def silence(self) -> str:
        """Say why nobody began."""
        if self.delivered is not None and self._away():
            return "an alert came, and who reads the queue cannot be reached, so nobody began"
        if self.unread and self._read is None:
            return f"whoever reads the queue is refused ({self.unread}), so nobody saw whether an alert came"
        if self.unread:
            until = f"no alert came until {self._read:.0f} s, when whoever reads the queue was refused ({self.unread})"
            return f"{until}, so nobody began{self._blind()}"
        return f"no alert came, so nobody began{self._blind()}"

    def _blind(self) -> str:
        """Name the alarms that could not ring, whatever happened: nothing has ever told what they look at."""
        world = self.stage.world
        if "cloudwatch" in world.gateway.store.elsewhere:
            return ""
        found = [f"{name} ({what})" for name, what in unmeasured(world.scene, world.accounts[0], world.region).items()]
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        return f"; alarms that never had data: {', '.join(found[:NAMED])}{more}" if found else ""

    def _away(self) -> bool:
        return self.alert.who is not None and not self.alert.who.reachable


def told_by(body: str) -> Mapping[str, Any]:
    """Return what a message tells, out of SNS's envelope."""
    told = _opened(body)
    return _opened(told["Message"]) if isinstance(told.get("Message"), str) else told


def well(body: str) -> bool:
    """Tell whether a message is that of an alarm which is no longer one: nobody begins for good news."""
    told = told_by(body)
    return "AlarmName" in told and told.get("NewStateValue") == "OK"


def about(body: str) -> str:
    """Say in a few words what a message tells: the call of an event, or the alarm and its state."""
    told = _opened(body)
    subject = told.get("Subject")
    if isinstance(told.get("Message"), str):
        told = _opened(told["Message"]) or {"Subject": subject or told["Message"]}
    detail = told.get("detail")
    if isinstance(detail, Mapping):
        return str(detail.get("eventName") or detail.get("type") or told.get("detail-type") or "an event")
    if "AlarmName" in told:
        return f"{told['AlarmName']} is {told.get('NewStateValue')}"
    return str(told.get("Subject") or subject or "a message")


def _opened(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return told if isinstance(told, Mapping) else {}

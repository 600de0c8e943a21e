"""Whether an org is well: its alarms, its targets and its own checks, asked of the endpoints that a plan goes to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from twin.engine.target import Target
from twin.errors import GuardError, TargetError
from twin.resources.call import Call, Refused, aws
from twin.spec.model.waves import Health

Run = Callable[[str], int]
"""Runs a command and returns its exit code."""
MUTE = "INSUFFICIENT_DATA"
LEAVING = "draining"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that is not well; `passes` says that it may become well by itself."""

    text: str
    passes: bool


@dataclass
class Watch:
    """Looks whether an org is well, and waits for it; `run` is None where its commands cannot be run."""

    health: Health
    target: Target
    sleep: Callable[[float], None]
    run: Run | None
    regions: tuple[str, ...] = ("",)
    """The Regions that are asked, "" being the org's own."""
    heard: set[str] = field(default_factory=set)
    """Alarms that had data and groups that had targets; who never had any may stay without."""

    def begin(self) -> None:
        """Look before anything is sent; GuardError where something is not well already."""
        if ill := self._look(last=False):
            told = "\n".join(f"  - {one.text}" for one in ill)
            raise GuardError(f"refused, nothing was sent that writes; not all is well before the first wave:\n{told}")

    def after(self, *, last: bool) -> str | None:
        """Wait until all is well after a wave, and then as long as it must stay so; returns why it did not."""
        return self._arrive(last=last) or self._soak(last=last)

    def _look(self, *, last: bool) -> list[Complaint]:
        try:
            return list(self._complaints(last=last))
        except (Refused, TargetError) as error:
            return [Complaint(f"whether all is well cannot be asked: {error}", passes=True)]

    def _arrive(self, *, last: bool) -> str | None:
        left = self.health.within
        while found := self._look(last=last):
            lasting = [one.text for one in found if not one.passes]
            if lasting or left <= timedelta(0):
                return "; ".join(lasting or [f"{one.text}, after {self.health.within}" for one in found])
            left -= self._wait(left)
        return None

    def _soak(self, *, last: bool) -> str | None:
        left = self.health.soak or timedelta(0)
        while left > timedelta(0):
            left -= self._wait(left)
            if found := self._arrive(last=last):
                return found
        return None

    def _wait(self, longest: timedelta) -> timedelta:
        length = min(self.health.every, longest)
        self.sleep(length.total_seconds())
        return length

    def _complaints(self, *, last: bool) -> Iterator[Complaint]:
        yield from self._alarms(last=last)
        yield from self._targets(last=last)
        for command in self.health.commands if self.run else ():
            assert self.run is not None
            if code := self.run(command):
                yield Complaint(f"`{command}` ended with {code}", passes=True)

    def _alarms(self, *, last: bool) -> Iterator[Complaint]:
        if not self.health.alarms:
            return
        states: dict[str, Any] = {}
        for region in self.regions:
            both = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
            reply = self._ask(aws("cloudwatch", "DescribeAlarms", both, region=region or None, pages=True))
            for kind in ("MetricAlarms", "CompositeAlarms"):
                states |= {_placed(one["AlarmName"], region): one for one in reply.get(kind) or ()}
        for pattern in self.health.alarms:
            named = sorted(name for name in states if _named(name, pattern))
            if not named and last:
                yield Complaint(f"no alarm is called {pattern}, and so none watches", passes=False)
            for name in named:
                state = states[name]["StateValue"]
                if state == "OK":
                    self.heard.add(name)
                elif state != MUTE:
                    why = states[name].get("StateReason", "")
                    yield Complaint(f"the alarm {name} is in {state}: {why}".rstrip(": "), passes=False)
                elif name in self.heard:
                    yield Complaint(f"the alarm {name} has no data any more", passes=True)

    def _targets(self, *, last: bool) -> Iterator[Complaint]:
        if not self.health.targets:
            return
        groups: dict[str, str] = {}
        for region in self.regions:
            reply = self._ask(aws("elbv2", "DescribeTargetGroups", region=region or None, pages=True))
            for one in reply.get("TargetGroups") or ():
                groups[_placed(one["TargetGroupName"], region)] = one["TargetGroupArn"]
        for pattern in self.health.targets:
            named = sorted(name for name in groups if _named(name, pattern))
            if not named and last:
                yield Complaint(f"no target group is called {pattern}", passes=False)
            for name in named:
                yield from self._group(name, groups[name])

    def _group(self, name: str, arn: str) -> Iterator[Complaint]:
        region = name.partition("@")[2]
        reply = self._ask(aws("elbv2", "DescribeTargetHealth", {"TargetGroupArn": arn}, region=region or None))
        states = [one["TargetHealth"] for one in reply.get("TargetHealthDescriptions") or ()]
        counted = [one for one in states if one["State"] != LEAVING]
        if counted:
            self.heard.add(arn)
        elif arn in self.heard:
            yield Complaint(f"the target group {name} has no target any more", passes=True)
        ill = [one for one in counted if one["State"] != "healthy"]
        if ill:
            told = f"{len(ill)} of {len(counted)} targets of {name} are {ill[0]['State']}"
            yield Complaint(f"{told}: {ill[0].get('Reason', '')}".rstrip(": "), passes=True)

    def _ask(self, call: Call) -> dict[str, Any]:
        return dict(self.target.systems[call.system].execute(call))


def _placed(name: str, region: str) -> str:
    return f"{name}@{region}" if region else name


def _named(name: str, pattern: str) -> bool:
    """Tell whether a pattern means something, in whichever Region, or in the one that it says."""
    return fnmatchcase(name, pattern) or fnmatchcase(name.partition("@")[0], pattern)

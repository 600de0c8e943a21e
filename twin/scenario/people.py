"""People on call: how long they take to notice a page and to begin, by hour, by fatigue, from the seed.

What PagerDuty sends reaches them as `pagerduty.incident.notified`; they answer through its API as anybody would. Who
does not notice a page hears nothing of it until the incident escalates or comes round.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

from twin.data_files import read_yaml
from twin.scenario.on_call import Person
from twin.scenario.pagerduty_setup import ask, email_of
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process
from twin.world.scene import Happening

DAY = 86400
Took = Literal["notice", "start"]


@cache
def _data() -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_yaml((Path(__file__).parent / "data" / "people.yaml").read_text())
    return found


def hour_of(person: Person, now: datetime) -> str:
    """Say whether it is day, evening or night where somebody lives."""
    local = now.astimezone(ZoneInfo(person.time_zone)).hour
    for part in ("day", "evening"):
        span = _data()["hours"][part]
        if span["from"] <= local < span["to"]:
            return part
    return "night"


def slower(tired: int) -> float:
    """Return how many times as long somebody takes after so many pages in a day."""
    told = _data()["fatigue"]
    return min(1 + float(told["slower"]) * max(tired, 0), float(told["most"]))


def missed(hour: str, tired: int) -> float:
    """Return how likely somebody misses a page at an hour after so many in a day; some are noticed by everybody."""
    told = _data()["fatigue"]
    return min(float(_data()["notice"][hour]["missed"]) + tired * float(told["missed"]), float(told["most_missed"]))


def drew(stage: Stage, what: Took, hour: str) -> None:
    """Have a run's journal tell which of these figures it rests on."""
    told = _data()[what]
    stage.journal.drew(f"people.{what}.{hour}", told[hour]["seconds"], told)


def reaction(person: Person, chance: Random, now: datetime, *, at: Callable[[str], None] = lambda hour: None) -> float:
    """Draw how long somebody who reads a queue needs from a message to the first step; `at` is told the hour.

    A message that is missed is told again after a while; whom it comes to tells by the hour of that while.
    """
    tired, passed, again = person.pages_before, 0.0, float(_data()["again"]["seconds"])
    while True:
        hour = hour_of(person, now + timedelta(seconds=passed))
        notice = _data()["notice"][hour]
        if chance.random() >= missed(hour, tired):
            break
        passed, tired = passed + again, tired + 1
    at(hour)
    seconds = chance.uniform(*notice["seconds"]) + chance.uniform(*_data()["start"][hour]["seconds"])
    return round(passed + seconds * slower(tired), 3)


class People:
    """Those who are on call; `taken` happens with the first incident that one of them acknowledges.

    `incident` is the first that was triggered at the service they are paged for, `triggered` when it was.
    """

    def __init__(
        self, people: Mapping[str, Person], stage: Stage, service: str, *, emails: Mapping[str, str] | None = None
    ) -> None:
        self.people, self.stage, self.service = people, stage, service
        self.taken = stage.timeline.signal()
        self.triggered: float | None = None
        self.acknowledged: float | None = None
        self.by = ""
        self.title = ""
        self.counts: Counter[str] = Counter()
        self.dropped: set[str] = set()
        self._emails = emails if emails is not None else {name: email_of(name) for name in people}
        self._names = {email: name for name, email in self._emails.items()}
        self._pages: dict[str, list[float]] = {name: [] for name in people}
        stage.world.scene.listeners.append(self._hear)

    def _hear(self, happening: Happening) -> None:
        facts, kind = happening.facts, happening.kind
        if not kind.startswith("pagerduty.") or facts.get("service") != self.service:
            return
        if kind == "pagerduty.incident.triggered" and self.triggered is None:
            self.triggered, self.title = self.stage.timeline.elapsed, str(facts["title"])
        elif kind == "pagerduty.incident.notified":
            self.counts["notified"] += 1
            self.stage.timeline.spawn(self._answer(self._names[facts["email"]], facts))
        elif kind in ("pagerduty.incident.escalated", "pagerduty.event.dropped"):
            self.counts[kind.rpartition(".")[2]] += 1
            if "reason" in facts:
                self.dropped.add(str(facts["reason"]))

    def _answer(self, name: str, facts: Mapping[str, Any]) -> Process:
        """Notice a page or sleep through it; take the incident if nobody else has."""
        hour = self.hour(name)
        tired = self._tired(name)
        self._pages[name].append(self.stage.timeline.elapsed)
        chance = self.stage.world.scene.chance(f"people.{name}")
        notice = _data()["notice"][hour]
        after, luck = chance.uniform(*notice["seconds"]) * slower(tired), chance.random()
        drew(self.stage, "notice", hour)
        away = facts["urgency"] == "low" and hour != "day"
        if away or luck < missed(hour, tired):
            self.counts["missed"] += 1
            self.stage.journal.write(name, "missed the page", hour=hour)
            return
        yield self.stage.timeline.pass_(round(after, 3))
        incident = ask(self.stage.world, "GET", f"/incidents/{facts['incident']}")["incident"]
        if incident["status"] != "triggered":
            self.stage.journal.write(name, "found nothing to take", status=incident["status"])
            return
        change = {"incident": {"type": "incident_reference", "status": "acknowledged"}}
        ask(self.stage.world, "PUT", f"/incidents/{facts['incident']}", change, by=self._emails[name])
        self.stage.journal.write(name, "acknowledged", hour=hour, after=round(after, 3))
        if not self.taken.triggered:
            self.acknowledged, self.by = self.stage.timeline.elapsed, name
            self.taken.succeed(name)

    def begins_after(self, name: str) -> float:
        """Draw how long somebody who took an incident needs until the first step."""
        hour = self.hour(name)
        least, most = _data()["start"][hour]["seconds"]
        drew(self.stage, "start", hour)
        drawn = self.stage.world.scene.chance(f"people.{name}").uniform(least, most)
        return float(round(drawn * slower(self._tired(name) - 1), 3))

    def hour(self, name: str) -> str:
        """Say whether it is day, evening or night where somebody lives."""
        return hour_of(self.people[name], self.stage.timeline.now())

    def _tired(self, name: str) -> int:
        """Count the pages of the last day."""
        since = self.stage.timeline.elapsed - DAY
        return self.people[name].pages_before + sum(at > since for at in self._pages[name])

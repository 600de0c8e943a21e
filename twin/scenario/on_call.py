"""Who is on call in a scenario, and what tells them: a queue that somebody reads, or the services of PagerDuty."""

import re
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator

from twin.scenario.step import Part, Period, Seconds
from twin.spec.suggest import suggestion

SPAN = re.compile(r"\d\d:\d\d-\d\d:\d\d")


class Person(Part):
    """Somebody who can be paged."""

    time_zone: str = "UTC"
    """Where the person lives, which says when it is night."""
    pages_before: int = Field(default=0, ge=0)
    """How often the person was paged in the day before; who is tired notices later."""
    reachable: bool = True
    """Whether there is any way to reach the person: a method of contact in PagerDuty, an eye on the queue."""

    @field_validator("time_zone")
    @classmethod
    def on_earth(cls, zone: str) -> str:
        """Refuse a time zone that nobody lives in."""
        if zone not in (known := available_timezones()):
            raise ValueError(f"there is no time zone {zone}; {suggestion(zone, known) or ''}")
        return zone


class Level(Part):
    """A level of escalation."""

    people: list[str] = Field(min_length=1)
    """Who takes turns on it."""
    turn: Period = 604800.0
    """How long each turn is."""
    after: Seconds = 300.0
    """How long the level has before the next one is notified; whole minutes."""
    hours: str | None = None
    """When the level is on call, in UTC (`22:00-06:00`); always without it."""

    @model_validator(mode="after")
    def whole_minutes(self) -> "Level":
        """PagerDuty counts delays in minutes, and days in hours and minutes."""
        if self.after < 60 or self.after % 60:
            raise ValueError("`after` is a whole number of minutes, at least one")
        if self.hours is not None:
            begin, length = self.restriction() if SPAN.fullmatch(self.hours) else (-1, 0)
            if not (0 <= begin < 86400 and 0 < length <= 86400):
                raise ValueError("`hours` is like 22:00-06:00")
        return self

    def restriction(self) -> tuple[int, int]:
        """Return when the level's day begins and how long it is, in seconds; ValueError for what is no span."""
        begin, _, end = (self.hours or "00:00-24:00").partition("-")
        first, last = (int(one[:2]) * 3600 + int(one[3:]) * 60 for one in (begin, end))
        return first, (last - first) % 86400 or 86400


class PagedService(Part):
    """A service of PagerDuty with a CloudWatch integration; `${pagerduty.NAME.url}` is what SNS is subscribed to."""

    levels: list[Level] = Field(min_length=1)
    """Who is notified, level by level."""
    loops: int = Field(default=0, ge=0, le=9)
    """How often the levels are gone through again."""
    status: Literal["active", "disabled"] = "active"
    """Whether it takes events at all."""
    maintenance: Seconds | None = None
    """For how long from the beginning it is maintained, and triggers nothing."""
    urgency: Literal["high", "low"] = "high"
    """How urgent its incidents are."""


class OnCall(Part):
    """The PagerDuty account of a scenario."""

    people: dict[str, Person] = Field(min_length=1)
    """People by name."""
    services: dict[str, PagedService] = Field(min_length=1)
    """Services by name."""

    @model_validator(mode="after")
    def known(self) -> "OnCall":
        """Every level names people that there are."""
        for name, service in self.services.items():
            for person in (one for level in service.levels for one in level.people):
                if person not in self.people:
                    raise ValueError(f"services.{name}: there is nobody called {person}")
        return self


class Alert(Part):
    """A message that tells the responder to begin: whatever first comes into a queue."""

    alerted: str
    """The URL of the SQS queue that the people on call read."""
    as_: str | None = Field(default=None, alias="as")
    """The name of the credentials with which it is read."""
    every: Period = 15.0
    """How often it is looked at."""
    about: str = ""
    """A text that stands in the messages that count; nobody begins for others."""
    then: Seconds = 0.0
    """How long it takes from the message until somebody acts."""
    who: Person | None = None
    """Who reads it; how long that takes follows from the hour and the fatigue then, and from the seed."""
    unprovoked: bool = False
    """Whether it may come without an attacker: of a bill, say."""

    @model_validator(mode="after")
    def one_delay(self) -> "Alert":
        """Either the time is told, or somebody takes it."""
        if self.who is not None and self.then:
            raise ValueError("`then` is how long it takes, `who` is somebody who takes as long as people do")
        return self


class Page(Part):
    """A page that tells the responder to begin: the first incident of a service that somebody acknowledges."""

    paged: str
    """The service of `on_call`, of the scenario or else of the org's spec."""

"""Who is on call: people, their turns, how a page escalates, and which severities page which service."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from twin.spec.model.reference import Key, OnCallPerson, OnCallSchedule, PagedService, PagingPolicy
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Email, Name, Text, pattern

MINUTE = timedelta(minutes=1)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
HOURS = rf"{CLOCK}-{CLOCK}"
INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
Hours = Annotated[str, pattern("TW0213", HOURS, "a span of a day", "09:00-17:00")]
Instant = Annotated[str, pattern("TW0213", INSTANT, "an instant", "2026-01-05T09:00:00Z")]


class Responder(Section):
    """Somebody who can be called; a person of the workforce of the same name gives what is left out."""

    name: Text | None = None
    """The full name."""
    email: Email | None = None
    """The address by which PagerDuty knows the person."""
    time_zone: Text = "UTC"
    """Where the person lives, such as Europe/Berlin."""
    title: Text | None = None
    """The job title."""


class Team(Section):
    """People who answer for something together."""

    people: tuple[OnCallPerson, ...] = Field(min_length=1)
    """Who is in it."""
    description: Text = "On call"
    """What it answers for."""


class Rotation(Section):
    """People who take turns; a later rotation of a schedule stands in front of the earlier ones."""

    people: tuple[OnCallPerson, ...] = Field(min_length=1)
    """Who takes turns, in this order."""
    turn: Duration = timedelta(days=7)
    """How long each turn is."""
    start: Instant = "2025-01-06T09:00:00Z"
    """When the first turn begins, in UTC; a Monday morning by default."""
    hours: Hours | None = None
    """The hours of each day, in the schedule's time zone; all of them when absent."""

    def problems(self) -> Iterator[Problem]:
        """Refuse turns that PagerDuty does not have."""
        if self.turn > YEAR:
            yield Problem("TW0201", ("turn",), "a turn is 365 days at most")

    def span(self) -> tuple[str, int] | None:
        """Return when the hours of a day begin, and their seconds."""
        if self.hours is None:
            return None
        begin, _, end = self.hours.partition("-")
        first, last = (int(one[:2]) * 3600 + int(one[3:]) * 60 for one in (begin, end))
        return f"{begin}:00", (last - first) % 86400 or 86400


class Schedule(Section):
    """Who is on call when."""

    time_zone: Text = "UTC"
    """The time zone of its hours and turns."""
    rotations: tuple[Rotation, ...] = Field(min_length=1)
    """Who takes turns."""


class Level(Section):
    """Who is called at one level of an escalation."""

    schedules: tuple[OnCallSchedule, ...] = ()
    """Schedules: whoever is on call by them."""
    people: tuple[OnCallPerson, ...] = ()
    """People who are called at any hour."""
    after: Duration = timedelta(minutes=30)
    """How long they have until the next level is called; whole minutes."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a level that calls nobody, and delays that PagerDuty cannot count."""
        if not self.schedules and not self.people:
            yield Problem("TW0306", (), "this level calls nobody", "name `schedules:` or `people:`")
        if self.after % MINUTE:
            yield Problem("TW0201", ("after",), "an escalation waits for whole minutes", "write one like 10m")


class EscalationPolicy(Section):
    """Whom a page calls, level by level, until somebody takes it."""

    levels: tuple[Level, ...] = Field(min_length=1, max_length=20)
    """The levels."""
    loops: int = Field(default=0, ge=0, le=9)
    """How often all levels are called again."""


class Service(Section):
    """Something that people are paged for."""

    policy: PagingPolicy
    """How its pages escalate."""
    urgency: Literal["high", "low", "severity_based"] = "high"
    """How urgent its pages are: those of low urgency wake nobody."""
    acknowledgement_timeout: Duration | None = None
    """How long a page that somebody took may stay open until it calls again."""
    auto_resolve_timeout: Duration | None = None
    """How long a page stays open until it ends by itself."""
    disabled: bool = False
    """Whether it pages nobody for now."""


class Severity(Section):
    """What pages with this severity, and whom."""

    service: PagedService
    """The service that is paged."""
    key: Key | None = None
    """The key that encrypts its topics."""


class OnCall(Section):
    """Who is on call."""

    people: dict[Name, Responder] = Field(min_length=1)
    """People by name."""
    teams: dict[Name, Team] = Field(default_factory=dict)
    """Teams by name."""
    schedules: dict[Name, Schedule] = Field(default_factory=dict)
    """Schedules by name."""
    policies: dict[Name, EscalationPolicy] = Field(min_length=1)
    """Escalation policies by name."""
    services: dict[Name, Service] = Field(min_length=1)
    """Services by name."""
    severities: dict[Name, Severity] = Field(default_factory=dict)
    """What `page:` of alarms, events, budgets and monitors may say, such as critical and warning."""

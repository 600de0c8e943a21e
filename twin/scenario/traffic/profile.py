"""What customers do: how many requests a second through the day, of which kinds, and how patient they are."""

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twin.analysis.way.kind import Kind, Need, Thing
from twin.scenario.step import Period, Seconds

# Relative demand at each hour of a day, UTC: quiet at night, a plateau from nine to twenty (assumed).
DAY = (3, 2, 2, 2, 2, 3, 5, 8, 10, 11, 11, 11, 12, 12, 11, 11, 11, 11, 12, 12, 11, 9, 6, 4)
THINGS: tuple[Thing, ...] = ("database", "outside", "secret", "bucket", "workload")
Share = Annotated[float, Field(ge=0, le=1)]


class Form(BaseModel):
    """A part of what the actor is told; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Spike(Form):
    """More demand for a while."""

    at: Seconds
    for_: Seconds = Field(alias="for")
    times: float = Field(gt=0)


class RequestKind(Form):
    """A kind of request."""

    share: float = Field(gt=0)
    """Its share of all requests, beside the other kinds' shares."""
    host: str | None = None
    path: str = "/"
    port: int = 443
    cached: Share = 0.0
    """The share that an edge in front answers by itself."""
    needs: tuple[str, ...] = ()
    """What a server uses for the answer: `database:NAME`, `outside:NAME[:PORT]`, `secret:`, `bucket:`, `workload:`."""
    writes: tuple[str, ...] = ()
    """The same, of what it writes to."""

    @model_validator(mode="after")
    def known_things(self) -> "RequestKind":
        """Refuse things that no request can need, and writes to what keeps nothing."""
        for text in (*self.needs, *self.writes):
            if text.partition(":")[0] not in THINGS or not text.partition(":")[2]:
                raise ValueError(f"{text!r} is no need; write {', '.join(f'{thing}:NAME' for thing in THINGS)}")
        for text in self.writes:
            if text.partition(":")[0] not in ("database", "bucket"):
                raise ValueError(f"{text!r} keeps nothing; writes go to database:NAME or bucket:NAME")
        return self


class Profile(Form):
    """What the actor is told."""

    host: str
    """The name that customers go to."""
    rate: float = Field(50.0, gt=0)
    """Requests per second at noon."""
    day: tuple[float, ...] = DAY
    """Relative demand at each hour of the day, UTC; the rate is what the hour of noon has."""
    spikes: tuple[Spike, ...] = ()
    tick: Period = 1.0
    """How far the clock moves between two looks."""
    tries: int = Field(3, ge=1, le=10)
    """How often one request is tried; the customer sees the last answer."""
    capacity: float | None = Field(None, gt=0)
    """Requests a second that one server answers; without it, any."""
    pod_capacity: float | None = Field(None, gt=0)
    """Requests a second that one pod answers; without it, any."""
    pool: int | None = Field(None, ge=1)
    """Connections that each server keeps open to a database that it needs; without it nobody is told how many."""
    server_cache: Seconds = 10.0
    """How long servers' pools keep connections to where a name led before."""
    tolerance: Share = 0.01
    """The share of bad requests above which a second is a bad one."""
    grace: Seconds = 180.0
    """How long after a fault's beginning requests may be lost; `settled_availability` leaves that time out."""
    instead: dict[str, dict[str, str]] = Field(default_factory=dict)
    """By another Region, the names that servers there have for what they need: a bucket's copy, say."""
    requests: dict[str, RequestKind] = Field(min_length=1)

    @model_validator(mode="after")
    def whole_day(self) -> "Profile":
        """A day has 24 hours, and some demand at noon."""
        if len(self.day) != 24 or min(self.day) < 0 or not self.day[12]:
            raise ValueError("day has 24 numbers, none negative, and one above zero at noon")
        return self

    def kinds(self) -> dict[str, Kind]:
        """Return the kinds of requests as ways know them."""
        return {name: self._kind(name, one) for name, one in self.requests.items()}

    def _kind(self, name: str, one: RequestKind) -> Kind:
        names = dict.fromkeys((*one.needs, *one.writes))
        needs = [replace(_need(text, writes=text in one.writes), instead=self._instead(text)) for text in names]
        return Kind(name, one.host or self.host, one.path, one.port, cached=one.cached, needs=tuple(needs))

    def _instead(self, text: str) -> tuple[tuple[str, str], ...]:
        name = text.partition(":")[2]
        return tuple((region, other[name]) for region, other in self.instead.items() if name in other)


def _need(text: str, *, writes: bool) -> Need:
    thing, _, name = text.partition(":")
    found = next(one for one in THINGS if one == thing)
    if found != "outside":
        return Need(found, name, writes=writes)
    host, _, port = name.partition(":")
    return Need(found, host, int(port or 443))

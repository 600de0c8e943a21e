"""What an environment demands before a plan goes to its real accounts."""

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from twin.spec.model.form import Form, refusal
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Name, Text, usd
from twin.spec.model.waves import Waves

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKDAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
KEY_BYTES = 32
SHA256 = "sha256:"
MIDNIGHT = "24:00"


def public_key(text: str) -> str:
    """Read the base64 of an Ed25519 public key, as `twin key` prints it."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise refusal("TW0214", f"`{text}` is not a public key", "write what `twin key` prints on its owner's machine")
    return base64.b64encode(raw).decode()  # one key has several spellings, and they are compared


def clock_time(text: str) -> time:
    """Read `09:30`; 24:00 is the end of the day."""
    if text == MIDNIGHT:
        return time.max
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a window has its zone beside it
    except ValueError:
        raise refusal("TW0214", f"`{text}` is not a time of day", 'write it in quotes: "09:30"') from None


def digest(text: str) -> str:
    """Read `sha256:` and 64 hexadecimal digits."""
    if re.fullmatch(SHA256 + "[0-9a-f]{64}", text) is None:
        raise refusal("TW0214", f"`{text}` is not a digest", f"write {SHA256} and 64 digits, as `twin verify` tells")
    return text


Digest = Annotated[str, Form(digest, {"pattern": f"^{SHA256}[0-9a-f]{{64}}$"})]
PublicKey = Annotated[str, Form(public_key, {"contentEncoding": "base64"})]
ClockTime = Annotated[time, Form(clock_time, {"pattern": "^[0-2][0-9]:[0-5][0-9]$"})]


def increase(value: Any) -> Decimal:
    """Read an amount of US dollars, or 0."""
    return Decimal(0) if value == 0 and not isinstance(value, bool) else usd(value)


Increase = Annotated[Decimal, PlainValidator(increase), WithJsonSchema({"type": "number", "minimum": 0})]


class Window(Section):
    """A stretch of each week in which a plan may be carried out."""

    days: tuple[Day, ...] = Field(default=WORKDAYS, min_length=1)
    """The days on which it opens."""
    start: ClockTime
    """When it opens, as clocks in its zone show it."""
    end: ClockTime
    """When it closes; a wave that has begun is finished, and so is a plan without waves."""
    zone: Text = "UTC"
    """The time zone, such as Europe/Berlin."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a window that never opens, or of a zone that nobody knows."""
        if self.start >= self.end:
            message = f"the window opens at {self.start:%H:%M} and closes at {self.end:%H:%M}"
            yield Problem(
                "TW0214", ("end",), message, 'a window over midnight is two, of which the first ends at "24:00"'
            )
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield Problem("TW0214", ("zone",), f"`{self.zone}` is no time zone", "write one like Europe/Berlin or UTC")


class Demanded(Section):
    """A scenario that must have passed."""

    id: Text
    """Its id: one that ships with twin, or one of the folder `scenarios` beside the spec."""
    digest: Digest | None = None
    """The file that is meant; without it the one that ships with twin under this id, or any where none does."""


def demanded(value: Any) -> Any:
    """Read an id alone as a demand."""
    return value if isinstance(value, Mapping | Demanded) else {"id": value}


class Promotion(Section):
    """What must be shown before a plan goes to the real accounts."""

    scenarios: tuple[Annotated[Demanded, BeforeValidator(demanded, json_schema_input_type=Demanded | Text)], ...] = ()
    """Scenarios that must have passed on this very spec, by their ids; with a digest, this file of that id."""
    rehearsal: Literal["demanded", "waived"] = "demanded"
    """Whether a plan of which neither a scenario nor a way back is demanded must have been carried out on a twin."""
    fresh: Duration = timedelta(days=7)
    """How old a rehearsal or an approval may be."""
    signers: dict[Name, PublicKey] = Field(default_factory=dict)
    """Whose rehearsals count, by their public keys; without any, those of the machine that applies."""
    approvals: int = Field(default=0, ge=0, le=9)
    """How many people must approve a plan, none of them the one who rehearsed it."""
    approvers: dict[Name, PublicKey] = Field(default_factory=dict)
    """Who may approve, by their public keys."""
    windows: tuple[Window, ...] = ()
    """When it may be carried out; without any, always."""
    waves: Waves | None = None
    """In which parts it is carried out, and what must be healthy in between; without it, as a whole."""
    max_monthly_increase: Increase | None = None
    """By how many US dollars a plan may raise the cost of a whole month; a rehearsal measures it."""
    break_glass: bool = False
    """Whether `--break-glass REASON` may pass over rehearsals, approvals and windows."""

    def problems(self) -> Iterator[Problem]:
        """Refuse what nobody can fulfil, two people with one key, and two scenarios with one id."""
        meant: dict[str, Demanded] = {}
        for number, scenario in enumerate(self.scenarios):
            if meant.setdefault(scenario.id, scenario) != scenario:
                message = f"`{scenario.id}` means two scenarios: it is demanded with another digest before"
                yield Problem(
                    "TW0214", ("scenarios", number), message, "demand one of them, or give the other its own id"
                )
        if self.approvals > len(self.approvers):
            message = f"`approvals: {self.approvals}`, but `approvers` names {len(self.approvers) or 'nobody'}"
            yield Problem("TW0214", ("approvals",), message, "name more approvers with their public keys")
        for name, key in self.approvers.items():
            first = next(other for other, same in self.approvers.items() if same == key)
            if first != name:
                yield Problem("TW0214", ("approvers", name), f"`{name}` has the key of `{first}`")

    @property
    def demands(self) -> bool:
        """Whether anything is asked at all."""
        return bool(self.scenarios or self.approvals or self.windows)

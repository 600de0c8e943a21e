"""How a vendor's server calls out: a delivery is plain data on the agenda, made when it is due and told how it went.

Each vendor has its own rules (what it signs, when it tries again, whom it gives up) behind the same two questions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twin.world.agenda import Agenda
from twin.world.outbox import Answer, Post
from twin.world.saas.accounts import Vendor

SEND = "webhook.send"
Record = dict[str, Any]
Ask = Callable[[Post], Answer]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A call that is due: what is sent, for which hook, and what it tells of."""

    post: Post
    hook: str
    event: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A vendor's two answers: what a delivery sends (None for one whose hook is gone), and what its outcome means.

    `again` returns the seconds after which it is sent once more, None when that was the last time.
    """

    due: Callable[[Any, str], Delivery | None]
    again: Callable[[Any, str, int, Answer], float | None]


CALLERS: dict[Vendor, Caller] = {}


def schedule(agenda: Agenda, vendor: Vendor, key: str, seconds: float, *, attempt: int = 0) -> None:
    """Put a delivery on the agenda."""
    agenda.after(seconds, SEND, vendor=vendor, delivery=key, attempt=attempt)


def nobody(_post: Post) -> Answer:
    """Answer for everybody where a server stands alone."""
    return Answer(0, reason="unreachable")


def headers(answer: Answer) -> Mapping[str, str]:
    """Return the headers of an answer by their names in lower case."""
    return {name.lower(): value for name, value in answer.headers.items()}

"""How a vendor's server calls out: a delivery is plain data on the agenda, made when it is due and told how it went.

Each vendor has its own rules (what it signs, when it tries again, whom it gives up) behind the same two questions.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from twin.world.agenda import Agenda
from twin.world.outbox import Answer, Post
from twin.world.saas.accounts import Vendor

SEND = "webhook.send"
# The name of a header: RFC 9110, section 5.6.2.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
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


def address(url: Any) -> SplitResult | None:
    """Return the parts of an address that can be called; None for what is none."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if named and parts.scheme in ("http", "https") and url.isprintable() and " " not in url else None


def sendable(name: Any, value: Any) -> bool:
    """Tell whether a header of somebody's choice can go into a request."""
    if not isinstance(name, str) or not isinstance(value, str):
        return False
    return bool(TOKEN.fullmatch(name)) and value.isprintable() and value.isascii()


def nobody(_post: Post) -> Answer:
    """Answer for everybody where a server stands alone."""
    return Answer(0, reason="unreachable")

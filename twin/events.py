"""What happens while a plan is carried out, as a stream that views, journals and tests listen to."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """A change begins; `action` is create, update or delete (a replacement is a delete and a create)."""

    address: str
    action: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change waits for what it made, or for what it needs, to be ready; it has done so for some seconds."""

    address: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A change is done; `id` is the vendor's id."""

    address: str
    action: str
    id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A change failed; `code` is the vendor's error code."""

    address: str
    action: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A change was not tried because one that it needs failed."""

    address: str
    action: str
    because: str


Event = Started | Waiting | Finished | Failed | Skipped
Listener = Callable[[Event], None]


def ignore(_: Event) -> None:
    """Listen to nothing."""

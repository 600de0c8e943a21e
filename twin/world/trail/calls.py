"""The record of every AWS call that reached the world, accepted or refused."""

from collections import deque
from datetime import datetime
from typing import NamedTuple

from twin.world.principals import Principal

KEPT = 100_000


class Recorded(NamedTuple):
    """One call as it ended; `error` is the AWS code of a refusal made by the gateway."""

    time: datetime
    principal: Principal | None
    account: str
    region: str
    service: str
    operation: str
    status: int
    error: str | None
    request_id: str


class Trail:
    """The last calls, oldest first, and the count of all."""

    def __init__(self, kept: int = KEPT) -> None:
        self.recorded: deque[Recorded] = deque(maxlen=kept)
        self.calls = 0

    def add(self, entry: Recorded) -> None:
        """Append one call; the oldest falls out when the trail is full."""
        self.recorded.append(entry)
        self.calls += 1

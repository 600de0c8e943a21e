"""How fast calls go to each service: at full speed until the vendor throttles, then as fast as it lets them."""

from collections import defaultdict
from collections.abc import Callable
from threading import Lock

from twin.resources.call import Call

Who = tuple[str, str, str | None]
FIRST, WIDEST = 0.1, 10.0
"""Seconds between two calls after the first refusal, and at most."""
WIDER, CLOSER = 2.0, 0.97
"""A refusal widens the distance by the one, a call that passes narrows it by the other."""
NONE = 0.02
"""Below this many seconds there is no distance any more."""


class Pace:
    """A bucket for each service and Region of the account: its rate falls with each refusal, and rises with success."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._now, self._sleep = now, sleep
        self._distance: dict[Who, float] = defaultdict(float)
        self._next: dict[Who, float] = defaultdict(float)
        self._lock = Lock()

    def wait(self, call: Call) -> None:
        """Wait for this call's turn; whoever asks next is given the turn after it."""
        who = _who(call)
        with self._lock:
            now = self._now()
            turn = max(now, self._next[who])
            self._next[who] = turn + self._distance[who]
        if turn > now:
            self._sleep(turn - now)

    def throttled(self, call: Call) -> None:
        """Go slower there from now on."""
        who = _who(call)
        with self._lock:
            self._distance[who] = min(WIDEST, max(FIRST, self._distance[who] * WIDER))

    def passed(self, call: Call) -> None:
        """Try a little faster."""
        who = _who(call)
        with self._lock:
            closer = self._distance[who] * CLOSER
            self._distance[who] = closer if closer >= NONE else 0.0


def _who(call: Call) -> Who:
    """Return whose calls share a limit: AWS counts by service and Region, the others by token."""
    return (call.system, call.service if call.system == "aws" else "", call.region)

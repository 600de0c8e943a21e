"""A token bucket that learns a vendor's rate: cut by a throttled call, raised a little by others.

AWS's own client has such a bucket per service for reads (its retry mode `adaptive`); the vendors that speak JSON over
HTTP share one per account, and an applier has one for each service and Region.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock

WINDOW = 5.0
"""Seconds over which the rate of calls is measured."""
LEAST, MOST = 0.5, 100.0
"""Calls a second: never slower, and from there on not held back any more."""
CUT, RAISE = 0.7, 0.5


class Bucket:
    """Holds calls back, once the vendor has said that they are too many; until then nothing waits."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.now, self.sleep = now, sleep
        self.rate: float | None = None
        self._free = 0.0
        self._cut = float("-inf")
        self._sent: deque[float] = deque()
        self._lock = Lock()

    def take(self) -> None:
        """Wait for a token."""
        with self._lock:
            now = self.now()
            start = now if self.rate is None else max(now, self._free)
            if self.rate is not None:
                self._free = start + 1 / self.rate
            self._sent.append(start)
            while self._sent[0] < now - WINDOW:
                self._sent.popleft()
        if start > now:
            self.sleep(start - now)

    def throttled(self) -> None:
        """Slow down; the calls that were under way together count once."""
        with self._lock:
            now = self.now()
            if now - self._cut < 1.0:
                return
            self._cut = now
            since = now - self._sent[0] if self._sent else WINDOW
            measured = len(self._sent) / max(since, 1.0)
            self.rate = max(LEAST, CUT * min(self.rate or measured, measured))
            self._free = now + 1 / self.rate

    def passed(self) -> None:
        """Speed up a little: by half a call a second in each second."""
        with self._lock:
            if self.rate is not None:
                self.rate += RAISE / self.rate
                self.rate = self.rate if self.rate < MOST else None

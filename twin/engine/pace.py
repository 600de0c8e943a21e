"""How fast calls go to each service: at full speed until the vendor throttles, then as fast as it lets them."""

from collections.abc import Callable

from twin.resources.call import Call
from twin.resources.pacing import Bucket

Who = tuple[str, str, str | None]


class Pace:
    """A bucket for each service and Region of the account."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._now, self._sleep = now, sleep
        self._buckets: dict[Who, Bucket] = {}

    def of(self, call: Call) -> Bucket:
        """Return the bucket of those whose calls share a limit: AWS counts by service and Region, others by token."""
        who = (call.system, call.service if call.system == "aws" else "", call.region)
        return self._buckets.setdefault(who, Bucket(self._now, self._sleep))

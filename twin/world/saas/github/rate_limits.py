"""GitHub's primary rate limit: so many requests of a caller in an hour, told in headers.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from dataclasses import dataclass, field
from datetime import datetime

from twin.world.saas.github.figures import figure

HOUR = 3600


@dataclass(slots=True)
class Hours:
    """What each caller spent in its hour; with `enforced` off the limit is told and never refuses."""

    enforced: bool = False
    spent: dict[str, tuple[float, int]] = field(default_factory=dict)

    def spend(self, caller: str, limit: str, now: datetime) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it is within the limit, and the headers that tell it."""
        most, moment = figure(limit), now.timestamp()
        began, count = self.spent.get(caller, (moment, 0))
        if moment - began >= HOUR:
            began, count = moment, 0
        count += 1
        self.spent[caller] = (began, count)
        headers = {
            "x-ratelimit-limit": str(most),
            "x-ratelimit-remaining": str(max(most - count, 0)),
            "x-ratelimit-used": str(min(count, most)),
            "x-ratelimit-reset": str(int(began + HOUR)),
            "x-ratelimit-resource": "core",
        }
        return count <= most or not self.enforced, headers

    def refund(self, caller: str) -> None:
        """Take back one request of a caller, which cost nothing as it turned out."""
        began, count = self.spent[caller]
        self.spent[caller] = (began, count - 1)

    def told(self, caller: str, limit: str, now: datetime) -> dict[str, int]:
        """Return what is left to a caller, which costs nothing."""
        most, moment = figure(limit), now.timestamp()
        began, count = self.spent.get(caller, (moment, 0))
        if moment - began >= HOUR:
            began, count = moment, 0
        return {"limit": most, "remaining": max(most - count, 0), "reset": int(began + HOUR), "used": count}

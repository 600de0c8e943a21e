"""PagerDuty's rate limits: requests of a token, and events of an integration, in each minute.

https://support.pagerduty.com/main/docs/rest-api-rate-limits
"""

from dataclasses import dataclass, field
from datetime import datetime

from twin.world.saas.pagerduty.figures import figure

MINUTE = 60


@dataclass(slots=True)
class Windows:
    """What each caller spent in its minute; with `enforced` off the limit is told and never refuses."""

    enforced: bool = False
    spent: dict[str, tuple[float, int]] = field(default_factory=dict)

    def spend(self, caller: str, limit: str, now: datetime) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it is within the limit, and the headers that tell it."""
        most, moment = figure(limit), now.timestamp()
        began, count = self.spent.get(caller, (moment, 0))
        if moment - began >= MINUTE:
            began, count = moment, 0
        count += 1
        self.spent[caller] = (began, count)
        headers = {
            "ratelimit-limit": str(most),
            "ratelimit-remaining": str(max(most - count, 0)),
            "ratelimit-reset": str(int(began + MINUTE - moment)),
        }
        return count <= most or not self.enforced, headers

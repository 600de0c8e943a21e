"""What Datadog tells of its rate limits in headers: requests of an organization, by the kind of endpoint, in a period.

https://docs.datadoghq.com/api/latest/rate-limits/: periods are aligned to the calendar; points and logs have no limit.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIMITS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "rate_limits.json").read_text())
"""By name: the operations that share it, how many requests, in how many seconds."""


@dataclass(slots=True)
class Windows:
    """What was spent in the current period of each limit; it refuses only with `enforced`."""

    enforced: bool = False
    spent: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spend(self, operation: str, now: int) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it is within its limit, and the headers that tell it."""
        name = next((name for name, one in LIMITS.items() if operation.startswith(tuple(one["operations"]))), None)
        if name is None:
            return True, {}
        most, period = LIMITS[name]["value"], LIMITS[name]["period_seconds"]
        began, count = self.spent.get(name, (0, 0))
        if now // period != began:
            began, count = now // period, 0
        count += 1
        self.spent[name] = (began, count)
        told = {"Limit": most, "Period": period, "Remaining": max(most - count, 0), "Reset": period - now % period}
        headers = {f"X-RateLimit-{key}": str(value) for key, value in told.items()} | {"X-RateLimit-Name": name}
        return count <= most or not self.enforced, headers

"""Auth0's rate limit: a bucket that fills again at a steady rate.

https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FIGURES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "figures.json").read_text())
BURST, RATE = int(FIGURES["management_burst"]["value"]), float(FIGURES["management_rate"]["value"])


@dataclass(slots=True)
class Bucket:
    """What is left of a tenant's bucket; with `enforced` off it is told and never runs dry."""

    enforced: bool = False
    left: float = BURST
    filled: float = 0.0

    def spend(self, now: datetime) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it is within the limit, and the headers that tell it."""
        moment = now.timestamp()
        self.left = min(float(BURST), self.left + (moment - self.filled) * RATE) if self.filled else float(BURST)
        self.filled = moment
        within = self.left >= 1 or not self.enforced
        remaining = max(int(self.left) - 1, 0)
        if self.enforced:
            self.left = max(self.left - 1, 0.0) if self.left >= 1 else self.left
        headers = {"x-ratelimit-limit": str(BURST), "x-ratelimit-remaining": str(remaining)}
        return within, headers | {"x-ratelimit-reset": str(int(moment) + 1)}

"""Okta's rate limits: a bucket of requests per minute for each family of endpoints."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

LIMITS: list[list[Any]] = json.loads((Path(__file__).parent / "data" / "rate_limits.json").read_text())["limits"]
WINDOW = 60


@dataclass(slots=True)
class RateLimits:
    """The buckets of one org; with `enforced` off they are told but never run dry, so that a still clock is no wall."""

    enforced: bool = False
    used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spend(self, method: str, path: str, now: datetime) -> tuple[dict[str, str], bool]:
        """Count one request; return the three headers and whether it is within the limit."""
        bucket, limit = _bucket(method, path)
        window = int(now.timestamp()) // WINDOW
        started, count = self.used.get(bucket, (window, 0))
        count = count + 1 if self.enforced and started == window else 1
        self.used[bucket] = (window, count)
        headers = {
            "X-Rate-Limit-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(max(limit - count, 0)),
            "X-Rate-Limit-Reset": str((window + 1) * WINDOW),
        }
        return headers, count <= limit


def _bucket(method: str, path: str) -> tuple[str, int]:
    for verb, pattern, limit in LIMITS:
        if verb in ("*", method) and _matches(pattern, path):
            return f"{verb} {pattern}", int(limit)
    return "*", 1200


def _matches(pattern: str, path: str) -> bool:
    if pattern == "/":
        return True
    wanted, given = pattern.split("/"), path.rstrip("/").split("/")
    return len(wanted) == len(given) and all(a == b or a == "{id}" for a, b in zip(wanted, given, strict=True))

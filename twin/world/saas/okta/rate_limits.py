"""Okta's rate limits: a bucket of requests per minute for each family of endpoints."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

DATA: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "rate_limits.json").read_text())
LIMITS: list[list[Any]] = DATA["limits"]
WARNING_PERCENT = int(DATA["warning"]["percent"])
WINDOW = 60
PER_USER = int(DATA["sign_in"]["per_user_and_second"])


@dataclass(frozen=True, slots=True)
class Spent:
    """One request, counted: its bucket with the limit and the end of the window in seconds since 1970.

    `crossed` is the event that this request causes as the first of its window: `warning`, `violation`, or nothing.
    """

    bucket: str
    limit: int
    count: int
    reset: int
    crossed: str

    @property
    def within(self) -> bool:
        """Tell whether the request is within the limit."""
        return self.count <= self.limit

    def headers(self) -> dict[str, str]:
        """Return the three headers that tell it."""
        return {
            "X-Rate-Limit-Limit": str(self.limit),
            "X-Rate-Limit-Remaining": str(max(self.limit - self.count, 0)),
            "X-Rate-Limit-Reset": str(self.reset),
        }


@dataclass(slots=True)
class RateLimits:
    """The buckets of one org; with `enforced` off they are told but never run dry, so that a still clock is no wall."""

    enforced: bool = False
    used: dict[str, tuple[int, int]] = field(default_factory=dict)
    exceeded: dict[str, int] = field(default_factory=dict)
    tried: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spend(self, method: str, path: str, now: datetime) -> Spent:
        """Count one request."""
        bucket, limit = _bucket(method, path)
        window = int(now.timestamp()) // WINDOW
        started, count = self.used.get(bucket, (window, 0))
        count = count + 1 if self.enforced and started == window else 1
        self.used[bucket] = (window, count)
        crossed = ""
        if count > limit:
            crossed = "violation" if self.first_violation(bucket, now) else ""
        elif count == limit * WARNING_PERCENT // 100 + 1:
            crossed = "warning"
        return Spent(bucket, limit, count, (window + 1) * WINDOW, crossed)

    def try_user(self, username: str, now: datetime) -> bool:
        """Count an attempt with a user name; say whether it is within what one second allows."""
        second, name = int(now.timestamp()), username.casefold()
        started, count = self.tried.get(name, (second, 0))
        count = count + 1 if started == second else 1
        self.tried[name] = (second, count)
        return not self.enforced or count <= PER_USER

    def first_violation(self, bucket: str, now: datetime) -> bool:
        """Note that a request of a bucket is answered with 429; tell whether it is the first in its window."""
        window = int(now.timestamp()) // WINDOW
        first = self.exceeded.get(bucket) != window
        self.exceeded[bucket] = window
        return first


def _bucket(method: str, path: str) -> tuple[str, int]:
    for verb, pattern, limit in LIMITS:
        if verb in ("*", method) and _matches(pattern, path):
            return f"{verb} {pattern}", int(limit)
    return "* /", 1200


def _matches(pattern: str, path: str) -> bool:
    if pattern == "/":
        return True
    wanted, given = pattern.split("/"), path.rstrip("/").split("/")
    return len(wanted) == len(given) and all(a == b or a == "{id}" for a, b in zip(wanted, given, strict=True))

"""The API's own rate limit: 1,200 calls in five minutes for a user, then refusals for five minutes.

https://developers.cloudflare.com/fundamentals/api/reference/limits
"""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.envelope import Refusal, refusal
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.state import State


def count(state: State, owner: str) -> None:
    """Count a call of a user or account; refuse it when its limit is used up."""
    facts: dict[str, Any] = reference("rate_limit", "user")
    now, period = state.clock.now(), timedelta(seconds=facts["seconds"])
    window = state.windows.get(owner)
    if window is not None and window["blocked"] and now < window["blocked"]:
        raise _refused(facts)
    if window is None or now >= window["began"] + period:
        window = state.windows[owner] = {"began": now, "count": 0, "blocked": None}
    window["count"] += 1
    if window["count"] > facts["calls"]:
        window["blocked"] = now + timedelta(seconds=facts["blocked"])
        raise _refused(facts)


def _refused(facts: dict[str, Any]) -> Refusal:
    return refusal("rate-limited", calls=facts["calls"], seconds=facts["seconds"])


def told(state: State, owner: str, reply: Response) -> None:
    """Write into a reply how much of the limit is left."""
    window = state.windows.get(owner)
    if window is None:
        return
    facts: dict[str, Any] = reference("rate_limit", "user")
    ends = window["blocked"] or window["began"] + timedelta(seconds=facts["seconds"])
    reply.headers["X-RateLimit-Limit"] = str(facts["calls"])
    reply.headers["X-RateLimit-Remaining"] = str(max(0, facts["calls"] - window["count"]))
    reply.headers["X-RateLimit-Reset"] = format_datetime(ends, usegmt=True)
    if reply.status == 429:
        reply.headers["Retry-After"] = str(max(1, int(-((state.clock.now() - ends) // timedelta(seconds=1)))))

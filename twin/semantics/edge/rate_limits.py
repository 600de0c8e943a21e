"""Rate limiting: a counter for each combination of a rule's characteristics in each data center, on the clock.

https://developers.cloudflare.com/waf/rate-limiting-rules/request-rate/ and .../parameters/. Windows begin with the
first request that they count, which is assumed.
"""

from dataclasses import dataclass
from typing import Any

from twin.semantics.edge.asked import Asked
from twin.semantics.edge.configuration import Row
from twin.semantics.edge.expressions import Lists, holds, reads_response, value
from twin.semantics.edge.memory import Memory, Window
from twin.semantics.rules.values import Fields


@dataclass(frozen=True)
class Counter:
    """The counter of a rule for one request: where it stands in the memory, and the rule's limits."""

    key: tuple[Any, ...]
    limit: Row

    @property
    def on_response(self) -> bool:
        """Tell whether requests are counted only after their response: by its fields, or when the origin was asked."""
        counting = str(self.limit.get("counting_expression") or "")
        return bool(self.limit.get("requests_to_origin")) or reads_response(counting)


def counter(rule: Row, asked: Asked, fields: Fields) -> Counter:
    """Return the counter that a request belongs to."""
    limit = rule["ratelimit"]
    parts = [(name, _characteristic(name, asked, fields)) for name in sorted(limit["characteristics"])]
    return Counter((rule.get("id", ""), asked.colo, repr(parts)), limit)


def _characteristic(name: str, asked: Asked, fields: Fields) -> Any:
    if name == "cf.colo.id":
        return asked.colo
    if name == "cf.unique_visitor_id":
        # Cloudflare tells visitors behind one address apart by a cookie of its own; without it by what they send.
        return (asked.ip, asked.cookies.get("_cfuvid") or asked.header("user-agent"))
    return value(name, fields, {})


def mitigated(memory: Memory, found: Counter, at: float) -> bool:
    """Tell whether the rule's action lasts for these visitors."""
    window = memory.windows.get(found.key)
    return window is not None and at < window.mitigated_until


def counts(rule: Row, fields: Fields, lists: Lists) -> bool:
    """Tell whether a request is counted: by the counting expression, else by the rule's own."""
    own = rule["ratelimit"].get("counting_expression")
    return holds(own or rule.get("expression") or "true", fields, lists)


def count(memory: Memory, found: Counter, at: float) -> bool:
    """Count a request; True when it is one more than the limit allows, from which on the action lasts.

    Without a mitigation timeout the action takes only the requests above the rate.
    """
    limit = found.limit
    window = memory.windows.get(found.key)
    if window is None or at >= window.began + limit["period"] or 0 < window.mitigated_until <= at:
        window = memory.windows[found.key] = Window(at)
    window.count += 1
    exceeded = window.count > int(limit.get("requests_per_period", 0))
    if exceeded and limit.get("mitigation_timeout"):
        window.mitigated_until = at + limit["mitigation_timeout"]
    return exceeded

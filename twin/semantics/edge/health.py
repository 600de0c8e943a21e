"""Health: whether a probe passes, when an origin turns, and what a pool's state follows from its origins.

https://developers.cloudflare.com/load-balancing/understand-basics/health-details/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from twin.semantics.edge.configuration import Row
from twin.semantics.edge.origin import Broken, Returned

State = Literal["healthy", "degraded", "critical"]


def passes(monitor: Row, answer: Returned | Broken) -> str | None:
    """Return why a probe fails, None when it passes: codes such as `2xx,301`, and a text in the first 100 KB."""
    if isinstance(answer, Broken):
        return {"timeout": "TCP connection timed out", "dns": "DNS lookup failed"}.get(
            answer.failure, "TCP connection failed"
        )
    if monitor.get("type", "http") not in ("http", "https"):
        return None
    codes = [code.strip() for code in str(monitor.get("expected_codes") or "200").split(",")]
    if not any(len(code) == 3 and _fits(code, answer.status) for code in codes):
        return "Response code mismatch error"
    wanted = str(monitor.get("expected_body") or "")
    if wanted and wanted.lower() not in answer.body[:102400].decode("utf-8", "replace").lower():
        return "Response body mismatch error"
    return None


def _fits(code: str, status: int) -> bool:
    text = str(status)
    return code == text or (code.endswith("xx") and code[0] == text[0])


@dataclass(frozen=True)
class Seen:
    """What a monitor knows of an origin: whether it is up, and how many probes in a row said otherwise."""

    up: bool
    against: int = 0
    reason: str = ""


def heard(monitor: Row, before: Seen | None, failure: str | None) -> Seen:
    """Return what is known after a probe: an origin turns after as many probes in a row as the monitor demands."""
    passed = failure is None
    if before is None:
        return Seen(passed, reason=failure or "")
    if passed == before.up:
        return Seen(before.up, reason=failure or "")
    needed = max(1, int(monitor.get("consecutive_up" if passed else "consecutive_down") or 0))
    if before.against + 1 >= needed:
        return Seen(passed, reason=failure or "")
    return Seen(before.up, before.against + 1, before.reason)


def healthy_origins(pool: Row, health: Mapping[str, bool] | None) -> list[Row]:
    """Return the origins of a pool that take traffic; all enabled ones where nothing is monitored."""
    enabled = [origin for origin in pool["origins"] if origin.get("enabled", True)]
    if health is None:
        return enabled
    return [origin for origin in enabled if health.get(origin["name"], False)]


def pool_state(pool: Row, health: Mapping[str, bool] | None) -> State:
    """Return the state of a pool: critical below `minimum_origins`, degraded when some are down."""
    up = len(healthy_origins(pool, health))
    if up < max(1, int(pool.get("minimum_origins", 1))):
        return "critical"
    return "degraded" if up < len([o for o in pool["origins"] if o.get("enabled", True)]) else "healthy"

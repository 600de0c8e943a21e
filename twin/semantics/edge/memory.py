"""What the edge remembers from one request to the next: rate counters and the cache, plain data."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Window:
    """A rate counter: since when it counts, how many it counted, and until when its action lasts."""

    began: float
    count: int = 0
    mitigated_until: float = 0.0


@dataclass
class Kept:
    """An object in the cache of one data center."""

    status: int
    headers: dict[str, tuple[str, ...]]
    body: bytes
    stored: float
    seconds: float
    url: str
    host: str
    tags: tuple[str, ...] = ()
    stale_seconds: float = 0.0
    vary: dict[str, Any] = field(default_factory=dict)


@dataclass
class Memory:
    """Counters by rule, data center and characteristics; objects by data center and cache key."""

    windows: dict[tuple[Any, ...], Window] = field(default_factory=dict)
    objects: dict[tuple[str, str], Kept] = field(default_factory=dict)
    purges: list[dict[str, Any]] = field(default_factory=list)

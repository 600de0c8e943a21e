"""What was used: things held over time, and things done at an instant."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

Tags = tuple[tuple[str, str], ...]


class Where(NamedTuple):
    """Who used what, and where: `service` and `usage` name a price (`ec2`, `BoxUsage:t3.small`)."""

    account: str
    region: str
    service: str
    usage: str
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """Something held from `start` until `end` (None: still): one instance, 50 GB of storage."""

    where: Where
    amount: Decimal
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """Something done in the hour that begins at `time`: requests, bytes, events."""

    where: Where
    quantity: Decimal
    time: datetime

"""One price: its unit, tiers, how time is counted, and where the figure comes from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Per = Literal["second", "hour", "month"]


@dataclass(frozen=True, slots=True)
class Tier:
    """USD per unit for the part of a month's quantity up to `to` (None: the rest)."""

    usd: Decimal
    to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs in the Regions where it was read, from a day on.

    Of what is held over time, `per` says how time counts: each second, with `least` seconds at least; each begun hour;
    or whole months, where less than `grace` seconds cost nothing. `source` is the page and `read` the day on which it
    was read, or `assumed`.
    """

    unit: str
    tiers: tuple[Tier, ...]
    source: str
    read: str
    since: date = date.min
    per: Per = "second"
    least: int = 0
    grace: int = 0
    regions: frozenset[str] = frozenset()

    @property
    def assumed(self) -> bool:
        """Whether nobody read the figure where it stands."""
        return self.read == "assumed"

    @property
    def monthly(self) -> bool:
        """Whether time is counted in months, whose length differs (GB-Mo)."""
        return self.unit.endswith("Mo")

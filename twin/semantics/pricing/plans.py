"""What an account does not pay: free tiers for all, the legacy tier of its first year, and credits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from twin.semantics.pricing.months import later
from twin.semantics.pricing.usage import Where

Plan = Literal["paid", "legacy", "free"]
LEGACY_MONTHS = 12
CREDIT_MONTHS = 12
CREDIT_PLANS_FROM = date(2025, 7, 15)
"""AWS accounts made from this day on have credits in place of the 12-month tier."""


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """How an account pays, and since when it exists; None means longer than any free tier lasts.

    `credits` in USD are used up month by month until `credits_end`, 12 months after the account's making unless told.
    """

    created: date | None = None
    credits: Decimal = Decimal(0)
    credits_end: date | None = None

    @property
    def plan(self) -> Plan:
        """`legacy` and `free` follow from the day on which the account was made."""
        if self.created is None:
            return "paid"
        return "legacy" if self.created < CREDIT_PLANS_FROM else "free"

    def legacy_at(self, time: datetime) -> bool:
        """Tell whether the 12-month tier applies at an instant."""
        return self.plan == "legacy" and time < later(_instant(self.created), LEGACY_MONTHS)

    def credits_at(self, time: datetime) -> bool:
        """Tell whether credits pay at an instant."""
        if not self.credits:
            return False
        if self.credits_end is not None:
            return time < _instant(self.credits_end)
        return self.created is None or time < later(_instant(self.created), CREDIT_MONTHS)


@dataclass(frozen=True, slots=True)
class FreeTier:
    """A monthly allowance that several usages share; `legacy` ones belong to an account's first year."""

    name: str
    usages: tuple[tuple[str, str], ...]
    monthly: Decimal
    legacy: bool
    source: str
    read: str

    def covers(self, where: Where) -> bool:
        """Tell whether a usage draws from the allowance; a usage that ends with `*` stands for all that begin so."""
        return any(
            service == where.service
            and (where.usage.startswith(usage[:-1]) if usage.endswith("*") else usage == where.usage)
            for service, usage in self.usages
        )


def free_tier(name: str, told: Mapping[str, Any]) -> FreeTier:
    """Return a free tier as it is written in the data."""
    usages = tuple((service, usage) for service, _, usage in (str(u).partition("/") for u in told["usages"]))
    return FreeTier(
        name, usages, Decimal(str(told["monthly"])), bool(told.get("legacy", False)), told["source"], str(told["read"])
    )


def account_plan(told: Mapping[str, Any]) -> AccountPlan:
    """Return an account's plan as a user writes it."""
    return AccountPlan(_day(told.get("created")), Decimal(str(told.get("credits", 0))), _day(told.get("credits_end")))


def _day(written: Any) -> date | None:
    if written is None or isinstance(written, date):
        return written
    return date.fromisoformat(str(written))


def _instant(day: date | None) -> datetime:
    assert day is not None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

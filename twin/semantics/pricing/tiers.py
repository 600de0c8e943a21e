"""Running totals of a month: what free tiers and price tiers have already taken."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from twin.semantics.pricing.book import PriceBook
from twin.semantics.pricing.plans import AccountPlan
from twin.semantics.pricing.price import Price
from twin.semantics.pricing.usage import Where

ZERO = Decimal(0)


@dataclass(slots=True)
class Totals:
    """How far one account's month has come; tiers count over all Regions."""

    book: PriceBook
    plan: AccountPlan
    _free: dict[str, Decimal] = field(default_factory=dict)
    _priced: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)

    def take_free(self, where: Where, quantity: Decimal, time: datetime) -> Decimal:
        """Take what free tiers have left for a quantity, and return how much that was."""
        taken = ZERO
        for tier in self.book.free_for(where):
            if tier.legacy and not self.plan.legacy_at(time):
                continue
            left = self._free.get(tier.name, tier.monthly)
            part = min(left, quantity - taken)
            self._free[tier.name] = left - part
            taken += part
        return taken

    def cost(self, where: Where, quantity: Decimal, price: Price) -> Decimal:
        """Return what a quantity costs after what came before it in the month."""
        if len(price.tiers) == 1:
            return quantity * price.tiers[0].usd
        key = (where.service, where.usage, where.region)
        before = self._priced.get(key, ZERO)
        self._priced[key] = before + quantity
        return tiered(price, before + quantity) - tiered(price, before)


def tiered(price: Price, quantity: Decimal) -> Decimal:
    """Return what a whole month's quantity costs."""
    cost, before = ZERO, ZERO
    for tier in price.tiers:
        upper = quantity if tier.to is None else min(quantity, tier.to)
        if upper > before:
            cost += (upper - before) * tier.usd
            before = upper
    return cost

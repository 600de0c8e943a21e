"""One line of a bill."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from twin.semantics.pricing.usage import Where

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Charge:
    """What one resource's usage of one kind costs in a span of a month.

    `quantity` is in `unit`; `free` of it a free tier took; `cost` is what remains in USD before credits, `list_cost`
    without the free tier, and `credit` is the part of the cost that the account's credits pay. `price` is None where
    the price book has no figure: such a line costs nothing and is told as not priced.
    """

    where: Where
    start: datetime
    end: datetime
    quantity: Decimal
    unit: str
    price: Decimal | None
    cost: Decimal
    list_cost: Decimal
    free: Decimal = ZERO
    credit: Decimal = ZERO
    assumed: bool = False

    @property
    def net(self) -> Decimal:
        """What is left to pay, in USD."""
        return self.cost - self.credit

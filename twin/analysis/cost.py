"""What an org costs, from what was metered: month to date, forecast, a whole month, and by what it is grouped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from twin.resources.scope import Scope
from twin.semantics.pricing.bill import Bill, Used, bill, forecast
from twin.semantics.pricing.book import PriceBook
from twin.semantics.pricing.charge import Charge
from twin.semantics.pricing.months import month_end, month_start
from twin.semantics.pricing.usage import Holding, Use, Where

ZERO = Decimal(0)
OWNER = "twin:owner"
NONE = "(none)"


@dataclass(frozen=True)
class Costs:
    """The usage of an org at an instant, with the book that prices it; `environments` names accounts' environments."""

    now: datetime
    used: Used
    tags: Mapping[tuple[str, str], Mapping[str, str]]
    book: PriceBook
    environments: Mapping[str, str]

    @cached_property
    def so_far(self) -> Bill:
        """The month to date, day by day."""
        return bill(self.used, self.book, month_start(self.now), end=self.now)

    @cached_property
    def forecast(self) -> Bill:
        """The whole month, if all goes on."""
        return forecast(self.used, self.book, self.now)

    @cached_property
    def whole_month(self) -> Bill:
        """The next calendar month of what is held now, without anything that is paid by the piece."""
        start = month_end(self.now)
        held = [holding for holding in self.used.holdings if holding.end is None]
        return bill(Used(held, ()), self.book, start, end=month_end(start), daily=False)

    @property
    def unpriced(self) -> list[str]:
        """What is used that the book has no figure for."""
        lacking = {(c.where.service, c.where.usage, c.where.region) for c in self.forecast.unpriced}
        return [
            f"{self.book.services[service].name}: {usage} in {region}" for service, usage, region in sorted(lacking)
        ]

    def notes(self) -> Iterator[str]:
        """Yield what a reader must know of the figures."""
        for name in self.unpriced:
            yield f"not priced, so not in the sum: {name}"
        total = sum((charge.cost for charge in self.forecast.charges), ZERO)
        assumed = sum((charge.cost for charge in self.forecast.charges if charge.assumed), ZERO)
        if total:
            share = f"{assumed / total:.0%} of the forecast"
            yield f"{share} rests on prices that are assumed: put yours over them (--prices)"

    def grouped(self, charges: Bill, by: str) -> dict[str, Decimal]:
        """Return what is to be paid, by service, account, environment, region, usage, resource or `tag:KEY`."""
        found: dict[str, Decimal] = {}
        for charge in charges.charges:
            key = self.key(charge, by)
            found[key] = found.get(key, ZERO) + charge.net
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def key(self, charge: Charge, by: str) -> str:
        """Return what a charge belongs to."""
        where = charge.where
        if by.startswith("tag:"):
            return self.tags_of(where).get(by.removeprefix("tag:"), NONE)
        if by == "environment":
            owner = self.tags_of(where).get(OWNER, "").partition("/")[2]
            return owner or self.environments.get(where.account, NONE)
        if by == "service":
            return self.book.services[where.service].name
        if by == "usage":
            return self.book.usage_type(where.usage, where.region)
        return str(getattr(where, by)) or NONE

    def tags_of(self, where: Where) -> Mapping[str, str]:
        """Return the tags of what is charged."""
        return self.tags.get((where.account, where.resource), {})


def read_costs(told: Mapping[str, Any], book: PriceBook, environments: Mapping[str, str]) -> Costs:
    """Return the costs of what a world's meter told as JSON."""
    holdings = [
        Holding(
            Where(*item[:5]), Decimal(item[5]), datetime.fromisoformat(item[6]),
            datetime.fromisoformat(item[7]) if item[7] else None,
        )
        for item in told["holdings"]
    ]  # fmt: skip
    uses = [Use(Where(*item[:5]), Decimal(item[5]), datetime.fromisoformat(item[6])) for item in told["uses"]]
    tags = {(account, resource): pairs for account, resource, pairs in told["tags"]}
    return Costs(datetime.fromisoformat(told["now"]), Used(holdings, uses), tags, book, environments)


def environments(scope: Scope) -> dict[str, str]:
    """Return the environment of each of its accounts."""
    accounts = (scope.account, scope.cloudflare_account, scope.okta_url)
    return {account: scope.environment for account in accounts if account}

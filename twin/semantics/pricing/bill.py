"""From usage to charges: a month at a time, span by span, in one order."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from twin.semantics.pricing.book import PriceBook
from twin.semantics.pricing.charge import Charge
from twin.semantics.pricing.measure import measured
from twin.semantics.pricing.months import days, month_end, month_start, months
from twin.semantics.pricing.plans import AccountPlan
from twin.semantics.pricing.tiers import Totals
from twin.semantics.pricing.usage import Holding, Use, Where

CENT = Decimal("0.01")
ZERO = Decimal(0)
Span = tuple[datetime, datetime]


class Used(NamedTuple):
    """All that one account used; what is outside of the asked span is left out of the bill."""

    holdings: Sequence[Holding]
    uses: Sequence[Use]


@dataclass(frozen=True, slots=True)
class Bill:
    """The charges of some accounts in a span of time."""

    charges: tuple[Charge, ...]

    @property
    def total(self) -> Decimal:
        """What is to be paid in USD, after credits, unrounded."""
        return sum((charge.net for charge in self.charges), ZERO)

    @property
    def unpriced(self) -> tuple[Charge, ...]:
        """What the price book has no figure for."""
        return tuple(charge for charge in self.charges if charge.price is None)


def cents(amount: Decimal) -> Decimal:
    """Round to the cent, half up, as an invoice is."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def bill(used: Used, book: PriceBook, start: datetime, *, end: datetime, daily: bool = True) -> Bill:
    """Return the charges in [start, end), a line per resource, usage and day (or month, when not `daily`).

    Tiers, free tiers and credits of a month are counted from its first instant, so the months are billed from their
    starts and what lies before `start` is then left out.
    """
    accounts = sorted({h.where.account for h in used.holdings} | {u.where.account for u in used.uses})
    found: list[Charge] = []
    for account in accounts:
        own = Used(
            [held for held in used.holdings if held.where.account == account],
            [use for use in used.uses if use.where.account == account],
        )
        found += _account(own, book, account, (start, end), daily=daily)
    return Bill(tuple(found))


def _account(used: Used, book: PriceBook, account: str, span: Span, *, daily: bool) -> Iterator[Charge]:
    plan = book.plan(account)
    first = month_start(span[0])
    if plan.credits:  # what earlier months have used of them is told by these months alone
        first = min((month_start(x) for x in _instants(used)), default=first)
    left = plan.credits
    for begin, end in months(min(first, month_start(span[0])), span[1]):
        totals = Totals(book, plan)
        for charge in _month(used, totals, (begin, end), cut=span[0], daily=daily):
            paid = _credit(charge, plan, left)
            left -= paid.credit
            if paid.start >= span[0]:
                yield paid


def _instants(used: Used) -> Iterator[datetime]:
    yield from (holding.start for holding in used.holdings)
    yield from (use.time for use in used.uses)


def _credit(charge: Charge, plan: AccountPlan, left: Decimal) -> Charge:
    if left <= 0 or charge.cost <= 0 or not plan.credits_at(charge.start):
        return charge
    return replace(charge, credit=min(left, charge.cost))


def _month(used: Used, totals: Totals, span: Span, *, cut: datetime, daily: bool) -> Iterator[Charge]:
    """Yield a month's charges in order of time, then of what they are for."""
    holdings = sorted(
        (h for h in used.holdings if h.start < span[1] and (h.end is None or h.end >= span[0])), key=_holding_key
    )
    uses: dict[datetime, dict[Where, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    spans = list(_spans(span, cut, daily=daily))
    starts = [begin for begin, _ in spans]
    for use in used.uses:
        if span[0] <= use.time < span[1]:
            uses[starts[bisect_right(starts, use.time) - 1]][use.where] += use.quantity
    for begin, end in spans:
        yield from _held(holdings, totals, begin, end)
        for where, quantity in sorted(uses[begin].items(), key=lambda item: _where_key(item[0])):
            yield _charged(where, quantity, totals, (begin, end))


def _spans(span: Span, cut: datetime, *, daily: bool) -> Iterator[Span]:
    for begin, end in days(*span) if daily else (span,):
        if begin < cut < end:
            yield begin, cut
            yield cut, end
        else:
            yield begin, end


def _held(holdings: Iterable[Holding], totals: Totals, begin: datetime, end: datetime) -> Iterator[Charge]:
    sums: dict[Where, Decimal] = {}
    for holding in holdings:
        if holding.start >= end:
            continue
        where = holding.where
        price = totals.book.price(where.service, where.usage, where.region, day=begin.date())
        if price is None:
            if holding.end is None or holding.end > begin:
                sums.setdefault(where, ZERO)
            continue
        quantity = measured(holding, price, begin, end=end)
        if quantity:
            sums[where] = sums.get(where, ZERO) + quantity
    for where, quantity in sums.items():
        yield _charged(where, quantity, totals, (begin, end))


def _charged(where: Where, quantity: Decimal, totals: Totals, span: Span) -> Charge:
    price = totals.book.price(where.service, where.usage, where.region, day=span[0].date())
    if price is None:
        return Charge(where, *span, quantity, "", None, ZERO, ZERO)
    free = totals.take_free(where, quantity, span[0])
    cost = totals.cost(where, quantity - free, price) if quantity > free else ZERO
    listed = quantity * price.tiers[0].usd
    return Charge(
        where, *span, quantity, price.unit, price.tiers[0].usd, cost, max(listed, cost), free, assumed=price.assumed
    )


def _where_key(where: Where) -> tuple[str, str, str, str]:
    return where.service, where.usage, where.region, where.resource


def _holding_key(holding: Holding) -> tuple[tuple[str, str, str, str], datetime]:
    return _where_key(holding.where), holding.start


def forecast(used: Used, book: PriceBook, now: datetime) -> Bill:
    """Return the whole month's charges if what is held stays, and what was done goes on at the month's pace so far.

    The pace is that of the uses since the month began, over the time passed; of an instant nothing is foretold.
    """
    start, end = month_start(now), month_end(now)
    done = [use for use in used.uses if start <= use.time < now]
    passed, whole = (now - start).total_seconds(), (end - start).total_seconds()
    factor = Decimal(str(round(whole / passed, 9))) if passed >= 1 else Decimal(1)
    scaled = [replace(use, quantity=use.quantity * factor) for use in done]
    return bill(Used(used.holdings, scaled), book, start, end=end, daily=False)

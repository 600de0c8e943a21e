"""Costs as a table, and as JSON."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rich.table import Table

from twin.analysis.cost import Costs
from twin.semantics.pricing.bill import cents

ZERO = Decimal(0)


def table(costs: Costs, by: str) -> Table:
    """Return a table of the month to date and the forecast, the dearest first."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column(by)
    made.add_column("month to date", justify="right")
    made.add_column("forecast", justify="right")
    so_far, whole = costs.grouped(costs.so_far, by), costs.grouped(costs.forecast, by)
    for name, amount in whole.items():
        made.add_row(name, _usd(so_far.get(name, ZERO)), _usd(amount))
    made.add_row("total", _usd(costs.so_far.total), _usd(costs.forecast.total), style="bold")
    return made


def document(costs: Costs, by: str) -> dict[str, Any]:
    """Return the same as JSON; amounts are texts in USD, to the cent."""
    so_far, whole = costs.grouped(costs.so_far, by), costs.grouped(costs.forecast, by)
    return {
        "schema": 1,
        "now": costs.now.isoformat(),
        "currency": "USD",
        "by": by,
        "groups": [
            {"name": name, "month_to_date": _plain(so_far.get(name, ZERO)), "forecast": _plain(amount)}
            for name, amount in whole.items()
        ],
        "total": {"month_to_date": _plain(costs.so_far.total), "forecast": _plain(costs.forecast.total)},
        "notes": list(costs.notes()),
        "unpriced": costs.unpriced,
    }


def difference(before: Costs | None, after: Costs) -> Table:
    """Return a table of what a whole month costs before and after a change, by service."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("USD in a whole month", "now", "after", "change"):
        made.add_column(name, justify="left" if name.startswith("USD") else "right")
    rows = list(changed(before, after))
    for name, one, other in rows:
        if cents(one) or cents(other):
            made.add_row(name, _usd(one), _usd(other), _signed(other - one))
    one, other = sum((row[1] for row in rows), ZERO), sum((row[2] for row in rows), ZERO)
    made.add_row("total", _usd(one), _usd(other), _signed(other - one), style="bold")
    return made


def changed(before: Costs | None, after: Costs) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Yield what a whole month costs before and after a change, by service, the greatest difference first."""
    old = before.grouped(before.whole_month, "service") if before else {}
    new = after.grouped(after.whole_month, "service")
    for name in sorted({*old, *new}, key=lambda name: -abs(new.get(name, ZERO) - old.get(name, ZERO))):
        yield name, old.get(name, ZERO), new.get(name, ZERO)


def _usd(amount: Decimal) -> str:
    return f"{cents(amount):,}"


def _signed(amount: Decimal) -> str:
    return f"{cents(amount):+,}"


def _plain(amount: Decimal) -> str:
    return str(cents(amount))

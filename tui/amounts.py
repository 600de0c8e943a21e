"""What the cost view shows: a bar for each part, and under them the days, the plan, the runs, the spike of one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.bars import bar, days, spark
from tui.detail import heading
from tui.palette import FAINT
from tui.runs import Run
from tui.sheet import Line
from tui.states import AS_SPEC, DRIFT, TO_CREATE
from twin.analysis.cost import Costs
from twin.report.cost import ZERO, changed
from twin.report.spike import moved, per_day, spent
from twin.semantics.pricing.bill import cents

if TYPE_CHECKING:
    from twin.scenario.recording.instants import Spike

WIDE = 14
SPENT = ("spent", "at_alert", "elsewhere", "elsewhere_at_alert", "per_day_at_end")
"""The figures of a run's bill, in USD."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the org costs, and what the planned one would where that is another."""

    now: Costs
    planned: Costs | None = None
    spike: "Spike | None" = None
    """What a run cost by an instant, where one is looked at."""

    def work(self) -> None:
        """Work the amounts out: in a thread, not while drawing."""
        for costs in (self.now, self.planned):
            if costs is not None:
                costs.so_far, costs.forecast, costs.whole_month  # noqa: B018
        if self.spike is not None:
            self.spike.spent, self.spike.usual, self.spike.per_day, self.spike.moved  # noqa: B018


def lines(costs: Costs, by: str) -> Iterator[Line]:
    """Yield the rows: what is to be paid, the dearest first, each with its bar."""
    so_far, whole = costs.grouped(costs.so_far, by), costs.grouped(costs.forecast, by)
    most, total = max(whole.values(), default=ZERO), sum(whole.values(), ZERO)
    for name, amount in whole.items():
        spent = so_far.get(name, ZERO)
        share = f"{amount / total:.1%}" if total else ""
        cells = (name, usd(spent), usd(amount), share, bar(spent, amount, most, WIDE))
        order = (name.lower(), spent, amount, amount, amount)
        yield Line(name, cells, ("", "", "", FAINT, AS_SPEC.colour), order)


def more(told: Told, runs: Iterable[Run]) -> Iterator[RenderableType]:
    """Yield the days, what the plan changes by service, what the played runs cost, and what to know of the figures."""
    daily = days(told.now)
    if spark(daily):
        yield heading("Days of this month")
        yield Text.assemble((spark(daily), AS_SPEC.colour), (f"  most {usd(max(daily))} a day", FAINT))
    if told.spike is not None:
        yield from _spike(told.spike)
        return
    yield heading("What the plan changes, in a whole month")
    if told.planned is None:
        yield Text(f"nothing: what is shown is what it wants, {usd(told.now.whole_month.total)} USD", FAINT)
    else:
        yield from _changes(told.now, told.planned)
    spent = [run for run in runs if _bill(run)]
    if spent:
        yield heading("What runs cost")
    for run in spent:
        yield Text.assemble(
            (run.name, "bold"), "  ", ", ".join(f"{name} {value}" for name, value in _bill(run).items())
        )
    for note in told.now.notes():
        yield Text(note, DRIFT.colour)


def _spike(spike: "Spike") -> Iterator[RenderableType]:
    """Yield what a run has cost by now beside what was usual, and what moved what a day costs."""
    yield heading("What the run has cost by now")
    amount, usual, more = spent(spike)
    yield Text.assemble((amount.text, "bold"), usual.text, (more.text, _colour(more.more)))
    yield heading(per_day(spike))
    for part in moved(spike):
        yield Text(part.text, _colour(part.more) if spike.moved else FAINT)
    for note in spike.then.notes():
        yield Text(note, DRIFT.colour)


def _colour(more: Decimal) -> str:
    return DRIFT.colour if cents(more) > 0 else TO_CREATE.colour if cents(more) < 0 else ""


def _changes(now: Costs, planned: Costs) -> Iterator[Text]:
    for name, before, after in changed(now, planned):
        if cents(before) != cents(after):
            colour = TO_CREATE.colour if after < before else DRIFT.colour
            yield Text(f"{usd(after - before, sign=True):>12}  {name}  {usd(before)} → {usd(after)}", colour)
    before, after = now.whole_month.total, planned.whole_month.total
    yield Text(f"{usd(after - before, sign=True):>12}  in all  {usd(before)} → {usd(after)}", "bold")


def _bill(run: Run) -> Mapping[str, object]:
    """Return the figures of a run that are amounts of its bill."""
    found = {name: value for name, value in run.figures.items() if name.rpartition(".")[2] in SPENT}
    return {name: value for name, value in found.items() if value is not None}


def usd(amount: Decimal, *, sign: bool = False) -> str:
    """Write an amount to the cent."""
    return f"{cents(amount):+,}" if sign else f"{cents(amount):,}"

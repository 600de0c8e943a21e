"""The cost view: what the org costs by service, account, environment or tag, what the plan changes, what a run cost."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tui.actions import bindings
from tui.bars import bar, days, spark
from tui.detail import heading
from tui.filtered import Filtered
from tui.listing import Listing
from tui.palette import ACCENT, FAINT
from tui.pane import Pane
from tui.runs import Run
from tui.sheet import Column, Line
from tui.sources import Sources
from tui.states import AS_SPEC, DRIFT, TO_CREATE, TO_REMOVE
from tui.table import Table
from twin.analysis.cost import Costs
from twin.errors import TwinError
from twin.report.cost import ZERO, changed
from twin.semantics.pricing.bill import cents

WIDE = 14
COLUMNS = (
    Column("what", 32), Column("to date", right=True), Column("forecast", right=True), Column("share", right=True),
    Column("", WIDE),
)  # fmt: skip
GROUPS = ("service", "account", "environment", "region", "usage", "resource")
SPENT = ("spent", "at_alert", "elsewhere", "elsewhere_at_alert", "per_day_at_end")
"""The figures of a run's bill, in USD."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the org costs, and what the planned one would where that is another."""

    now: Costs
    planned: Costs | None = None


class CostView(Vertical):
    """Bars over what they do not show: the days, the plan's change, the runs' bills."""

    class Read(Message):
        """The costs are there, or why they are not."""

        def __init__(self, told: Told | None, why: str = "") -> None:
            self.told, self.why = told, why
            super().__init__()

    BINDINGS: ClassVar[list[BindingType]] = bindings("cost")
    DEFAULT_CSS = """
    CostView > #cost-told { height: 1; padding: 0 1; text-style: bold; background: $surface; }
    CostView > Filtered { height: 1fr; }
    CostView > Pane { height: 40%; padding-top: 1; }
    """

    def __init__(self, sources: Sources, runs: Callable[[], Iterable[Run]], *, id: str) -> None:
        super().__init__(id=id)
        self.sources, self.runs = sources, runs
        self.told: Told | None = None
        self.why = ""
        self.reading = False
        self.number = 0

    def compose(self) -> ComposeResult:
        """Make the line that tells, the table and the pane."""
        yield Static(id="cost-told")
        yield Filtered(COLUMNS, id="bars", hint="words, !not, ~fuzzy")
        yield Pane(id="cost-more")

    @property
    def groups(self) -> tuple[str, ...]:
        """What there is to group by: the tags' names, too."""
        if self.told is None:
            return GROUPS
        names = {name for tags in self.told.now.tags.values() for name in tags}
        return (*GROUPS, *(f"tag:{name}" for name in sorted(names)))

    @property
    def by(self) -> str:
        """What is grouped by."""
        groups = self.groups
        return groups[self.number % len(groups)]

    def start(self) -> None:
        """Take the keyboard, and read the meter at the first time."""
        self.query_one(Table).focus()
        if self.told is None and not self.reading:
            self.action_read()
        else:
            self._show()

    def action_read(self) -> None:
        """Read the meter again."""
        self.reading, self.why = True, ""
        self._show()
        self._read()

    def action_group(self, way: int) -> None:
        """Group by the next, or by the one before."""
        self.number = (self.number + way) % len(self.groups)
        self._show()

    @work(thread=True, exclusive=True, group="cost")
    def _read(self) -> None:
        assert self.sources.costs is not None
        try:
            told = Told(*self.sources.costs())
            for costs in (told.now, told.planned):
                if costs is not None:
                    costs.so_far, costs.forecast, costs.whole_month  # noqa: B018 - worked out here, not while drawing
        except TwinError as error:
            self.post_message(self.Read(None, str(error)))
        else:
            self.post_message(self.Read(told))

    def on_cost_view_read(self, event: Read) -> None:
        """Show the costs."""
        self.reading, self.why = False, event.why
        self.told = event.told or self.told
        self._show()

    def listing(self) -> Listing:
        """Return the rows of the table, as they are filtered and sorted."""
        return self.query_one(Table).listing("cost")

    def _show(self) -> None:
        head = Text(f"Cost by {self.by}")
        if self.reading:
            head.append("  reading the meter …", FAINT)
        elif self.why:
            head.append(f"  {self.why}", TO_REMOVE.colour)
        elif self.told is not None:
            now = self.told.now
            head.append(f"  {usd(now.so_far.total)} to date, {usd(now.forecast.total)} USD this month", ACCENT)
            head.append(f"  {now.now:%Y-%m-%d %H:%M} UTC", FAINT)
        self.query_one("#cost-told", Static).update(head)
        if self.told is not None:
            self.query_one(Filtered).fill(list(lines(self.told.now, self.by)))
            self.query_one(Pane).tell(more(self.told, self.runs()))


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
    yield heading("What the plan changes, in a whole month")
    if told.planned is None:
        yield Text(f"nothing; it stays at {usd(told.now.whole_month.total)} USD", FAINT)
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

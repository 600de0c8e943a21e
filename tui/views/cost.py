"""The cost view: what the org costs by service, account, environment or tag, what the plan changes, what a run cost."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from tui.actions import bindings
from tui.amounts import WIDE, Told, lines, more, usd
from tui.filtered import Filtered
from tui.keyboard import give
from tui.listing import Listing
from tui.palette import ACCENT, FAINT
from tui.pane import Pane
from tui.runs import Run
from tui.sheet import Column
from tui.sources import Sources
from tui.states import TO_REMOVE
from tui.still import Still
from tui.table import Table
from tui.then import Then
from twin.errors import TwinError
from twin.scenario.recording.looks import METER
from twin.semantics.pricing.book import standard_book


def columns(width: int) -> tuple[Column, ...]:
    """Return the columns for a screen; on a wide one no name of a service is cut."""
    named = Column("what", 32 if width < WIDE_SCREEN else 56)
    right = (Column(title, right=True) for title in ("to date", "forecast", "share"))
    return (named, *right, Column("", WIDE))


WIDE_SCREEN = 120
GROUPS = ("service", "account", "environment", "region", "usage", "resource")


class CostView(Still):
    """Bars over what they do not show: the days, the plan's change, the runs' bills."""

    class Read(Message):
        """The costs are there, or why they are not."""

        def __init__(self, then: Then | None, told: Told | None, why: str = "") -> None:
            self.then, self.told, self.why = then, told, why
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
        self.now: Told | None = None
        """What the target's meter said when it was read last."""
        self.told: Told | None = None
        """What is shown."""
        self.why = ""
        self.reading = False
        self.number = 0

    def compose(self) -> ComposeResult:
        """Make the line that tells, the table and the pane."""
        yield Static(id="cost-told")
        yield Filtered(columns(self.app.size.width), id="bars", hint="words, !not, ~fuzzy")
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
        give(self.query_one(Table))
        if not self.catch_up() and self.told is None and not self.reading:
            self.settle()
        else:
            self._show()

    def settle(self) -> None:
        """Show the costs by the instant, or those of the target as it is."""
        then = self.then
        if then is not None and (lacks := then.instants.lacks(METER)):
            self.told, self.why, self.reading = None, lacks, False
        elif then is not None:
            self.reading, self.why = True, ""
            self._recall(then)
        elif self.now is not None:
            self.told, self.why, self.reading = self.now, "", False
        else:
            self.action_read()
        self._show()

    def action_read(self) -> None:
        """Read the meter again."""
        if self.then is not None and not self.then.live:
            self.notify("this is what was recorded of an instant; L leads back to live", severity="warning")
        elif self.sources.costs is None:
            self.notify("what was saved does not change", severity="warning")
        else:
            self.reading, self.why = True, ""
            self._show()
            self._read()

    def outdated(self, *, seen: bool) -> None:
        """Read the meter again, where it is shown as it is now; when the view is not seen, later."""
        if self.then is None and seen:
            self.action_read()
        elif self.then is None:
            self.told = None
        self.now = None

    def action_group(self, way: int) -> None:
        """Group by the next, or by the one before."""
        self.number = (self.number + way) % len(self.groups)
        self._show()

    @work(thread=True, exclusive=True, group="cost")
    def _read(self) -> None:
        assert self.sources.costs is not None
        try:
            told = Told(*self.sources.costs())
            told.work()
        except TwinError as error:
            self.post_message(self.Read(None, None, str(error)))
        else:
            self.post_message(self.Read(None, told))

    @work(thread=True, exclusive=True, group="cost")
    def _recall(self, then: Then) -> None:
        try:
            spike = then.instants.spike(then.t, self.sources.book() if self.sources.book else standard_book())
            told = Told(spike.then, spike=spike)
            told.work()
        except TwinError as error:
            self.post_message(self.Read(then, None, str(error)))
        else:
            self.post_message(self.Read(then, told))

    def on_cost_view_read(self, event: Read) -> None:
        """Show the costs, unless the cursor has gone on."""
        if event.then is None:
            self.now = event.told or self.now
        if event.then != self.then and not (event.then is None and self.then is not None and self.then.live):
            return
        self.reading, self.why = False, event.why
        self.told = event.told or (self.told if event.then is None else None)
        self._show()

    def listing(self) -> Listing:
        """Return the rows of the table, as they are filtered and sorted."""
        return self.query_one(Table).listing("cost")

    def _show(self) -> None:
        head = Text(f"Cost by {self.by}")
        if self.reading:
            then = self.then
            head.append(f"  computing those of {then.name} …" if then is not None else "  reading the meter …", FAINT)
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
        elif not self.reading:
            self.query_one(Filtered).fill(())
            self.query_one(Pane).tell(())

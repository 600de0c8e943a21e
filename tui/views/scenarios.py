"""The scenarios view: the catalogue, what a scenario is about, and what its last run came to."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tui.actions import bindings
from tui.catalogue import Item
from tui.filtered import Filtered
from tui.keyboard import give, held
from tui.listing import Listing
from tui.outcomes import about
from tui.pane import Pane
from tui.runner import RunFailed, Runner
from tui.runs import Run
from tui.sheet import Column, Line
from tui.states import TO_CREATE, TO_REMOVE
from tui.table import Table
from twin.report.counted import counted
from twin.report.query import Facets
from twin.scenario.recording.moment import clock

COLUMNS = (Column("id"), Column("title", least=30), Column("outcome"))
HINT = "words, !not, ~fuzzy, id:b6, outcome:fail"


class ScenarioView(Vertical):
    """The catalogue over one scenario; side by side where there is room."""

    class Finished(Message):
        """A scenario came to its end; `runs` is empty and `why` says so when it did not."""

        def __init__(self, item: Item, runs: list[Run], why: str = "") -> None:
            self.item, self.runs, self.why = item, runs, why
            super().__init__()

    class Forbidden(Message):
        """Nothing may be begun here: the command that would have been carried out."""

        def __init__(self, words: list[str]) -> None:
            self.words = words
            super().__init__()

    class Grown(Message):
        """The run that is on has recorded more: the next lines of its recording."""

        def __init__(self, lines: Sequence[Mapping[str, Any]]) -> None:
            self.lines = lines
            super().__init__()

    class Watch(Message):
        """The user wants to see a run on the timeline."""

        def __init__(self, run: Run) -> None:
            self.run = run
            super().__init__()

    BINDINGS: ClassVar[list[BindingType]] = bindings("scenarios")
    DEFAULT_CSS = """
    ScenarioView > #told { height: 1; padding: 0 1; text-style: bold; background: $surface; }
    ScenarioView > #scenario-parts { layout: vertical; }
    ScenarioView Filtered { height: 40%; }
    ScenarioView Pane { height: 1fr; padding-top: 1; }
    """

    def __init__(self, items: Sequence[Item] | None, runner: Runner | None, *, id: str, locked: bool = False) -> None:
        super().__init__(id=id)
        self.items: dict[str, Item] = {item.id: item for item in items or ()}
        self.reading = items is None
        self.runs: dict[str, list[Run]] = {}
        self.running: str | None = None
        self._runner, self._locked = runner, locked
        self._heard_of = (0, 0.0)

    def compose(self) -> ComposeResult:
        """Make the line that tells what runs, the list and the pane."""
        yield Static(id="told")
        with Vertical(id="scenario-parts"):
            yield Filtered(COLUMNS, id="catalogue", hint=HINT, told=self._words)
            yield Pane(id="scenario")

    def on_mount(self) -> None:
        """List the scenarios, and say how one is run."""
        self._fill()
        self._tell()

    def take(self, items: Sequence[Item]) -> None:
        """List the scenarios that were read."""
        self.reading = False
        self.items = {item.id: item for item in items}
        self._fill()
        if held(self.table):
            self.start()
        self.table.tell()  # also where one writes a filter already
        self._tell()

    @property
    def table(self) -> Table:
        """The table of scenarios."""
        return self.query_one("#catalogue", Filtered).table

    @property
    def current(self) -> Item | None:
        """The scenario under the cursor."""
        return self.items.get(self.table.key or "")

    def start(self) -> None:
        """Take the keyboard."""
        give(self.table)
        self.table.tell()

    def listing(self) -> Listing:
        """Return the catalogue with what the last runs came to."""
        rows = [
            (item.id, item.title, " ".join(run.verdict for run in self.runs.get(item.id, [])), str(item.file))
            for item in self.items.values()
        ]
        return Listing("scenarios", ("id", "title", "verdicts", "file"), rows)

    def go(self, id_: str) -> None:
        """Put the cursor on a scenario, also on one that the filter hides."""
        if not self.table.go(id_) and id_ in self.items:
            self.query_one("#catalogue", Filtered).action_clear()
            self._fill()
            self.table.go(id_)

    def action_run(self, variants: bool) -> None:
        """Run the scenario under the cursor."""
        item = self.current
        if item is None:
            self.notify("the scenarios are still being read" if self.reading else "there is no scenario here",
                        severity="warning")  # fmt: skip
            return
        if self.running is not None:
            self.notify(f"{self.running} is running; x stops it", severity="warning")
            return
        if self._locked or self._runner is None:
            self.post_message(self.Forbidden(["run", str(item.file), *(["--variants"] if variants else [])]))
            return
        self.running, self._heard_of = item.id, (0, 0.0)
        self._tell()
        self._perform(item, variants=variants)

    def action_stop(self) -> None:
        """End the run."""
        if self._runner is not None and self.running is not None:
            self._runner.stop()
        else:
            self.notify("nothing is running", severity="warning")

    @work(thread=True)
    def _perform(self, item: Item, *, variants: bool) -> None:
        assert self._runner is not None
        try:
            runs, why = self._runner.run(item.file, variants=variants, tell=self._heard), ""
        except RunFailed as failed:
            runs, why = [], str(failed)
        self.post_message(self.Finished(item, runs, why))

    def _heard(self, lines: Sequence[Mapping[str, Any]]) -> None:
        self.post_message(self.Grown(lines))

    def on_scenario_view_grown(self, event: Grown) -> None:
        """Tell how far the run is."""
        times = [line["t"] for line in event.lines if "event" in line]
        if times:
            self._heard_of = (self._heard_of[0] + len(times), times[-1])
            self._tell()

    def on_scenario_view_finished(self, event: Finished) -> None:
        """Show what a run came to."""
        self.running = None
        if event.runs:
            self.runs[event.item.id] = event.runs
        else:
            self.notify(f"{event.item.id}: {event.why}", severity="error", markup=False)
        self._fill()
        self._tell()
        if self.current is not None:
            self._show(self.current)

    def on_table_highlighted(self, event: Table.Highlighted) -> None:
        """Tell about the scenario under the cursor."""
        event.stop()
        if event.key in self.items:
            self._show(self.items[event.key])

    def on_table_selected(self, event: Table.Selected) -> None:
        """Show the last run of the scenario on the timeline."""
        event.stop()
        runs = self.runs.get(event.key)
        if runs:
            self.post_message(self.Watch(runs[0]))
        elif event.key == self.running:
            self.notify("it is running; 4 follows it, x stops it")
        else:
            self.notify("it was not run yet; r runs it", severity="warning")

    def _show(self, item: Item) -> None:
        self.query_one(Pane).tell(about(item, self.runs.get(item.id, [])))

    def _tell(self) -> None:
        if self.running is not None:
            count, t = self._heard_of
            far = f": {counted(count, 'event')} by {clock(t)}, 4 follows it" if count else " …"
            told = f"{self.running} is running on a twin of its own{far}   x stops it"
        elif self.reading:
            told = "reading the scenarios …"
        elif not self.items:
            told = "there is no scenario here"
        else:
            told = f"{counted(len(self.items), 'scenario')}   r runs one, R its variants too, enter shows it in time"
        self.query_one("#told", Static).update(Text(told))

    def _fill(self) -> None:
        lines = [self._line(item) for item in self.items.values()]
        self.query_one("#catalogue", Filtered).fill(lines)

    def _line(self, item: Item) -> Line:
        runs = self.runs.get(item.id, [])
        if item.wrong:
            return Line(item.id, (item.id, item.title, "✗ unreadable"), ("", "", TO_REMOVE.colour))
        if not runs:
            return Line(item.id, (item.id, item.title, ""))
        good = all(run.good for run in runs)
        verdict = runs[0].verdict if len(runs) == 1 else f"{sum(run.good for run in runs)} of {len(runs)} as wanted"
        colours = ("", "", TO_CREATE.colour if good else TO_REMOVE.colour)
        return Line(item.id, (item.id, item.title, f"{'✓' if good else '✗'} {verdict}"), colours)

    def _words(self, line: Line) -> tuple[str, Facets]:
        """Return what the filter looks at: what is seen, what it is about, and the names of its variants."""
        item = self.items[line.key]
        words = " ".join((*line.cells, item.about, str(item.file), *item.steps, *item.variants))
        return words, {"id": line.cells[0], "title": line.cells[1], "outcome": line.cells[2]}

"""The paths view: who gets to administration and data, which packets get where, hop by hop, and what breaks it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import ClassVar, Literal

from rich.console import RenderableType
from rich.table import Table as Grid
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from tui import ways
from tui.actions import bindings
from tui.filtered import Filtered
from tui.listing import Listing
from tui.palette import ACCENT, FAINT
from tui.pane import Pane
from tui.sheet import Column, Line
from tui.sources import Sources
from tui.states import DRIFT, TO_CREATE, TO_REMOVE
from tui.table import Table
from tui.ways import Break, Way
from twin.errors import TwinError
from twin.report.query import Facets

COLUMNS = (Column("from", 44), Column("to", 44), Column("hops", right=True), Column("by", 60))
Kind = Literal["principals", "packets"]
TITLES: dict[Kind, str] = {"principals": "Attack paths", "packets": "Network paths"}
AT_ONCE = 200
"""How many ways are handed over together."""


class PathsView(Vertical):
    """A table of ways over the hops of one of them."""

    class Found(Message):
        """Some ways were found; `last` says that there are no more."""

        def __init__(self, found: Sequence[Way], asked: int, *, last: bool) -> None:
            self.found, self.asked, self.last = found, asked, last
            super().__init__()

    class Failed(Message):
        """There is no answer, and why."""

        def __init__(self, why: str, asked: int) -> None:
            self.why, self.asked = why, asked
            super().__init__()

    class Broken(Message):
        """What breaks a way is known."""

        def __init__(self, key: str, found: Break) -> None:
            self.key, self.found = key, found
            super().__init__()

    BINDINGS: ClassVar[list[BindingType]] = bindings("paths")
    DEFAULT_CSS = """
    PathsView > #paths-told { height: 1; padding: 0 1; text-style: bold; background: $surface; }
    PathsView > #asked { height: 1; border: none; padding: 0 1; background: $panel; display: none; }
    PathsView.asking > #asked { display: block; }
    PathsView > Filtered { height: 45%; }
    PathsView > Pane { height: 1fr; padding-top: 1; }
    """

    def __init__(self, sources: Sources, *, id: str) -> None:
        super().__init__(id=id)
        self.sources = sources
        self.kind: Kind = "principals" if sources.reach is not None else "packets"
        self.ways: dict[str, Way] = {}
        self.breaks: dict[str, Break | None] = {}
        self.asked = 0
        self.reading = False
        self.why = ""

    def compose(self) -> ComposeResult:
        """Make the line that tells, the question, the table and the pane."""
        yield Static(id="paths-told")
        yield Input(placeholder="FROM TO, as in: role/deployer admin, internet data", id="asked", select_on_focus=False)
        yield Filtered(COLUMNS, id="ways", hint="words, !not, ~fuzzy, from: to:", told=_told)
        yield Pane(id="hops")

    @property
    def table(self) -> Table:
        """The table of ways."""
        return self.query_one(Table)

    @property
    def current(self) -> Way | None:
        """The way under the cursor."""
        return self.ways.get(self.table.key or "")

    def start(self) -> None:
        """Take the keyboard, and read the target at the first time."""
        self.table.focus()
        if not self.asked:
            self._look()

    def action_turn(self) -> None:
        """Show the ways of packets instead of those of principals, or the other way round."""
        other: Kind = "packets" if self.kind == "principals" else "principals"
        if (self.sources.network if other == "packets" else self.sources.reach) is None:
            self.notify("the target cannot be read for that", severity="warning")
            return
        self.kind = other
        self._look()

    def action_ask(self) -> None:
        """Ask for the ways from one to another."""
        self.add_class("asking")
        self.query_one("#asked", Input).focus()

    def action_close(self) -> None:
        """Show all ways again."""
        asked = bool(self.query_one("#asked", Input).value)
        self.query_one("#asked", Input).value = ""
        self.remove_class("asking")
        self.table.focus()
        if asked:
            self._look()

    def action_read(self) -> None:
        """Read the target again."""
        self._look()

    def action_break(self) -> None:
        """Look for the narrowest change that leaves no way."""
        way = self.current
        if way is not None and way.key not in self.breaks:
            self.breaks[way.key] = None
            self._break(way)
        self._show()

    def on_input_submitted(self) -> None:
        """Answer the question."""
        if len(self.query_one("#asked", Input).value.split()) != 2:
            self.notify("two words are wanted: FROM TO", severity="warning")
            return
        self.table.focus()
        self._look()

    def listing(self) -> Listing:
        """Return the rows of the table, as they are filtered and sorted."""
        return self.table.listing("paths")

    def _look(self) -> None:
        self.asked += 1
        self.ways, self.breaks, self.reading, self.why = {}, {}, True, ""
        self.query_one(Filtered).fill(())
        self.query_one(Pane).tell([Text("…", FAINT)])
        self._tell()
        self._find(self._question(), self.asked)

    def _question(self) -> Callable[[], Iterator[Way]]:
        words = self.query_one("#asked", Input).value.split()
        if self.kind == "principals":
            assert self.sources.reach is not None
            reach = self.sources.reach
            return lambda: ways.principal(reach(), words[0], words[1]) if words else ways.principals(reach())
        assert self.sources.network is not None
        network = self.sources.network
        return lambda: ways.packets(network(), words[0], words[1]) if words else ways.exposed(network())

    @work(thread=True, exclusive=True, group="ways")
    def _find(self, question: Callable[[], Iterator[Way]], asked: int) -> None:
        worker = get_current_worker()
        try:
            found = iter(question())
            while not worker.is_cancelled:
                some = tuple(islice(found, AT_ONCE))
                self.post_message(self.Found(some, asked, last=len(some) < AT_ONCE))
                if len(some) < AT_ONCE:
                    return
        except TwinError as error:
            self.post_message(self.Failed(str(error), asked))

    @work(thread=True, exclusive=True, group="break")
    def _break(self, way: Way) -> None:
        self.post_message(self.Broken(way.key, way.find_break()))

    def on_paths_view_found(self, event: Found) -> None:
        """Add the ways that were found."""
        if event.asked != self.asked:
            return
        found = [*self.ways.values(), *event.found]
        self.ways = {way.key: way for way in sorted(found, key=lambda way: (way.goal != "admin", len(way.stops)))}
        self.reading = not event.last
        self.query_one(Filtered).fill([_line(way) for way in self.ways.values()])
        self._tell()
        self._show()

    def on_paths_view_failed(self, event: Failed) -> None:
        """Say why there is no answer."""
        if event.asked == self.asked:
            self.reading, self.why = False, event.why
            self._tell()
            self._show()

    def on_paths_view_broken(self, event: Broken) -> None:
        """Show what breaks a way."""
        self.breaks[event.key] = event.found
        self._show()

    def on_table_highlighted(self) -> None:
        """Show the hops of the way under the cursor."""
        self._show()

    def on_table_selected(self) -> None:
        """Go on to the hops."""
        self.query_one(Pane).focus()

    def _tell(self) -> None:
        head = Text(TITLES[self.kind])
        told = "reading the org …" if self.reading else self.why or _count(len(self.ways))
        head.append(f"  {told}", TO_REMOVE.colour if self.why else FAINT)
        self.query_one("#paths-told", Static).update(head)

    def _show(self) -> None:
        way = self.current
        pane = self.query_one(Pane)
        if way is not None:
            pane.tell(_hops(way, self.breaks.get(way.key), looking=way.key in self.breaks))
        elif not self.reading:
            pane.tell([Text(self.why, TO_REMOVE.colour) if self.why else Text("there is no way", TO_CREATE.colour)])


def _count(number: int) -> str:
    return "1 way" if number == 1 else f"{number} ways"


def _line(way: Way) -> Line:
    count = len(way.stops)
    cells = (ways.short(way.start), ways.short(way.goal), str(count), way.by)
    return Line(way.key, cells, ("", DRIFT.colour, "", FAINT), (cells[0], cells[1], count, cells[3]))


def _told(line: Line) -> tuple[str, Facets]:
    return " ".join((line.key, *line.cells)), {"from": line.key.partition(" ")[0], "to": line.cells[1]}


def _hops(way: Way, found: Break | None, *, looking: bool) -> Iterator[RenderableType]:
    """Yield the hops with what permits each; a rule whose removal breaks the way is marked."""
    yield Text.assemble((way.start, "bold"), (" to ", FAINT), (way.goal, "bold"))
    if not way.stops:
        yield Text("by its own rights: nobody else has to be become on the way", FAINT)
        return
    cuts = found.rules if found is not None else ()
    table = Grid.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=2, style=FAINT)
    table.add_column(ratio=2, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    table.add_row("", Text("hop", FAINT), Text("permitted by", FAINT))
    for number, stop in enumerate(way.stops, 1):
        permits = Text()
        for rule in stop.permits:
            cut = any(one.endswith(rule) for one in cuts)
            permits.append(f"✗ break here: {rule}\n" if cut else f"{rule}\n", TO_REMOVE.colour if cut else "")
        for note in stop.notes:
            permits.append(f"{note}\n", DRIFT.colour)
        permits.rstrip()
        table.add_row(str(number), Text(stop.does), permits)
    yield table
    yield _broken(found, looking=looking)


def _broken(found: Break | None, *, looking: bool) -> Text:
    if found is None:
        return Text("looking for the narrowest change …" if looking else "b: what breaks it", FAINT)
    if not found.rules:
        return Text("\nnothing narrow breaks it", TO_REMOVE.colour)
    told = Text.assemble(("\nbroken by taking away", f"bold {ACCENT}"), (f"  {found.beside}\n", FAINT))
    return told.append("\n".join(found.rules), TO_REMOVE.colour)

"""The paths view: who gets to administration and data, which packets get where, hop by hop, and what breaks it."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from tui.actions import bindings
from tui.answers import Answers, Asked, Broken, Failed, Found, Kind, answered, asked_of, lacks, question
from tui.filtered import Filtered
from tui.hops import hops, line, told
from tui.keyboard import give
from tui.listing import Listing
from tui.palette import FAINT
from tui.pane import Pane
from tui.sheet import Column
from tui.sources import Sources
from tui.states import TO_CREATE, TO_REMOVE
from tui.still import Still
from tui.table import Table
from tui.ways import Break, Way
from twin.errors import TwinError

COLUMNS = (Column("from", 44), Column("to", 44), Column("hops", right=True), Column("by", 60))
TITLES: dict[Kind, str] = {"principals": "Attack paths", "packets": "Network paths"}
AT_ONCE = 200
"""How many ways are handed over together."""


class PathsView(Still):
    """A table of ways over the hops of one of them."""

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
        self.kind: Kind = "packets" if sources.reach is None and sources.network is not None else "principals"
        self.ways: dict[str, Way] = {}
        self.breaks: dict[str, Break | None] = {}
        self.answers = Answers()
        self.shown: Asked | None = None
        self.asked = 0
        self.reading = False
        self.why = ""

    def compose(self) -> ComposeResult:
        """Make the line that tells, the question, the table and the pane."""
        yield Static(id="paths-told")
        yield Input(placeholder="FROM TO, as in: role/deployer admin, internet data", id="asked", select_on_focus=False)
        yield Filtered(COLUMNS, id="ways", hint="words, !not, ~fuzzy, from: to:", told=told)
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
        """Take the keyboard, and read the org at the first time."""
        give(self.table)
        if not self.catch_up() and not self.asked:
            self._look()

    def settle(self) -> None:
        """Answer as of the instant, where the org was another one then."""
        self._look()

    def action_turn(self) -> None:
        """Show the ways of packets instead of those of principals, or the other way round."""
        other: Kind = "packets" if self.kind == "principals" else "principals"
        if not answered(other, self.sources, self.then):
            self.notify("the target cannot be read for that", severity="warning")
            return
        self.kind = other
        self._look()

    def action_ask(self) -> None:
        """Ask for the ways from one to another."""
        self.add_class("asking")
        give(self.query_one("#asked", Input))

    def action_close(self) -> None:
        """Show all ways again."""
        asked = bool(self.query_one("#asked", Input).value)
        self.query_one("#asked", Input).value = ""
        self.remove_class("asking")
        give(self.table)
        if asked:
            self._look()

    def action_read(self) -> None:
        """Read the target again."""
        if self.then is not None and not self.then.live:
            self.notify("this is what was recorded of an instant; L leads back to live", severity="warning")
        elif answered(self.kind, self.sources, None):
            self.answers.forget()
            self._ask_anew((self.kind, self._words(), ""))
        else:
            self.notify("what was saved does not change", severity="warning")

    def action_break(self) -> None:
        """Look for the narrowest change that leaves no way."""
        way = self.current
        if way is None or not way.stops:
            self.notify("there is no hop to break here", severity="warning")
        elif way.key not in self.breaks:
            self.breaks[way.key] = None
            assert self.shown is not None
            self._break(self.shown, way)
        self._show()

    def on_input_submitted(self) -> None:
        """Answer the question."""
        if len(self.query_one("#asked", Input).value.split()) != 2:
            self.notify("write two names, FROM TO, as in: ada@acme.example admin", severity="warning")
            return
        give(self.table)
        self._look()

    def listing(self) -> Listing:
        """Return the rows of the table, as they are filtered and sorted."""
        return self.table.listing("paths")

    def _look(self) -> None:
        """Show the answer that is known of the state, else work it out."""
        if why := lacks(self.kind, self.then):
            self.asked += 1
            self._take((self.kind, self._words(), ""), {})
            self.why = why
        else:
            asked = asked_of(self.kind, self._words(), self.then)
            if asked in self.answers.known:
                self.asked += 1
                self._take(asked, self.answers.known[asked])
            elif asked != self.shown or not self.reading:
                self._ask_anew(asked)
        self._tell()
        self._show()

    def _ask_anew(self, asked: Asked) -> None:
        self.asked += 1
        self._take(asked, {})
        self.reading = True
        self.query_one(Pane).tell([Text("…", FAINT)])
        self._tell()
        self._find(question(asked, self.sources, self.then), self.asked)

    def _take(self, asked: Asked, found: dict[str, Way]) -> None:
        self.shown, self.ways, self.reading, self.why = asked, found, False, ""
        self.breaks = self.answers.breaks.setdefault(asked, {})
        self.query_one(Filtered).fill([line(way) for way in found.values()])

    def _words(self) -> tuple[str, ...]:
        return tuple(self.query_one("#asked", Input).value.split())

    @work(thread=True, exclusive=True, group="ways")
    def _find(self, question: Callable[[], Iterator[Way]], asked: int) -> None:
        worker = get_current_worker()
        try:
            found = iter(question())
            while not worker.is_cancelled:
                some = tuple(islice(found, AT_ONCE))
                self.post_message(Found(some, asked, last=len(some) < AT_ONCE))
                if len(some) < AT_ONCE:
                    return
        except TwinError as error:
            self.post_message(Failed(str(error), asked))

    @work(thread=True, exclusive=True, group="break")
    def _break(self, asked: Asked, way: Way) -> None:
        self.post_message(Broken(asked, way.key, way.find_break()))

    def on_found(self, event: Found) -> None:
        """Add the ways that were found."""
        if event.asked != self.asked:
            return
        found = [*self.ways.values(), *event.found]
        self.ways = {way.key: way for way in sorted(found, key=lambda way: (way.goal != "admin", len(way.stops)))}
        self.reading = not event.last
        if event.last and self.shown is not None:
            self.answers.keep(self.shown, self.ways)
        self.query_one(Filtered).fill([line(way) for way in self.ways.values()])
        self._tell()
        self._show()

    def on_failed(self, event: Failed) -> None:
        """Say why there is no answer."""
        if event.asked == self.asked:
            self.reading, self.why = False, event.why
            self._tell()
            self._show()

    def on_broken(self, event: Broken) -> None:
        """Show what breaks a way."""
        self.answers.breaks.setdefault(event.asked, {})[event.key] = event.found
        self._show()

    def on_table_highlighted(self) -> None:
        """Show the hops of the way under the cursor."""
        self._show()

    def on_table_selected(self) -> None:
        """Go on to the hops."""
        give(self.query_one(Pane))

    def _tell(self) -> None:
        head = Text(TITLES[self.kind])
        at = f"computing those of {self.then.name} …" if self.then is not None else "reading the org …"
        told = at if self.reading else self.why or _count(len(self.ways))
        head.append(f"  {told}", TO_REMOVE.colour if self.why else FAINT)
        self.query_one("#paths-told", Static).update(head)

    def _show(self) -> None:
        way = self.current
        pane = self.query_one(Pane)
        if way is not None:
            pane.tell(hops(way, self.breaks.get(way.key), looking=way.key in self.breaks))
        elif not self.reading:
            pane.tell([Text(self.why, TO_REMOVE.colour) if self.why else Text("there is no way", TO_CREATE.colour)])


def _count(number: int) -> str:
    return "1 way" if number == 1 else f"{number} ways"

"""The events view: the trail, the System Log, the audit log and the alarms as one log, to follow and to filter."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from rich.console import RenderableType
from rich.json import JSON
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from tui.actions import bindings
from tui.filtered import Filtered
from tui.palette import ACCENT, FAINT
from tui.pane import Pane
from tui.sheet import Column, Line
from tui.sources import Sources
from tui.states import AS_SPEC, DRIFT, TO_REMOVE, TO_REPLACE
from tui.table import Table
from twin.errors import TwinError
from twin.observe.happenings import OK, Happening, Happenings, Wanted, newest
from twin.report.happenings import cells, told, written
from twin.report.query import Facets

NARROW = 120


def columns(width: int) -> tuple[Column, ...]:
    """Return the columns; on a narrow screen principal and action are cut, so that the result is seen too."""
    who, what = (34, 34) if width >= NARROW else (12, 20)
    return Column("time"), Column("source"), Column("principal", who), Column("action", what), Column("result", 60)


COLOURS = {
    "trail": ACCENT, "guardduty": TO_REMOVE.colour, "okta": AS_SPEC.colour, "cloudflare": TO_REPLACE.colour,
    "alarms": DRIFT.colour,
}  # fmt: skip
EVERY = 2.0
"""Seconds between two looks while the log is followed: CloudTrail answers two lookups a second."""
MOST = 1000
"""Events of each log that are read."""


class EventsView(Vertical):
    """The newest events on top, over one of them as JSON."""

    class Read(Message):
        """Events were read, or why not."""

        def __init__(self, found: Happenings | None, asked: int, why: str = "") -> None:
            self.found, self.asked, self.why = found, asked, why
            super().__init__()

    BINDINGS: ClassVar[list[BindingType]] = bindings("events")
    DEFAULT_CSS = """
    EventsView > #events-told { height: 1; padding: 0 1; text-style: bold; background: $surface; }
    EventsView > Filtered { height: 1fr; }
    EventsView > Pane { height: 40%; padding-top: 1; }
    """

    def __init__(self, sources: Sources, *, id: str) -> None:
        super().__init__(id=id)
        self.sources = sources
        self.wanted = Wanted(most=MOST)
        self.events: dict[str, Happening] = {}
        self.gaps: tuple[str, ...] = ()
        self.why = ""
        self.asked = 0
        self.reading = False
        self._following: Timer | None = None

    def compose(self) -> ComposeResult:
        """Make the line that tells, the table and the pane."""
        yield Static(id="events-told")
        hint = "words, !not, ~fuzzy, source: principal: action: result: resource:"
        yield Filtered(columns(self.app.size.width), id="log", hint=hint, told=self._facets)
        yield Pane(id="event")

    @property
    def table(self) -> Table:
        """The table of events."""
        return self.query_one(Table)

    @property
    def current(self) -> Happening | None:
        """The event under the cursor."""
        return self.events.get(self.table.key or "")

    def start(self) -> None:
        """Take the keyboard, and read the logs at the first time."""
        self.table.focus()
        if not self.asked:
            self.action_read()

    def action_read(self) -> None:
        """Read the logs anew."""
        self.events = {}
        self._look(self.wanted)

    def action_reads(self) -> None:
        """Show reads too, or no more."""
        self.wanted = replace(self.wanted, reads=not self.wanted.reads)
        self.action_read()

    def action_follow(self) -> None:
        """Read what is new again and again, or stop."""
        if self._following is not None:
            self._following.stop()
            self._following = None
        else:
            self._following = self.set_interval(EVERY, self._more)
            self._more()
        self._tell()

    def _more(self) -> None:
        """Read what is new, unless a look is still on."""
        if not self.reading:
            self._look(replace(self.wanted, since=newest(tuple(self.events.values()))))

    def _look(self, wanted: Wanted) -> None:
        self.asked += 1
        self.reading = True
        self._tell()
        self._read(wanted, self.asked)

    @work(thread=True, exclusive=True, group="events")
    def _read(self, wanted: Wanted, asked: int) -> None:
        assert self.sources.events is not None
        try:
            self.post_message(self.Read(self.sources.events(wanted), asked))
        except TwinError as error:
            self.post_message(self.Read(None, asked, str(error)))

    def on_events_view_read(self, event: Read) -> None:
        """Add what was read; the cursor stays on its event, or on the newest."""
        if event.asked != self.asked:
            return
        self.reading, self.why = False, event.why
        if event.found is not None:
            self.gaps = event.found.gaps
            self._add(event.found)
        self._tell()
        if self.current is None:
            self._show()

    def _add(self, found: Happenings) -> None:
        fresh = {one.id: one for one in found.events if one.id not in self.events}
        if not fresh and self.events:
            return
        on_top = self.table.cursor == 0
        ordered = sorted((fresh | self.events).values(), key=lambda one: (one.time, one.id), reverse=True)
        self.events = {one.id: one for one in ordered}
        self.query_one(Filtered).fill([_line(one) for one in ordered])
        if on_top:
            self.table.move(0)

    def on_table_highlighted(self) -> None:
        """Show the event under the cursor, once the cursor is painted and stands still."""
        self.call_after_refresh(self._show)

    def on_table_selected(self) -> None:
        """Go on to the event."""
        self.query_one(Pane).focus()

    def _facets(self, line: Line) -> tuple[str, Facets]:
        return told(self.events[line.key])

    def _show(self) -> None:
        self.query_one(Pane).tell(_detail(self.current, self.gaps, self.why or ("" if self.reading else "no event")))

    def _tell(self) -> None:
        head = Text(f"{len(self.events):,} events")
        head.append("  reads too" if self.wanted.reads else "  writes only", FAINT)
        if self._following is not None:
            head.append("  ● following", AS_SPEC.colour)
        elif self.reading:
            head.append("  reading the logs …", FAINT)
        if self.why:
            head.append(f"  {self.why}", TO_REMOVE.colour)
        if self.gaps:
            head.append(f"  {len(self.gaps)} not seen", DRIFT.colour)
        self.query_one("#events-told", Static).update(head)


def _line(one: Happening) -> Line:
    shown = cells(one)
    colours = (FAINT, COLOURS.get(one.source, ""), "", "", FAINT if one.result == OK else TO_REMOVE.colour)
    return Line(one.id, shown, colours, (one.time, *(cell.lower() for cell in shown[1:])))


def _detail(one: Happening | None, gaps: tuple[str, ...], why: str) -> Iterator[RenderableType]:
    if one is None:
        yield Text(why, FAINT)
    else:
        yield Text.assemble((f"{one.principal} {one.action}", "bold"), (f"  {one.resource}", FAINT))
        yield JSON(written(one), indent=2)
    for gap in gaps:
        yield Text(f"not seen: {gap}", DRIFT.colour)

"""The events view: the trail, the System Log, the audit log and the alarms as one log, to follow and to filter."""

from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from tui import logged, past
from tui.actions import bindings
from tui.filtered import Filtered
from tui.keyboard import give
from tui.listing import Listing
from tui.palette import FAINT
from tui.pane import Pane
from tui.sheet import Line
from tui.sources import Sources
from tui.states import AS_SPEC, DRIFT, TO_REMOVE
from tui.still import Still
from tui.table import Table
from twin.errors import TwinError
from twin.observe.happenings import Happening, Happenings, Wanted, newest
from twin.report import journal
from twin.report.happenings import told
from twin.report.query import Facets
from twin.scenario.recording.journal import Event

EVERY = 2.0
"""Seconds between two looks while the log is followed: CloudTrail answers two lookups a second."""
MOST = 1000
"""Events of each log that are read."""


class EventsView(Still):
    """The newest events on top, over one of them as JSON; of a run on a twin of its own its journal by the cursor."""

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
        self.why, self.asked, self.reading = "", 0, False
        self._following: Timer | None = None
        self.past: dict[str, Event] = {}
        self._read_to = 0.0

    def compose(self) -> ComposeResult:
        """Make the line that tells, the table and the pane."""
        yield Static(id="events-told")
        hint = "words, !not, ~fuzzy, source: principal: action: result: resource:"
        yield Filtered(logged.columns(self.app.size.width), id="log", hint=hint, told=self._facets)
        yield Pane(id="event")

    @property
    def table(self) -> Table:
        """The table of events."""
        return self.query_one(Table)

    @property
    def current(self) -> Happening | Event | None:
        """The event under the cursor."""
        key = self.table.key or ""
        return self.events.get(key) if self.reads_logs else self.past.get(key)

    @property
    def reads_logs(self) -> bool:
        """Whether the target's logs are shown, which do not know what happens on a run's own twin."""
        return self.then is None or (self.then.until is not None and self.sources.events is not None)

    def start(self) -> None:
        """Take the keyboard, and read the logs at the first time."""
        give(self.table)
        self.catch_up()
        if self.reads_logs and not self.asked and self.sources.events is not None:
            self.action_read()

    def settle(self) -> None:
        """Show what had happened by the instant, or the target's logs."""
        if self.then is not None:
            self._still()
        self.past = {} if self.then is None or self.reads_logs else past.events_by(self.then)
        if self.reads_logs and self.sources.events is not None:
            self._catch_up()
        self._fill()
        self._tell()
        self._show()

    def _catch_up(self) -> None:
        """Read the logs where they were not yet, or where more has happened since than was read."""
        end = self.then.run.end if self.then is not None else self._read_to
        if not self.asked:
            self.action_read()
        elif end > self._read_to:
            self._more()
        self._read_to = max(self._read_to, end)

    def _still(self) -> None:
        if self._following is not None:
            self._following.stop()
            self._following = None

    def _fill(self) -> None:
        """Show the rows, under the cursor's place where the cursor in time is set; the table's goes to the newest."""
        then, log, on_top = self.then, self.query_one(Filtered), self.table.cursor <= 1
        if then is None:
            log.fill([logged.line(one) for one in self.events.values()])
        elif not self.reads_logs:
            log.fill(past.lines(then, self.past))
        else:
            until = then.until
            found = [one for one in self.events.values() if until is None or one.time <= until]
            log.fill([past.cursor(then, len(self.events) - len(found)), *(logged.line(one) for one in found)])
        if then is not None and on_top:
            self.table.move(1)

    def _only_now(self) -> bool:
        if self.then is not None:
            self.notify("this is what had happened by an instant; L leads back to live", severity="warning")
        return self.then is not None

    def action_read(self) -> None:
        """Read the logs anew."""
        if not self.reads_logs:
            self._only_now()
            return
        self.events = {}
        self._look(self.wanted)

    def action_reads(self) -> None:
        """Show reads too, or no more."""
        if self._only_now():
            return
        self.wanted = replace(self.wanted, reads=not self.wanted.reads)
        self.action_read()

    def action_follow(self) -> None:
        """Read what is new again and again, or stop."""
        if self._following is not None:
            self._still()
        elif not self._only_now():
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
        if not self.reads_logs:
            return
        self._fill()
        if on_top and self.then is None:
            self.table.move(0)

    def on_table_highlighted(self) -> None:
        """Show the event under the cursor, once the cursor is painted and stands still."""
        self.call_after_refresh(self._show)

    def on_table_selected(self) -> None:
        """Go on to the event."""
        give(self.query_one(Pane))

    def listing(self) -> Listing:
        """Return the rows of the table, as they are filtered and sorted."""
        return self.table.listing("events")

    def _facets(self, line: Line) -> tuple[str, Facets]:
        if line.key in self.past:
            return journal.told(self.past[line.key])
        return told(self.events[line.key]) if line.key in self.events else (" ".join(line.cells), {})

    def _show(self) -> None:
        current = self.current
        if isinstance(current, Event):
            self.query_one(Pane).tell(past.detail(current))
            return
        if not self.reads_logs:
            self.query_one(Pane).tell([Text("nothing had happened yet" if not self.past else past.HERE, FAINT)])
            return
        self.query_one(Pane).tell(logged.detail(current, self.gaps, self.why or ("" if self.reading else "no event")))

    def _tell(self) -> None:
        if not self.reads_logs and self.then is not None:
            self.query_one("#events-told", Static).update(past.head(self.then, len(self.past)))
            return
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

"""The timeline view: a run's journal as lanes over time, with a cursor that can be moved through it."""

import json
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Static

from tui.actions import bindings
from tui.keyboard import give
from tui.listing import Listing
from tui.palette import ACCENT, FAINT
from tui.prompts import TimeScreen
from tui.runs import Run
from tui.sheet import fit
from tui.states import AS_SPEC, DRIFT, TO_CREATE, TO_REMOVE, TO_REPLACE
from twin.scenario.recording.journal import Event
from twin.scenario.recording.moment import clock, instant

COLOURS = {
    "traffic": ACCENT,
    "faults": TO_REMOVE.colour,
    "world": AS_SPEC.colour,
    "alarms": DRIFT.colour,
    "attacker": TO_REPLACE.colour,
    "responder": TO_CREATE.colour,
}
BARS = " ▁▂▃▄▅▆▇█"
LABEL = 11
BEFORE = 22
"""Columns before what an event tells: time and lane, and one at the edge."""
TICK = 0.1
PLAYED_IN = 20.0
"""How many seconds the whole run takes when it is played."""


class Lanes(Static):
    """One line per lane, as high as much happened in it; the cursor stands at an instant."""

    def draw(self, run: Run, t: float) -> None:
        """Draw a run with the cursor at an instant."""
        width = max(self.size.width - LABEL - 2, 10)
        at = min(int(t / (run.end or 1.0) * width), width - 1)
        picture = Text(no_wrap=True, overflow="crop")
        for lane in run.lanes:
            counts = run.counts(lane, width)
            most = max(counts) or 1
            picture.append(f"{lane:>{LABEL}} ", FAINT)
            for index, count in enumerate(counts):
                bar = BARS[0 if not count else 1 + (count * (len(BARS) - 2)) // most]
                style = f"{COLOURS[lane]}{' reverse' if index == at else ''}"
                picture.append(bar, style)
            picture.append("\n")
        picture.append(" " * (LABEL + 1) + " " * at + "▲" + f" {clock(t)}" if at < width - 12 else
                       " " * (LABEL + 1) + " " * (at - 9) + f"{clock(t):>8} ▲", "bold")  # fmt: skip
        self.update(picture)


NOTHING = 'nothing has happened yet: B breaks the twin, and calls (eval "$(twin env)") are told here'
"""What an empty timeline says, which is that of a twin that was just opened."""


class EventLines(ScrollView, can_focus=True, inherit_bindings=False):
    """The events up to the cursor, the newest below; only the lines on the screen are made."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("lines")
    DEFAULT_CSS = "EventLines { height: 1fr; scrollbar-size-vertical: 1; background: $surface; }"

    def __init__(self) -> None:
        super().__init__()
        self._events: Sequence[Event] = ()
        self._shown = 0
        self.hint = ""

    def show(self, run: Run, t: float) -> None:
        """Show what happened by an instant."""
        self._events, self._shown = run.events, run.at(t)
        self.hint = "nothing has happened by this instant; → goes on" if run.events else NOTHING
        self.virtual_size = Size(self.size.width, self._shown)
        self.scroll_end(animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Make one line."""
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= self._shown:
            hint = f" {self.hint}" if not self._shown and y == 1 else ""
            return Strip([Segment(hint, Style.parse(FAINT))]).crop_extend(0, width, self.rich_style)
        event = self._events[index]
        newest = event.t == self._events[self._shown - 1].t
        told = fit(event.told(), max(width - BEFORE, 1), right=False)
        segments = [
            Segment(f" {clock(event.t):>9} ", Style.parse(f"bold {ACCENT}" if newest else FAINT)),
            Segment(f"{event.lane:9} ", Style.parse(COLOURS[event.lane])),
            Segment(told, Style(bold=newest)),
        ]
        return Strip(segments).crop_extend(0, width, self.rich_style)


class TimelineView(Vertical):
    """Lanes over events; the cursor moves by events and by stretches, plays, and follows a run that is on."""

    class Moved(Message):
        """The cursor stands at another instant, or the run has more to show."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("timeline")
    DEFAULT_CSS = """
    TimelineView > #run { height: 1; padding: 0 1; text-style: bold; background: $surface; }
    TimelineView > Lanes { height: auto; padding: 1 1 0 1; }
    """
    t: reactive[float] = reactive(0.0)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.run: Run | None = None
        self.following = False
        self._playing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Make the run's line, the lanes and the events."""
        yield Static(id="run")
        yield Lanes()
        yield EventLines()

    def start(self) -> None:
        """Take the keyboard."""
        give(self.query_one(EventLines))
        self._draw()

    def show(self, run: Run) -> None:
        """Show a run from its end, from which one goes back; one that is on is followed."""
        self._hold()
        self.run, self.following = run, run.on
        self.t = run.end
        self._draw()
        self.post_message(self.Moved())

    def grown(self) -> None:
        """Show what a run has more of, and follow it where it is followed."""
        assert self.run is not None
        if self.following:
            self.t = self.run.end
            self.following = self.run.on
        self._draw()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Draw anew at another width."""
        self.call_after_refresh(self._draw)

    def watch_t(self) -> None:
        """Draw the instant at which the cursor stands."""
        self._draw()
        self.post_message(self.Moved())

    def stand(self, t: float) -> None:
        """Put the cursor at an instant of the run; at the newest one of a run that is on, follow it."""
        if self.run is None:
            self.notify("no run yet: press 3, then r on a scenario", severity="warning")
            return
        self.t = min(max(t, 0.0), self.run.end)
        self.following = self.run.on and t >= self.run.end
        self.post_message(self.Moved())

    def action_step(self, way: int) -> None:
        """Go to the next event, or to the one before."""
        self.stand(0.0 if self.run is None else self.run.after(self.t) if way > 0 else self.run.before(self.t))

    def scrub(self, way: int) -> None:
        """Go a tenth of the run."""
        self.stand(self.t + way * self.run.end / 10 if self.run is not None else 0.0)

    def action_go(self, end: int) -> None:
        """Go to the start or to the end."""
        self.stand(self.run.end if self.run is not None and end else 0.0)

    def action_ask(self) -> None:
        """Ask for a time to go to."""
        self.app.push_screen(TimeScreen(), self._answered)

    def _answered(self, text: str | None) -> None:
        if not text:
            return
        try:
            self.stand(instant(text, self.run.end if self.run is not None else 0.0))
        except ValueError:
            self.notify(f"{text!r} is no time; write 1:05:00, 65m, 90 or 50%", severity="warning", markup=False)

    def listing(self) -> Listing:
        """Return the events up to the cursor."""
        run = self.run
        events = run.events[: run.at(self.t)] if run is not None else []
        rows = [(f"{e.t:.3f}", e.lane, e.actor, e.kind, json.dumps(e.facts, default=str)) for e in events]
        return Listing("timeline", ("seconds", "lane", "actor", "event", "facts"), rows)

    def action_fault(self) -> None:
        """Go to the next fault, alarm or act of an attacker; from the last one to the first."""
        marks: list[float] = []
        if self.run is not None:
            marks = sorted({t for lane in ("faults", "alarms", "attacker") for t in self.run.by_lane.get(lane, ())})
        if self.run is not None and not marks:
            self.notify("nothing broke in this run, and nobody was alarmed")
            return
        self.stand(next((mark for mark in marks if mark > self.t), marks[0] if marks else 0.0))

    def action_play(self) -> None:
        """Let the cursor run to the end, or stop it; a run that is followed stops with it, and goes on unseen."""
        if self.run is None or self._playing is not None or self.following:
            self._hold()
            self.stand(self.t)
            self.following = False
            self._draw()
            return
        if self.t >= self.run.end:
            self.t = 0.0
        self._playing = self.set_interval(TICK, self._tick)

    def _hold(self) -> None:
        if self._playing is not None:
            self._playing.stop()
            self._playing = None

    def _tick(self) -> None:
        assert self.run is not None
        self.stand(self.t + self.run.end * TICK / PLAYED_IN)
        if self.t >= self.run.end:
            self._hold()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        head = self.query_one("#run", Static)
        if self.run is None:
            head.update(Text("no run yet: press 3, then r on a scenario"))
            return
        run = self.run
        state = run.verdict or ("on, followed" if self.following else "on, held here")
        told = Text(f"{run.name}  {state}  seed {run.seed}  ", no_wrap=True, overflow="ellipsis")
        told.append(f"{run.at(self.t)} of {len(run.events)} events by {clock(self.t)} of {clock(run.end)}", FAINT)
        if run.recording is None:
            told.append("  (this run has its journal alone)", FAINT)
        head.update(told)
        self.query_one(Lanes).draw(run, self.t)
        self.query_one(EventLines).show(run, self.t)

"""The timeline view: a run's journal as lanes over time, with a cursor that can be moved through it."""

import json
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from tui.actions import bindings
from tui.keyboard import give
from tui.lanes import EventLines, Lanes
from tui.listing import Listing
from tui.palette import FAINT
from tui.prompts import TimeScreen
from tui.runs import Run
from twin.scenario.recording.moment import clock, instant

TICK = 0.1
PLAYED_IN = 20.0
"""How many seconds the whole run takes when it is played."""


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

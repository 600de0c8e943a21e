"""A run in time: its lanes, as high as much happened in each, over the events up to the cursor."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from tui.actions import bindings
from tui.palette import ACCENT, FAINT
from tui.runs import Run
from tui.sheet import fit
from tui.states import AS_SPEC, DRIFT, TO_CREATE, TO_REMOVE, TO_REPLACE
from twin.scenario.recording.journal import Event
from twin.scenario.recording.moment import clock

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


NOTHING = 'nothing yet: B breaks the twin; calls (eval "$(twin env)") are told here'
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

"""The topology view: what is around a thing of the network, drawn, with blast radius and ways of packets laid over."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input, Static

from tui.actions import bindings
from tui.canvas import Canvas
from tui.drawing import around, listing, same, thing, titles
from tui.keyboard import give
from tui.laying import blast, way
from tui.listing import Listing
from tui.palette import FAINT
from tui.recalled import Recalled, held_still, recalled
from tui.sources import Sources
from tui.states import TO_REMOVE
from tui.still import Still
from tui.then import Then
from twin.analysis.passage.ends import INTERNET
from twin.analysis.passage.passages import View
from twin.errors import TwinError, UsageError
from twin.report.picture.boxes import Box, Marks, Picture
from twin.report.picture.drawn import picture
from twin.report.picture.neighbourhood import DEEPEST, Neighbourhood, named, neighbourhood
from twin.report.picture.terminal import draw
from twin.scenario.recording.looks import NETWORK
from twin.scenario.recording.recording import Recording


class TopologyView(Still):
    """The canvas under a line that tells what is drawn, over a line that tells of the box under the cursor."""

    class Read(Message):
        """The network is there, or why it is not."""

        def __init__(self, view: View | None, drawn: Picture | None, why: str = "") -> None:
            self.view, self.drawn, self.why = view, drawn, why
            super().__init__()

    BINDINGS: ClassVar[list[BindingType]] = bindings("topology")
    DEFAULT_CSS = """
    TopologyView > #topology-told { height: 1; padding: 0 1; text-style: bold; background: $surface; }
    TopologyView > #thing { height: 2; padding: 0 1; background: $panel; }
    TopologyView > Input { height: 1; border: none; padding: 0 1; background: $panel; display: none; }
    TopologyView > Input:focus { height: 1; border: none; }
    TopologyView.finding > Input { display: block; }
    """

    def __init__(self, sources: Sources, *, id: str) -> None:
        super().__init__(id=id)
        self.sources = sources
        self.network: View | None = None
        self.seen: View | None = None
        """The network that is drawn: the target's, or the instant's where its recording has one."""
        self.own = Marks()
        self.drawn = Picture(Box("org", "org", ""))
        self.centres = [INTERNET]
        self.depth = 1
        self.marks = Marks()
        self.found: Neighbourhood | None = None
        self.reading = False
        self.why = ""

    def compose(self) -> ComposeResult:
        """Make the lines, the question and the canvas."""
        yield Static(id="topology-told")
        yield Input(placeholder="an id or a name", select_on_focus=False)
        yield Canvas(id="canvas")
        yield Static(id="thing")

    @property
    def canvas(self) -> Canvas:
        """The drawing."""
        return self.query_one(Canvas)

    @property
    def current(self) -> Box | None:
        """The box under the cursor."""
        boxes = self.found.boxes() if self.found is not None else ()
        return next((box for box in boxes if box.id == self.canvas.at), None)

    def start(self) -> None:
        """Take the keyboard, and read the network at the first time."""
        give(self.canvas)
        if not self.catch_up() and self.then is None and self.network is None and not self.reading:
            self.action_read()

    def settle(self) -> None:
        """Draw the org of the instant, or the target again."""
        if self.then is not None:
            self._recall(self.then)
        elif self.network is not None:
            self._take(self.network, picture(self.network), Marks())
        else:
            self.action_read()

    def _recall(self, then: Then) -> None:
        self._remember(then, held_still(then))

    @work(thread=True, exclusive=True, group="topology-recalled")
    def _remember(self, then: Then, recording: Recording) -> None:
        self.post_message(recalled(then, recording))

    def on_recalled(self, event: Recalled) -> None:
        """Draw the org of the instant, unless the cursor has gone on."""
        if event.then == self.then:
            self._take(event.view, event.drawn, event.marks)

    def _take(self, view: View | None, drawn: Picture, marks: Marks) -> None:
        """Draw another picture around the same thing; what it calls otherwise is found by its name."""
        known = {box.id for box in drawn.root.all()}
        centre = same(self.drawn, drawn, self.centres[-1])
        self.centres = [one for one in self.centres if one in known and one != centre] + [centre]
        at = same(self.drawn, drawn, self.canvas.at)
        self.seen, self.drawn, self.marks, self.own = view, drawn, marks, marks
        self._draw(at)

    def action_read(self) -> None:
        """Read the network again."""
        if self.then is not None:
            self.notify("an instant does not change: L leads back to the target as it is", severity="warning")
            return
        self.reading, self.why = True, ""
        self._tell()
        self._read()

    @work(thread=True, exclusive=True, group="topology")
    def _read(self) -> None:
        assert self.sources.network is not None
        try:
            view = self.sources.network()
            drawn = picture(view)
        except TwinError as error:
            self.post_message(self.Read(None, None, str(error)))
        else:
            self.post_message(self.Read(view, drawn))

    def on_topology_view_read(self, event: Read) -> None:
        """Draw the network that was read."""
        self.reading, self.why = False, event.why
        if event.drawn is not None:
            self.network = event.view
            if self.then is None:
                self._take(event.view, event.drawn, Marks())
        self._tell()

    def _draw(self, at: str = "") -> None:
        centre = self.centres[-1]
        self.found = neighbourhood(self.drawn, centre, self.depth)
        drawn = {box.id for box in self.found.boxes()}
        self.canvas.show(draw(self.found, self.marks), self.found, at if at in drawn else centre)
        self._tell()

    def go(self, centre: str) -> None:
        """Show what is around a box."""
        if centre != self.centres[-1]:
            self.centres.append(centre)
        self._draw()

    def on_canvas_chosen(self) -> None:
        """Show what is around the box under the cursor."""
        if self.found is not None:
            self.go(self.canvas.at)

    def on_canvas_moved(self) -> None:
        """Tell of the box under the cursor."""
        self._tell()

    def action_back(self) -> None:
        """Go to the centre before."""
        if len(self.centres) > 1:
            self.centres.pop()
            self._draw()
        else:
            self.notify("there is nothing to go back to", severity="warning")

    def action_deepen(self, by: int) -> None:
        """Draw one step more, or less."""
        self.depth = min(max(self.depth + by, 1), DEEPEST)
        if self.found is not None:
            self._draw(self.canvas.at)

    def action_find(self) -> None:
        """Ask for a thing."""
        self.add_class("finding")
        give(self.query_one(Input))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Show what is around the thing that is asked for."""
        try:
            centre = named(self.drawn, event.value.strip())
        except UsageError as wrong:
            self.notify(str(wrong), severity="warning", markup=False)
            return
        self.remove_class("finding")
        event.input.value = ""
        give(self.canvas)
        self.go(centre)

    def action_blast(self) -> None:
        """Lay over it what is lost and hurt without the box under the cursor."""
        self._lay(blast)

    def action_way(self) -> None:
        """Lay over it the way of packets to the box under the cursor."""
        centre = self.centres[-1]
        self._lay(lambda network, drawn, box: way(network, drawn, centre, box))

    def _lay(self, over: Callable[[View, Picture, Box], Marks]) -> None:
        box = self.current
        if self.then is not None and self.seen is None:
            self.notify(self.then.instants.lacks(NETWORK), severity="warning")
        elif box is not None and self.seen is not None:
            try:
                self.marks = over(self.seen, self.drawn, box)
            except UsageError as wrong:
                self.notify(str(wrong), severity="warning", markup=False)
                return
            self._draw(self.canvas.at)

    def action_close(self) -> None:
        """Close the question, or lay nothing over the drawing."""
        if self.has_class("finding"):
            self.remove_class("finding")
            give(self.canvas)
        elif self.marks != self.own:
            self.marks = self.own
            self._draw(self.canvas.at)

    def listing(self) -> Listing:
        """Return the boxes that are drawn, each with its mark."""
        return listing(self.found, self.marks)

    def _tell(self) -> None:
        head = Text()
        if self.reading:
            head.append("reading the network …", FAINT)
        elif self.why:
            head.append(self.why, TO_REMOVE.colour)
        elif self.found is not None:
            head = around(self.found, titles(self.drawn, self.centres), self.depth, marks=self.marks)
        self.query_one("#topology-told", Static).update(head)
        self.query_one("#thing", Static).update(thing(self.found, self.current, self.marks))

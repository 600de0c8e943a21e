"""The explorer: views of one plan and of the scenarios played on it, and the keys between them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.containers import Horizontal
from textual.filter import LineFilter
from textual.message import Message
from textual.widgets import ContentSwitcher, Static

from tui.actions import bindings
from tui.banner import Banner
from tui.catalogue import Item
from tui.commands import Commands
from tui.keyline import KeyLine
from tui.listening import EVERY, Pulse
from tui.moments import Moments
from tui.org import Entry, Org
from tui.palette import THEMES
from tui.pane import ResourcePane
from tui.recolour import COUNTERPARTS, Recolour
from tui.runner import Runner
from tui.runs import Run
from tui.safety import Place
from tui.sources import Sources
from tui.spec_lines import SpecLines
from tui.viewing import Viewing
from tui.views.changes import PlanView
from tui.views.explore import ExploreView
from tui.views.scenarios import ScenarioView
from tui.views.timeline import TimelineView
from tui.visits import Visits
from twin.engine.graph import ends
from twin.engine.plan import Plan
from twin.resources.declaration import Desired
from twin.scenario.recording.recording import Recording


class Explorer(Viewing):
    """Shows a plan, the org behind it, and scenarios; what runs, runs in a process of its own on a twin of its own."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Commands}
    COMMAND_PALETTE_DISPLAY = ":"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - typed so by Textual
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere", "time")
    CSS = """
    #switch { height: 1fr; }
    #top { height: 1; background: $panel; }
    #views {
        width: auto; padding: 0 1;
        link-style: none; link-color: $foreground;
        link-color-hover: $foreground; link-background-hover: $primary 40%;
    }
    Toast { width: auto; max-width: 60%; padding: 0 1; margin-top: 0; }
    #where {
        width: 1fr; padding: 0 1; text-align: right; color: $foreground 70%;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    .-narrow #views, .-narrow #where { padding: 0; }
    .-wide PlanView #parts { layout: horizontal; }
    .-wide PlanView Table { width: 50%; height: 1fr; }
    .-wide PlanView Pane { width: 1fr; padding-top: 0; }
    .-wide ScenarioView #scenario-parts { layout: horizontal; }
    .-wide ScenarioView Filtered { width: 50%; height: 1fr; }
    .-wide ScenarioView Pane { width: 1fr; padding-top: 0; }
    """

    def __init__(
        self, plan: Plan, desired: Desired | None = None, lines: SpecLines | None = None, *,
        scenarios: Sequence[Item] | Callable[[], Sequence[Item]] = (), runner: Runner | None = None,
        runs: Sequence[Run] = (), place: Place | None = None, keymap: Mapping[str, str] | None = None,
        look: Callable[[], Plan] | None = None,
        references: Mapping[str, list[tuple[str, str]]] | None = None,
        sources: Sources | None = None, pulse: Pulse | None = None, began: datetime | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.animation_level = "none"  # who presses a key wants to see where it leads, at once
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self._colours = self.get_css_variables()
        self.stylesheet.set_variables(self._colours)
        self._catalogue = scenarios if callable(scenarios) else None
        self.scenarios: list[Item] = [] if callable(scenarios) else list(scenarios)
        self.runner, self.runs = runner, list(runs)
        self.desired, self.place, self.look = desired or Desired(), place or Place(), look
        self.references = references if references is not None else ends(self.desired)
        self.org = self.now = Org.joined(plan, self.references)
        self.spec_lines = lines or SpecLines()
        self.live = True
        self.growing: Run | None = None
        self.moments, self.visits = Moments(), Visits()
        self.set_keymap(dict(keymap or {}))
        self.sources = sources or Sources()
        self.pulse, self.began = pulse, began
        session = Recording.from_plan(plan, self.references, "this session")
        session.began = began
        self.session = Run.of(session)

    def compose(self) -> ComposeResult:
        """Make the line on top, the views that are always there, and the line of keys."""
        with Horizontal(id="top"):
            yield Static(id="views")
            yield Static(id="where")
        yield Banner()
        with ContentSwitcher(id="switch", initial="explore"):
            yield ExploreView(self.org, self.spec_lines, id="explore")
            yield PlanView(self.org, self.spec_lines, id="plan")
            yield ScenarioView(
                None if self._catalogue is not None else self.scenarios, self.runner, id="scenarios",
                locked=self.place.locked,
            )  # fmt: skip
            yield TimelineView(id="timeline")
        yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Begin with the tree."""
        self.title = "twin"
        self.show("explore")
        if self._catalogue is not None:
            self._read_catalogue(self._catalogue)
        if self.runs:
            self._watch(self.runs[0])
        elif self.pulse is not None:
            self.timeline.show(self.session)
        if self.pulse is not None:
            self.set_interval(EVERY, partial(self.listen, self.pulse))

    class Catalogued(Message):
        """The scenarios were read, which takes longer than the first screen."""

        def __init__(self, items: Sequence[Item]) -> None:
            self.items = items
            super().__init__()

    @work(thread=True)
    def _read_catalogue(self, read: Callable[[], Sequence[Item]]) -> None:
        self.post_message(self.Catalogued(read()))

    def on_explorer_catalogued(self, event: Catalogued) -> None:
        """List the scenarios."""
        self.scenarios = list(event.items)
        self.query_one(ScenarioView).take(event.items)

    def refresh_css(self, animate: bool = True) -> None:
        """Take other colours; at the start they are those already in which everything is drawn."""
        colours = self.get_css_variables()
        if colours != self._colours:
            self._colours = colours
            super().refresh_css(animate)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what lines pass after they are made: the theme's colours last, but before NO_COLOR takes them all."""
        recolour = [Recolour(self.theme)] if self.theme in COUNTERPARTS else []
        return [*recolour, *super().get_line_filters()]

    def on_plan_view_chosen(self, event: PlanView.Chosen) -> None:
        """Show the resource of a change in the tree."""
        self.show_resource(event.key)

    def on_resource_pane_jump(self, event: ResourcePane.Jump) -> None:
        """Go to a neighbour."""
        self.show_resource(event.key)

    def show_resource(self, key: str) -> None:
        """Show a resource in the tree, from which one can go back."""
        before = getattr(self.view, "current", None)
        if isinstance(before, Entry):
            self.visits.go(before.key)
        self.visits.go(key)
        self._go(key)

    def action_return(self) -> None:
        """Go to the resource shown before."""
        self._move(-1, "there is nothing to go back to")

    def action_forward(self) -> None:
        """Go to the resource from which one went back."""
        self._move(1, "there is nothing to go forward to")

    def _move(self, way: int, nothing: str) -> None:
        key = self.visits.move(way)
        if key is None:
            self.notify(nothing, severity="warning")
        else:
            self._go(key)

    def _go(self, key: str) -> None:
        if key not in self.org.entries:
            self.notify(f"{key} is not there at this instant", severity="warning", markup=False)
            return
        self.show("explore")
        self.query_one(ExploreView).go(key)

    def show_scenario(self, id_: str) -> None:
        """Show a scenario in the catalogue."""
        self.show("scenarios")
        self.query_one(ScenarioView).go(id_)

    def on_scenario_view_forbidden(self, event: ScenarioView.Forbidden) -> None:
        """Tell the command that is not carried out."""
        self.perform(event.words, here=False)

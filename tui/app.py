"""The explorer: views of one plan and of the scenarios played on it, and the keys between them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.containers import Horizontal
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import ContentSwitcher, Footer, Static

from tui.catalogue import Item
from tui.commands import Commands
from tui.help import HelpScreen
from tui.org import Org, tally
from tui.palette import THEMES
from tui.recolour import COUNTERPARTS, Recolour
from tui.runner import Runner
from tui.runs import Run
from tui.sources import Sources
from tui.spec_lines import SpecLines
from tui.views.changes import PlanView
from tui.views.cost import CostView
from tui.views.events import EventsView
from tui.views.explore import ExploreView
from tui.views.paths import PathsView
from tui.views.scenarios import ScenarioView
from tui.views.timeline import TimelineView
from tui.views.topology import TopologyView
from twin.engine.plan import Plan
from twin.resources.declaration import Desired

VIEWS = {
    "explore": ("1 Explore", "1 Explore"),
    "plan": ("2 Plan", "2 Plan"),
    "scenarios": ("3 Scenarios", "3 Scen"),
    "timeline": ("4 Timeline", "4 Time"),
    "paths": ("5 Paths", "5 Paths"),
    "cost": ("6 Cost", "6 Cost"),
    "events": ("7 Events", "7 Events"),
    "topology": ("8 Topology", "8 Topo"),
}
"""By its id, what a view is called, and what on a narrow screen."""
NARROW = 120
View = ExploreView | PlanView | ScenarioView | TimelineView | PathsView | CostView | EventsView | TopologyView


class Explorer(App[None]):
    """Shows a plan, the org behind it, and scenarios; what runs, runs in a process of its own on a twin of its own."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Commands}
    COMMAND_PALETTE_DISPLAY = ":"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - typed so by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('explore')", "Explore", show=False),
        Binding("2", "view('plan')", "Plan", show=False),
        Binding("3", "view('scenarios')", "Scenarios", show=False),
        Binding("4", "view('timeline')", "Timeline", show=False),
        Binding("5", "view('paths')", "Paths", show=False),
        Binding("6", "view('cost')", "Cost", show=False),
        Binding("7", "view('events')", "Events", show=False),
        Binding("8", "view('topology')", "Topology", show=False),
        Binding("y", "copy", "Copy address"),
        Binding("colon", "command_palette", "Commands", key_display=":"),
        Binding("t", "theme", "Colours", show=False),
        Binding("S", "picture", "Save a picture", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
    ]
    CSS = """
    #switch { height: 1fr; }
    #top { height: 1; background: $panel; }
    #views { width: auto; padding: 0 1; }
    #where {
        width: 1fr; padding: 0 1; text-align: right; color: $foreground 70%;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    .-narrow #views, .-narrow #where { padding: 0; }
    .-wide PlanView #parts { layout: horizontal; }
    .-wide PlanView Table { width: 50%; height: 1fr; }
    .-wide PlanView Pane { width: 1fr; padding-top: 0; }
    .-wide ScenarioView #scenario-parts { layout: horizontal; }
    .-wide ScenarioView ScenarioList { width: 50%; height: 1fr; }
    .-wide ScenarioView Pane { width: 1fr; padding-top: 0; }
    Footer { background: $panel; }
    """

    def __init__(
        self, plan: Plan, desired: Desired, lines: SpecLines | None = None, *,
        scenarios: Sequence[Item] = (), runner: Runner | None = None, runs: Sequence[Run] = (),
        sources: Sources | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.scenarios, self.runner, self.runs = list(scenarios), runner, list(runs)
        self.org = Org.of(plan, desired)
        self.desired = desired
        self.spec_lines = lines or SpecLines()
        self.sources = sources or Sources()

    def compose(self) -> ComposeResult:
        """Make the line on top, the views, and the line of keys."""
        with Horizontal(id="top"):
            yield Static(id="views")
            yield Static(self._where(), id="where")
        with ContentSwitcher(id="switch", initial="explore"):
            yield ExploreView(self.org, self.spec_lines, id="explore")
            yield PlanView(self.org, self.spec_lines, id="plan")
            yield ScenarioView(self.scenarios, self.runner, id="scenarios")
            yield TimelineView(id="timeline")
            yield from self._read_views()
        yield Footer(compact=True, show_command_palette=False)

    def _read_views(self) -> ComposeResult:
        """Make the views of what the target is read for; one without a source is not there."""
        if self.sources.reach is not None or self.sources.network is not None:
            yield PathsView(self.sources, id="paths")
        if self.sources.costs is not None:
            yield CostView(self.sources, self._played, id="cost")
        if self.sources.events is not None:
            yield EventsView(self.sources, id="events")
        if self.sources.network is not None:
            yield TopologyView(self.sources, id="topology")

    def _played(self) -> Iterator[Run]:
        """Yield the runs that are known: those that were given, and those that were played here."""
        yield from self.runs
        for runs in self.query_one(ScenarioView).runs.values():
            yield from runs

    def on_mount(self) -> None:
        """Begin with the tree."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.title = "twin"
        self.action_view("explore")
        if self.runs:
            self.query_one(TimelineView).show(self.runs[0])
            self.action_view("timeline")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what lines pass after they are made: the theme's colours last, but before NO_COLOR takes them all."""
        recolour = [Recolour(self.theme)] if self.theme in COUNTERPARTS else []
        return [*recolour, *super().get_line_filters()]

    @property
    def view(self) -> View:
        """The view on the screen."""
        shown = self.query_one(f"#{self.query_one(ContentSwitcher).current}")
        assert isinstance(shown, View)
        return shown

    def action_view(self, name: str) -> None:
        """Show a view and give it the keyboard."""
        self.query_one(ContentSwitcher).current = name
        self._menu()
        self.view.start()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the views that are there."""
        return action != "view" or bool(self.query(f"#{parameters[0]}"))

    def on_resize(self) -> None:
        """Write the menu anew at another width."""
        self._menu()

    def _menu(self) -> None:
        narrow = self.size.width < NARROW
        current = self.query_one(ContentSwitcher).current
        shown = [
            f"[@click=app.view('{key}')]{'[b reverse]' if key == current else '[dim]'}{pad}{names[narrow]}{pad}[/][/]"
            for pad in ("" if narrow else " ",)
            for key, names in VIEWS.items()
            if self.query(f"#{key}")
        ]
        self.query_one("#views", Static).update(Content.from_markup(" ".join(shown)))
        self.query_one("#where", Static).update(self._where())

    def action_copy(self) -> None:
        """Copy the address under the cursor to the terminal's clipboard."""
        view = self.view
        entry = view.current if isinstance(view, ExploreView | PlanView) else None
        if entry is None:
            self.notify("this line has no address; go to a resource", severity="warning")
            return
        self.copy_to_clipboard(entry.address)
        self.notify(f"copied {entry.address}", markup=False)

    def action_theme(self) -> None:
        """Take the next set of colours: dark, light, and two for eyes that red and green do not tell apart."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.notify(self.theme)

    def action_picture(self) -> None:
        """Save the screen as SVG in the current folder."""
        self.notify(f"saved {self.save_screenshot(path=str(Path.cwd()))}", markup=False)

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.push_screen(HelpScreen(self.screen, self.org))

    def on_plan_view_chosen(self, event: PlanView.Chosen) -> None:
        """Show the resource of a change in the tree."""
        self.show_resource(event.key)

    def show_resource(self, key: str) -> None:
        """Show a resource in the tree."""
        self.action_view("explore")
        self.query_one(ExploreView).go(key)

    def show_scenario(self, id_: str) -> None:
        """Show a scenario in the catalogue."""
        self.action_view("scenarios")
        self.query_one(ScenarioView).go(id_)

    def on_scenario_view_watch(self, event: ScenarioView.Watch) -> None:
        """Show a run on the timeline."""
        self.query_one(TimelineView).show(event.run)
        self.action_view("timeline")

    def on_scenario_view_finished(self, event: ScenarioView.Finished) -> None:
        """Have a run that came to its end ready on the timeline."""
        if event.runs:
            self.query_one(TimelineView).show(event.runs[0])

    def _where(self) -> Content:
        plan, counts = self.org.plan, tally(self.org.entries.values())
        if self.size.width < NARROW:
            return Content(f"{plan.scope.owner} on {plan.target}")
        states = " ".join(f"{state.glyph}{count}" for state, count in counts.items())
        return Content(f"{plan.scope.owner} on {plan.target}  {states}")

"""The explorer: views of one plan and of the scenarios played on it, and the keys between them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.containers import Horizontal
from textual.content import Content
from textual.filter import LineFilter
from textual.message import Message
from textual.widgets import ContentSwitcher, Footer, Static

from tui.actions import bindings
from tui.banner import Banner
from tui.catalogue import Item
from tui.commands import Commands
from tui.detail import crumbs, history
from tui.doing import Doing
from tui.moments import Moments
from tui.org import Entry, Org, tally
from tui.palette import THEMES
from tui.pane import ResourcePane
from tui.recolour import COUNTERPARTS, Recolour
from tui.runner import Runner
from tui.runs import Run
from tui.safety import Place
from tui.sources import Sources
from tui.spec_lines import SpecLines
from tui.then import Then
from tui.views.changes import PlanView
from tui.views.cost import CostView
from tui.views.events import EventsView
from tui.views.explore import ExploreView
from tui.views.paths import PathsView
from tui.views.scenarios import ScenarioView
from tui.views.timeline import TimelineView
from tui.views.topology import TopologyView
from tui.visits import Visits
from twin.engine.graph import ends
from twin.engine.plan import Plan
from twin.errors import TwinError
from twin.resources.declaration import Desired
from twin.scenario.recording.recording import Recording

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
UNTIMED = {"paths": "no recording has the policies in force", "cost": "no recording has a meter"}
"""The views that read the target as it is now, whatever the cursor, and why."""
NARROW = 120
EVERY = 2.0
"""Seconds between two questions whether anything happened on the running twin."""
Pulse = Callable[[], tuple[float, Sequence[Mapping[str, Any]]]]
"""Returns the instant, and what happened since it was asked last."""
View = ExploreView | PlanView | ScenarioView | TimelineView | PathsView | CostView | EventsView | TopologyView


class Explorer(Doing):
    """Shows a plan, the org behind it, and scenarios; what runs, runs in a process of its own on a twin of its own."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Commands}
    COMMAND_PALETTE_DISPLAY = ":"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - typed so by Textual
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere", "time")
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
        self, plan: Plan, desired: Desired | None = None, lines: SpecLines | None = None, *,
        scenarios: Sequence[Item] = (), runner: Runner | None = None, runs: Sequence[Run] = (),
        place: Place | None = None, keymap: Mapping[str, str] | None = None, look: Callable[[], Plan] | None = None,
        references: Mapping[str, list[tuple[str, str]]] | None = None,
        sources: Sources | None = None, pulse: Pulse | None = None, began: datetime | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.scenarios, self.runner, self.runs = list(scenarios), runner, list(runs)
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
        self.session = Run.of(Recording.from_plan(plan, self.references, "this session"))

    def compose(self) -> ComposeResult:
        """Make the line on top, the views, and the line of keys."""
        with Horizontal(id="top"):
            yield Static(id="views")
            yield Static(id="where")
        yield Banner()
        with ContentSwitcher(id="switch", initial="explore"):
            yield ExploreView(self.org, self.spec_lines, id="explore")
            yield PlanView(self.org, self.spec_lines, id="plan")
            yield ScenarioView(self.scenarios, self.runner, id="scenarios", locked=self.place.locked)
            yield TimelineView(id="timeline")
            yield from self._read_views()
        yield Footer(compact=True, show_command_palette=False)

    def _read_views(self) -> ComposeResult:
        """Make the views of what the target is read for; one without a source is not there."""
        if self.sources.reach is not None or self.sources.network is not None:
            yield PathsView(self.sources, id="paths")
        if self.sources.costs is not None:
            yield CostView(self.sources, self._played, id="cost")
        if self.sources.events is not None or self.runs:
            yield EventsView(self.sources, id="events")
        if self.sources.network is not None or any(run.recording is not None for run in self.runs):
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
        self._stand()
        if self.runs:
            self._watch(self.runs[0])
        elif self.pulse is not None:
            self.timeline.show(self.session)
        if self.pulse is not None:
            self.set_interval(EVERY, partial(self._listen, self.pulse))

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
        self._stand()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the views that are there."""
        return action != "view" or bool(self.query(f"#{parameters[0]}"))

    def on_resize(self) -> None:
        """Write the menu anew at another width."""
        self.call_after_refresh(self._menu)

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

    class Looked(Message):
        """The target was looked at again."""

        def __init__(self, plan: Plan) -> None:
            self.plan = plan
            super().__init__()

    def action_look(self) -> None:
        """Look at the target again."""
        if self.look is None:
            self.notify("what was saved does not change", severity="warning")
        else:
            self._look(self.look)

    @work(thread=True, exclusive=True, group="look")
    def _look(self, look: Callable[[], Plan]) -> None:
        try:
            self.post_message(self.Looked(look()))
        except TwinError as error:
            self.call_from_thread(self.notify, str(error), severity="error", markup=False)

    def on_explorer_looked(self, event: Looked) -> None:
        """Show the target as it is by now, where the views show it."""
        self.now = Org.joined(event.plan, self.references)
        self._stand()
        self._menu()
        self.notify("looked at the target again")

    class Heard(Message):
        """Something happened on the running twin: when, the lines of its journal, and the plan since."""

        def __init__(self, t: float, lines: Sequence[Mapping[str, Any]], plan: Plan) -> None:
            self.t, self.lines, self.plan = t, lines, plan
            super().__init__()

    @work(thread=True, exclusive=True, group="pulse")
    def _listen(self, pulse: Pulse) -> None:
        try:
            t, lines = pulse()
            if lines and self.look is not None:
                self.post_message(self.Heard(t, lines, self.look()))
        except TwinError:
            return  # a twin that is gone is told of by whatever needs it next

    def on_explorer_heard(self, event: Heard) -> None:
        """Have the views move with the running twin, and the timeline remember."""
        recording = self.session.recording
        assert recording is not None
        for line in event.lines:
            self.session.feed(line)
        recording.look(event.t, event.plan)
        self.now = Org.joined(event.plan, self.references)
        self._menu()
        if self.timeline.run is self.session:
            self.timeline.grown()
        self._stand()

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
        self.action_view("explore")
        self.query_one(ExploreView).go(key)

    @property
    def timeline(self) -> TimelineView:
        """The view that has the cursor in time."""
        return self.query_one(TimelineView)

    def action_scrub(self, way: int) -> None:
        """Go a tenth of the run, in every view."""
        self._leave_live()
        self.timeline.scrub(way)

    def action_changed(self, way: int) -> None:
        """Go to when the org changed before or after this instant."""
        recording = self.timeline.run.recording if self.timeline.run is not None else None
        if recording is None:
            self.notify("this run has no recording of the org: press 3, then r", severity="warning")
            return
        self._leave_live()
        t = self.timeline.t
        self.timeline.stand(recording.after(t) if way > 0 else recording.before(t))

    def action_live(self) -> None:
        """Go to the newest instant of the run that is on; else, and from there, to the target as it is now."""
        view = self.timeline
        if (
            view.run is not None
            and view.run.on
            and view.run is not self.session
            and not (view.following and not self.live)
        ):
            view.action_go(1)
            self._leave_live()
            self._stand()
        elif not self.live:
            self.live = True
            self._stand()
            self.notify(f"live: {self._newest}")
        else:
            self.notify(f"this is {self._newest}")

    @property
    def _newest(self) -> str:
        return "the target as it is now" if self.look is not None or not self.runs else "the end of what was saved"

    def _leave_live(self) -> None:
        self.live = False

    def _watch(self, run: Run) -> None:
        self.live = False
        self.timeline.show(run)
        self.action_view("timeline")

    def on_timeline_view_moved(self) -> None:
        """Have every view show the org as of the cursor."""
        if self.view is self.timeline:
            self._leave_live()
        self._stand()

    def _stand(self) -> None:
        run, t = self.timeline.run, self.timeline.t
        recording = run.recording if run is not None and not self.live else None
        org = self.moments.at(recording, t) if recording is not None else self.now
        shown = run if recording is not None else None
        if org is not self.org:
            self.org = org
            for view in (self.query_one(ExploreView), self.query_one(PlanView)):
                view.show_org(org)
        self.query_one(Banner).tell(self.place, shown, t, UNTIMED.get(self.view.id or "") or org)
        self._recall(run, t)
        explore = self.query_one(ExploreView)
        explore.history = partial(history, shown, t)
        explore.crumbs = partial(crumbs, self.visits, self.org)
        explore.retell()

    def _recall(self, run: Run | None, t: float) -> None:
        """Have the views that read the target show an instant instead, where there is one or no target to be read."""
        for log in self.query(EventsView):
            log.stand(self._then(run, t, always=self.sources.events is None), seen=self.view is log)
        for drawn in self.query(TopologyView):
            recorded = run if run is not None and run.recording is not None else None
            drawn.stand(self._then(recorded, t, always=self.sources.network is None), seen=self.view is drawn)

    def _then(self, run: Run | None, t: float, *, always: bool) -> Then | None:
        if run is not None and not self.live:
            return Then(run, t, self.began if run is self.session else None)
        return next((Then(one, one.end) for one in self.runs), None) if always else None

    def show_scenario(self, id_: str) -> None:
        """Show a scenario in the catalogue."""
        self.action_view("scenarios")
        self.query_one(ScenarioView).go(id_)

    def on_scenario_view_watch(self, event: ScenarioView.Watch) -> None:
        """Show a run on the timeline."""
        self._watch(event.run)

    def on_scenario_view_forbidden(self, event: ScenarioView.Forbidden) -> None:
        """Tell the command that is not carried out."""
        self.perform(event.words, here=False)

    def on_scenario_view_grown(self, event: ScenarioView.Grown) -> None:
        """Have the views follow a run that is on."""
        lines = list(event.lines)
        if self.growing is None:
            self.growing = Run.of(Recording.begin(lines.pop(0)))
            self.live = False
            self.timeline.show(self.growing)
        for line in lines:
            self.growing.feed(line)
        if self.timeline.run is self.growing:
            self.timeline.grown()

    def on_scenario_view_finished(self, event: ScenarioView.Finished) -> None:
        """Have a run that came to its end ready on the timeline, where it was followed as it is."""
        grown, self.growing = self.growing, None
        if grown is not None and event.runs:
            grown.take(event.runs[0])
            event.runs[0] = grown
        elif grown is not None:
            grown.ended({"verdict": "STOPPED", "reason": event.why, "checks": (), "figures": {}})
        if grown is None and event.runs:
            self.timeline.show(event.runs[0])
        elif self.timeline.run is grown and grown is not None:
            self.timeline.grown()

    def _where(self) -> Content:
        plan, counts = self.now.plan, tally(self.now.entries.values())
        if self.size.width < NARROW:
            return Content(f"{plan.scope.owner} on {plan.target}")
        states = " ".join(f"{state.glyph}{count}" for state, count in counts.items())
        return Content(f"{plan.scope.owner} on {plan.target}  {states}")

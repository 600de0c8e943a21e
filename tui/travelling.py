"""The cursor in time: one instant of one run for every view, and the way back to the target as it is now."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol, runtime_checkable

from tui.banner import Banner
from tui.detail import crumbs, history
from tui.doing import Doing
from tui.moments import Moments
from tui.org import Org
from tui.runs import Run
from tui.sources import Sources
from tui.then import Then
from tui.views.changes import PlanView
from tui.views.explore import ExploreView
from tui.views.scenarios import ScenarioView
from tui.views.timeline import TimelineView
from tui.visits import Visits
from twin.engine.plan import Plan
from twin.scenario.recording.looks import METER, NETWORK, RIGHTS
from twin.scenario.recording.recording import Recording

KEEPS = {"paths": (RIGHTS, NETWORK), "cost": (METER,)}
"""The views that need more of a recording than how the resources stood: any one of these ledgers."""
NOT_KEPT = "this recording does not have it; record the run again"


@runtime_checkable
class Follows(Protocol):
    """A view that shows an instant where it is given one."""

    def stand(self, then: Then | None, *, seen: bool) -> None:
        """Show an instant, or the target as it is now."""
        ...


class Travelling(Doing):
    """`live` says that the target is shown as it is now; else the timeline's cursor says which instant."""

    runs: list[Run]
    session: Run
    now: Org
    live: bool
    growing: Run | None
    began: datetime | None
    moments: Moments
    visits: Visits
    sources: Sources
    look: Callable[[], Plan] | None

    def show(self, name: str) -> None:
        """Show a view that was made, and give it the keyboard."""
        raise NotImplementedError

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
            self.stand()
        elif not self.live:
            self.live = True
            self.stand()
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
        self.show("timeline")

    def on_timeline_view_moved(self) -> None:
        """Have every view show the org as of the cursor."""
        if self.view is self.timeline:
            self._leave_live()
        self.stand()

    def stand(self) -> None:
        """Have every view show the instant that the cursor is at, or the target as it is now."""
        run, t = self.timeline.run, self.timeline.t
        recording = run.recording if run is not None and not self.live else None
        org = self.moments.at(recording, t) if recording is not None else self.now
        shown = run if recording is not None else None
        if org is not self.org:
            self.org = org
            for view in (self.query_one(ExploreView), self.query_one(PlanView)):
                view.show_org(org)
        self.query_one(Banner).tell(self.place, shown, t, self._lacks() or org)
        self._recall(run, t)
        explore = self.query_one(ExploreView)
        explore.history = partial(history, shown, t)
        explore.crumbs = partial(crumbs, self.visits, self.org)
        explore.retell()

    def _lacks(self) -> str:
        """Say why the view on the screen shows the target, whatever the cursor; empty where it does not."""
        run, wanted = self.timeline.run, KEEPS.get(self.view.id or "", ())
        if run is None or run.recording is None or self.live or any(run.holds(name) for name in wanted):
            return ""
        return NOT_KEPT if wanted else ""

    def _recall(self, run: Run | None, t: float) -> None:
        """Have the views that read the target show an instant instead, where there is one or no target to be read."""
        recorded, sources = run if run is not None and run.recording is not None else None, self.sources
        saved = sources.reach is None and sources.network is None
        then: dict[str, Callable[[], Then | None]] = {
            "events": lambda: self._then(run, t, always=sources.events is None),
            "topology": lambda: self._then(recorded, t, always=sources.network is None),
            "paths": lambda: self._kept("paths", recorded, t, always=saved),
            "cost": lambda: self._kept("cost", recorded, t, always=sources.costs is None),
        }
        for name, instant in then.items():
            for view in self.query(f"#{name}"):
                assert isinstance(view, Follows)
                view.stand(instant(), seen=self.view is view)

    def _kept(self, view: str, run: Run | None, t: float, *, always: bool) -> Then | None:
        """Return the instant of a view that needs what a recording keeps beside the resources."""
        kept = [name for name in KEEPS[view] if run is not None and run.holds(name)]
        if not self.live and (kept or (run is not None and always)):
            return self._then(run, t, always=always)
        if self.live and any(self.session.holds(name) for name in KEEPS[view]):
            return Then(self.session, self.session.end, self.began, live=True)
        return self._then(None, t, always=always)

    def _then(self, run: Run | None, t: float, *, always: bool) -> Then | None:
        if run is not None and not self.live:
            return Then(run, t, self.began if run is self.session else None)
        return next((Then(one, one.end) for one in self.runs), None) if always else None

    def on_scenario_view_watch(self, event: ScenarioView.Watch) -> None:
        """Show a run on the timeline."""
        self._watch(event.run)

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

"""The scenarios view and the timeline: a run starts, its verdict shows, and its journal can be walked through."""

from pathlib import Path
from typing import Any

import pytest

from tests.tui.screen import press, seen
from tui.app import Explorer
from tui.catalogue import Item, read
from tui.palette import THEMES
from tui.recolour import COUNTERPARTS, Recolour
from tui.runner import RunFailed, Runner, Tell
from tui.runs import Run, read_runs
from tui.views.scenarios import ScenarioView
from tui.views.timeline import TimelineView
from twin.engine.plan import Plan
from twin.resources.declaration import Desired
from twin.scenario.recording.moment import clock

LINES: list[dict[str, Any]] = [
    {"t": 0.0, "actor": "setup", "event": "call", "call": "rds:DescribeDBInstances"},
    {"t": 60.0, "actor": "world", "event": "fault.began", "facts": {"id": "primary-dies"}},
    {"t": 61.5, "actor": "clients-1", "event": "lost", "reason": "no host"},
    {"t": 120.0, "actor": "world", "event": "cloudwatch.alarm.changed", "facts": {"alarm": "down[bold]"}},
    {"t": 180.0, "actor": "responder", "event": "call", "step": "drill", "call": "rds:RebootDBInstance"},
    {"t": 240.0, "actor": "clients-1", "event": "recovered", "after": 178.5},
    {"t": 600.0, "actor": "world", "event": "delay", "name": "rds.failover"},
]
CHECK = {"name": "soon", "kind": "expect", "held": True, "found": 105.0, "wanted": "at most 150", "why": ""}
RESULT = {
    "scenario": "F2", "variant": None, "verdict": "PASS", "wanted": "PASS", "reason": "everything held", "seed": 11,
    "checks": [CHECK], "figures": {"clients.failed": 3}, "journal": LINES,
}  # fmt: skip
BAD = {**RESULT, "variant": "no-standby", "verdict": "FAIL", "wanted": "FAIL", "reason": "soon: 900", "journal": []}
ITEM = Item(
    "F2", "The database's host dies", "About it.", Path("f2.yaml"), ("drill",), {"no-standby": ("Alone", "FAIL")}
)


class Played(Runner):
    """Answers at once with what it was given, or breaks."""

    def __init__(self, results: list[dict[str, Any]], why: str = "") -> None:
        super().__init__(())
        self.results, self.why, self.asked = results, why, list[tuple[Path, bool]]()

    def run(self, file: Path, *, variants: bool, tell: Tell = lambda _: None) -> list[Run]:
        """Return the results."""
        self.asked.append((file, variants))
        if self.why:
            raise RunFailed(self.why)
        return read_runs({"results": self.results})


@pytest.fixture
def run() -> Run:
    """One run with something in five lanes."""
    (found,) = read_runs({"results": [RESULT]})
    return found


def explorer_with(plan: Plan, desired: Desired, runner: Runner | None = None, runs: tuple[Run, ...] = ()) -> Explorer:
    """Return the explorer with one scenario."""
    return Explorer(plan, desired, scenarios=[ITEM], runner=runner, runs=runs)


def test_a_journal_is_told_by_lanes(run: Run) -> None:
    """What the world suffered, what watches it, who answers and who uses it; delays used are no events."""
    assert [event.lane for event in run.events] == [
        "responder", "faults", "traffic", "alarms", "responder", "traffic",
    ]  # fmt: skip
    assert run.lanes == ("traffic", "faults", "alarms", "responder")
    assert (run.end, clock(run.end), clock(3725)) == (240.0, "0:04:00", "1:02:05")


def test_the_cursor_goes_by_events(run: Run) -> None:
    """Forward, back, and not past the ends."""
    assert [run.after(t) for t in (0.0, 60.0, 240.0)] == [60.0, 61.5, 240.0]
    assert [run.before(t) for t in (240.0, 61.0, 0.0)] == [180.0, 60.0, 0.0]
    assert [run.at(t) for t in (-1.0, 0.0, 61.5, 500.0)] == [0, 1, 3, 6]


def test_counts_of_a_lane_add_up(run: Run) -> None:
    """Each event is in one stretch, the last one in the last."""
    counts = run.counts("traffic", 4)
    assert (sum(counts), counts[-1]) == (2, 1)


async def test_a_scenario_runs_and_its_verdict_shows(plan: Plan, desired: Desired) -> None:
    """R runs it; the verdict stands in the list, checks and figures beside it; enter leads to the timeline."""
    runner = Played([RESULT])
    app = explorer_with(plan, desired, runner)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await press(pilot, "3", "r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        shown = seen(app)
        assert runner.asked == [(Path("f2.yaml"), False)]
        assert "✓ PASS" in shown
        assert "✓ soon: 105.0, wanted at most 150" in shown
        assert "clients.failed" in shown
        shown = await press(pilot, "enter")
        assert app.view.id == "timeline"
        assert "6 of 6 events by 0:04:00" in shown


async def test_variants_are_held_to_their_verdicts(plan: Plan, desired: Desired) -> None:
    """A variant that must fail and does is right; one that passes is not."""
    app = explorer_with(plan, desired, Played([RESULT, {**BAD, "verdict": "PASS"}]))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await press(pilot, "3", "R")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "✗ 1 of 2 as wanted" in seen(app)
        assert "(wanted FAIL)" in seen(app)


async def test_a_run_that_breaks_says_why(plan: Plan, desired: Desired) -> None:
    """The view stays, and can run again."""
    app = explorer_with(plan, desired, Played([], "error: no such spec"))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await press(pilot, "3", "r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "error: no such spec" in seen(app)
        assert app.query_one(ScenarioView).running is None


async def test_enter_without_a_run_says_how_to_run(plan: Plan, desired: Desired) -> None:
    """No dead key."""
    app = explorer_with(plan, desired, Played([RESULT]))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        assert "r runs it" in await press(pilot, "3", "enter")


async def test_the_timeline_is_walked_through(plan: Plan, desired: Desired, run: Run) -> None:
    """To the start, by events, to the next fault, to the end; a vendor's text is no markup."""
    app = explorer_with(plan, desired, runs=(run,))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        shown = await press(pilot, "home")
        assert "1 of 6 events by 0:00:00" in shown
        assert "fault.began" not in shown
        assert "2 of 6 events by 0:01:00" in await press(pilot, "right")
        assert "alarm=down[bold]" in await press(pilot, "n")
        assert app.query_one(TimelineView).t == 120.0
        assert "3 of 6" in await press(pilot, "left")
        assert "6 of 6" in await press(pilot, "G")
        assert "3 of 6 events by 0:01:40" in await press(pilot, "g", *"100", "enter")
        assert "4 of 6 events by 0:02:00" in await press(pilot, "g", "5", "0", "percent_sign", "enter")
        assert "is no time" in await press(pilot, "g", *"soon", "enter")
        assert app.query_one(TimelineView).t == 120.0


async def test_a_run_plays_from_its_start_and_stops(plan: Plan, desired: Desired, run: Run) -> None:
    """Space starts it over at the end, and stops it again where it is."""
    app = explorer_with(plan, desired, runs=(run,))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        view = app.query_one(TimelineView)
        await press(pilot, "space")
        await pilot.pause(0.35)
        await press(pilot, "space")
        stopped = view.t
        assert 0.0 < stopped < run.end
        await pilot.pause(0.3)
        assert view.t == stopped


@pytest.mark.parametrize(
    "size", [(80, 24), *(pytest.param(size, marks=pytest.mark.catalogue) for size in ((120, 40), (200, 60)))],
    ids=["80x24", "120x40", "200x60"],
)  # fmt: skip
async def test_nothing_overflows(plan: Plan, desired: Desired, run: Run, size: tuple[int, int]) -> None:
    """Every line is as wide as the screen, and the key line is there."""
    app = explorer_with(plan, desired, Played([RESULT]), (run,))
    async with app.run_test(size=size) as pilot:
        for view in ("3", "4"):
            lines = (await press(pilot, view)).splitlines()
            assert {len(line) for line in lines} == {size[0]}
            assert "1 Explore" in lines[0]
            assert "Next event" in lines[-1] or "Run" in lines[-1]


async def test_every_theme_is_reached_and_recolours_what_it_must(plan: Plan, desired: Desired) -> None:
    """`t` goes round; the theme that the texts are written for needs no other colours."""
    app = explorer_with(plan, desired)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        names = []
        for _ in THEMES:
            await press(pilot, "t")
            names.append(app.theme)
            recolours = [f for f in app.get_line_filters() if isinstance(f, Recolour)]
            assert bool(recolours) is (app.theme in COUNTERPARTS)
        assert sorted(names) == sorted(theme.name for theme in THEMES)


def test_the_bundled_scenarios_are_in_the_catalogue() -> None:
    """Each with its title, its runbook and its variants."""
    items = read(Path("scenarios").resolve().glob("*.yaml"))
    assert {"K1", "F2"} <= {item.id for item in items}
    assert all(item.title and item.variants for item in items)


def test_the_runner_runs_this_program(tmp_path: Path) -> None:
    """What the program says goes wrong is the reason that is told."""
    script = "import sys; print('error: it broke', file=sys.stderr); sys.exit(2)"
    with pytest.raises(RunFailed, match="it broke"):
        Runner(("python3", "-c", script)).run(tmp_path / "x.yaml", variants=False)

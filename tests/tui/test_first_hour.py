"""What somebody new stumbles over: keys that come too early, notes that pile up, empty views that say nothing."""

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input
from textual.widgets._toast import Toast

from tests.tui.at_hand import everything
from tests.tui.conftest import LAKE
from tests.tui.screen import press, seen
from tests.tui.test_timeline import ITEM
from tui.app import Explorer
from tui.catalogue import read
from tui.keyline import KeyLine
from tui.lanes import NOTHING
from tui.org import Entry
from tui.safety import Place
from tui.sheet import Column, Line
from tui.table import Table
from tui.views.explore import ExploreView
from tui.views.scenarios import ScenarioView
from twin.engine.plan import Plan
from twin.errors import SpecError
from twin.resources.declaration import Desired
from twin.scenario.document import load


async def test_the_first_screen_says_how_to_begin(explorer: Explorer) -> None:
    """The pane belongs to what has the keyboard, the tree, and names keys as they are bound."""
    explorer.set_keymap({"explore.filter": "ctrl+f"})
    async with explorer.run_test(size=(120, 40)) as pilot:
        shown = await press(pilot)
        assert "Begin here" in shown
        assert "^f" in shown
        view = explorer.query_one(ExploreView)
        view.table.tell()  # a row is told of late, when the tree has the keyboard already
        assert "Begin here" in await press(pilot)
        view.go(LAKE)
        assert "Begin here" not in await press(pilot)


async def test_what_is_typed_ahead_is_typed_there(explorer: Explorer) -> None:
    """Keys that wait while a part is opened go to that part: the filter has all letters, the view its own key."""
    async with explorer.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        explorer.query_one(ExploreView).action_filter()
        assert isinstance(explorer.focused, Input)
        explorer.show("timeline")
        assert explorer.focused is not None
        assert explorer.view in explorer.focused.ancestors


async def test_a_note_takes_the_place_of_the_one_before(explorer: Explorer) -> None:
    """Three copies leave one note; what failed is not swept away by it."""
    async with explorer.run_test(size=(80, 24), notifications=True) as pilot:
        explorer.query_one(ExploreView).go(LAKE)
        explorer.notify("the target does not answer", severity="error")
        shown = await press(pilot, "y", "y", "y")
        assert len(explorer.screen.query(Toast)) == 2
        assert "the target does not answer" in shown


async def test_while_one_writes_the_line_of_keys_tells_what_ends_it(explorer: Explorer) -> None:
    """Every other key writes a letter, so that none of them is offered."""
    async with explorer.run_test(size=(80, 24), notifications=True) as pilot:
        assert "? Help" in (await press(pilot)).splitlines()[-1]
        assert "⏎ Go on  esc Close" in (await press(pilot, "slash")).splitlines()[-1]
        assert "? Help" not in str(explorer.query_one(KeyLine).render())


async def test_a_filter_that_finds_nothing_tells_how_one_is_written(explorer: Explorer) -> None:
    """With each state that may be asked for."""
    async with explorer.run_test(size=(200, 60)) as pilot:
        await press(pilot, "slash")
        explorer.query_one("#filter", Input).value = "type:nothing"
        shown = await press(pilot)
        assert "esc shows everything again" in shown
        assert all(word in shown for word in ("type:rds", "~lk", "to replace", "drift"))
        assert not isinstance(explorer.query_one(ExploreView).current, Entry)


async def test_a_way_without_a_hop_has_none_to_break(plan: Plan, desired: Desired) -> None:
    """`b` says so instead of nothing."""
    app = Explorer(plan, desired, sources=everything())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await press(pilot, "5")
        await app.workers.wait_for_complete()
        own = next(way.key for way in app.view.ways.values() if not way.stops)  # type: ignore[attr-defined]
        app.view.table.go(own)  # type: ignore[attr-defined]
        assert "there is no hop to break here" in await press(pilot, "b")


async def test_a_scenario_is_not_run_unheard(plan: Plan, desired: Desired) -> None:
    """`r` while the catalogue is read says so; so does `x` where nothing runs."""
    app = Explorer(plan, desired, scenarios=[ITEM])
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        view = app.query_one(ScenarioView)
        await press(pilot, "3")
        assert "nothing is running" in await press(pilot, "x")
        view.take([])
        view.reading = True
        assert "still being read" in await press(pilot, "r")


async def test_a_run_tells_how_far_it_is(plan: Plan, desired: Desired) -> None:
    """The line over the catalogue counts events and tells the run's own time."""
    app = Explorer(plan, desired, scenarios=[ITEM])
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await press(pilot, "3")
        view = app.query_one(ScenarioView)
        view.running = ITEM.id
        view.on_scenario_view_grown(
            view.Grown([{"t": 5.0, "event": "call"}, {"t": 65.0, "event": "call"}, {"t": 66.0}])
        )
        await pilot.pause()
        assert f"{ITEM.id} is running on a twin of its own: 2 events by 0:01:05" in seen(app)


def test_the_catalogue_asks_for_no_call_of_a_scenario(tmp_path: Path) -> None:
    """What it calls is looked at by the run, which refuses it: the list is there without the vendors' models."""
    folder = Path(__file__).parents[2] / "scenarios"
    file = tmp_path / "lost.yaml"
    text = (folder / "key_rotation.yaml").read_text().replace("runbook: runbooks", f"runbook: {folder}/runbooks")
    file.write_text(text.replace("secretsmanager:CreateSecret", "secretsmanager:CreateNothing"))
    assert [item.id for item in read([file])] == ["K1"]
    with pytest.raises(SpecError) as refused:
        load(file)
    assert "CreateNothing" in str(refused.value.diagnostics)


async def test_the_question_for_a_fault_is_there_before_the_world_is(explorer: Explorer) -> None:
    """One writes at once; the kinds of faults come when they are read, which takes a second."""
    async with explorer.run_test(size=(80, 24)) as pilot:
        await press(pilot, "B", "h")
        assert explorer.screen.query_one(Input).value == "h"
        await explorer.workers.wait_for_complete()
        shown = await press(pilot)
        assert "inject zone-loss  zone*" in shown
        assert "reading the kinds" not in shown


async def test_a_table_that_is_filled_before_it_is_laid_out_begins_with_its_first_row() -> None:
    """As that of a view does which is made when it is seen: the row under the cursor is seen, and what is above it."""

    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            table = Table((Column("name"),), id="rows")
            table.fill([Line(name, (name,)) for name in ("first", "second", "third")])
            table.move(1)
            yield table

    app = Shown()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.pause()
        assert "first" in "".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_a_saved_run_tells_the_command_of_a_scenario(plan: Plan, desired: Desired) -> None:
    """`r` begins nothing from there; the command is told, and in the clipboard."""
    place = Place("the saved run k1.rec", read_only=True)
    app = Explorer(plan, desired, scenarios=[ITEM], place=place)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await press(pilot, "3", "r")
        assert app.clipboard == "twin run f2.yaml"


def test_what_an_empty_timeline_says_is_whole_on_a_small_screen() -> None:
    """Eighty columns, one of them at the edge and one of the scrollbar."""
    assert len(NOTHING) <= 80 - 2

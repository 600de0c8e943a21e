"""The scenarios view narrows as every table does, and leaves no key and no file without an answer."""

from pathlib import Path

from textual.widgets import Input

from tests.tui.screen import press, seen
from tests.tui.test_palette import OTHER
from tests.tui.test_timeline import ITEM
from tui.app import Explorer
from tui.catalogue import read
from tui.views.scenarios import ScenarioView
from twin.engine.plan import Plan
from twin.resources.declaration import Desired

NONE = "id: [\n"


async def test_the_catalogue_is_filtered_and_shown_whole_again(plan: Plan, desired: Desired) -> None:
    """`/` narrows by words, also those of a runbook's steps; enter goes to what was found, escape shows everything."""
    app = Explorer(plan, desired, scenarios=[ITEM, OTHER])
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await press(pilot, "3")
        assert (ITEM.title in shown, OTHER.title in shown) == (True, True)
        await press(pilot, "slash")
        app.view.query_one(Input).value = ITEM.steps[0]
        shown = await press(pilot, "enter")
        assert (ITEM.title in shown, OTHER.title in shown) == (True, False)
        assert app.query_one(ScenarioView).current == ITEM
        assert OTHER.title in await press(pilot, "escape")


async def test_a_scenario_that_the_filter_hides_can_be_gone_to(plan: Plan, desired: Desired) -> None:
    """The palette leads to it: the filter is dropped."""
    app = Explorer(plan, desired, scenarios=[ITEM, OTHER])
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "3", "slash")
        app.view.query_one(Input).value = f"id:{ITEM.id.lower()}"
        assert OTHER.title not in await press(pilot, "enter")
        app.show_scenario(OTHER.id)
        await pilot.pause()
        assert app.query_one(ScenarioView).current == OTHER
        assert OTHER.title in seen(app)


async def test_enter_on_a_scenario_that_is_on_does_not_say_that_it_was_never_run(plan: Plan, desired: Desired) -> None:
    """It says how to follow it."""
    app = Explorer(plan, desired, scenarios=[ITEM])
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await press(pilot, "3")
        app.query_one(ScenarioView).running = ITEM.id
        shown = await press(pilot, "enter")
        assert ("4 follows it" in shown, "it was not run yet" in shown) == (True, False)


async def test_a_file_that_is_no_scenario_is_listed_with_what_is_wrong(
    plan: Plan, desired: Desired, tmp_path: Path
) -> None:
    """One's own broken file does not vanish from the list."""
    file = tmp_path / "mine.yaml"
    file.write_text(NONE)
    app = Explorer(plan, desired, scenarios=read([file]))
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await press(pilot, "3")
        assert ("✗ unreadable" in shown, "✗ not valid YAML" in shown, "mine" in shown) == (True, True, True)

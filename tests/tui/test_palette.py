"""The palette: actions, resources and scenarios by their words, from the same registry as the keys."""

from pathlib import Path

from textual.command import CommandPalette
from textual.widgets import Input

from tests.tui.screen import press, seen
from tui.app import Explorer
from tui.catalogue import Item
from tui.views.scenarios import ScenarioView
from twin.engine.plan import Plan
from twin.resources.declaration import Desired

ITEM = Item("F2", "The database's host dies", "About it.", Path("f2.yaml"), (), {})
OTHER = Item("K1", "A key is rotated", "About it.", Path("k1.yaml"), (), {})


async def search(app: Explorer, pilot, words: str) -> str:  # type: ignore[no-untyped-def]
    """Open the palette, type words, and return the screen."""
    await press(pilot, "colon")
    assert isinstance(app.screen, CommandPalette)
    app.screen.query_one(Input).value = words
    for _ in range(20):
        await pilot.pause(0.05)
    return seen(app)


async def test_the_palette_finds_a_resource_and_goes_there(explorer: Explorer) -> None:
    """By a part of its address, from any view."""
    async with explorer.run_test(size=(120, 40)) as pilot:
        await press(pilot, "2")
        assert "aws.s3.bucket.lake" in await search(explorer, pilot, "bucket.lake")
        await press(pilot, "down", "enter")
        await pilot.pause(0.1)
        assert explorer.view.id == "explore"
        assert explorer.view.current is not None
        assert explorer.view.current.key == "aws.s3.bucket.lake"


async def test_the_palette_finds_a_scenario(plan: Plan, desired: Desired) -> None:
    """By a word of its title."""
    app = Explorer(plan, desired, scenarios=[ITEM, OTHER])
    async with app.run_test(size=(120, 40)) as pilot:
        assert "scenario K1" in await search(app, pilot, "key is rotated")
        await press(pilot, "down", "enter")
        await pilot.pause(0.1)
        current = app.query_one(ScenarioView).current
        assert (app.view.id, current) == ("scenarios", OTHER)


async def test_the_palette_knows_what_the_keys_do(explorer: Explorer) -> None:
    """What help and footer call an action, the palette calls it too, with its key."""
    async with explorer.run_test(size=(120, 40)) as pilot:
        shown = await search(explorer, pilot, "copy address")
        assert "Copy address" in shown
        assert "key y" in shown


async def test_the_palette_begins_with_what_the_view_can_do(explorer: Explorer) -> None:
    """Before a word is typed: the view's own actions with their sentence, not how one moves in a list."""
    async with explorer.run_test(size=(120, 40)) as pilot:
        shown = await search(explorer, pilot, "")
        assert "Clear the filter" in shown
        assert "key esc   Show everything again." in shown
        assert "A line down." not in shown.partition("Copy ARN")[0]

"""The plan view, and what both views share."""

from dataclasses import replace

import pytest

from tests.tui.conftest import LAKE
from tests.tui.screen import find, press, squeezed
from tui.app import Explorer
from twin.engine.plan import Plan
from twin.resources.declaration import Desired


async def test_changes_have_signs_reasons_and_differences(explorer: Explorer) -> None:
    """Each action has its sign; under the cursor stand the reason, both values and what it waits for."""
    async with explorer.run_test(size=(140, 50)) as pilot:
        shown = squeezed(await press(pilot, "2"))
        for line in (
            "+ aws.sqs.queue.jobs",
            "~ aws.s3.bucket.lake  versioning",
            "± aws.rds.instance.orders",
            "- aws.sqs.queue.old",
            "? okta.user#00u1",
            "! aws.eks.cluster could not be read: AccessDenied",
        ):
            assert line in shown
        assert "aws.kms.key.data" not in shown
        shown = await press(pilot, "home", "j", "j", "j")
        assert "engine cannot change in place" in shown
        assert "- observed mysql" in shown
        assert "+ desired  postgres" in shown
        assert "replaces" in shown
        assert "Waits for  1" in shown


async def test_an_empty_plan_says_so(plan: Plan, desired: Desired) -> None:
    """Nothing pending and nothing foreign leaves a sentence, not an empty screen."""
    quiet = replace(plan, changes=plan.changes[:1], unmanaged=(), unreadable={})
    async with Explorer(quiet, desired).run_test() as pilot:
        shown = await press(pilot, "2")
        assert "no changes: 1 resources are as the spec wants them" in shown
        assert "Nothing to do" in shown


async def test_enter_shows_a_change_in_the_tree(explorer: Explorer) -> None:
    """The way from a change to its resource, through a filter that hides it."""
    async with explorer.run_test(size=(140, 50)) as pilot:
        await find(pilot, "okta")
        await press(pilot, "2", "home", "j")
        chosen = explorer.view.current
        assert chosen is not None
        await press(pilot, "enter")
        assert explorer.view.id == "explore"
        assert explorer.view.current is chosen


async def test_y_copies_the_address(explorer: Explorer) -> None:
    """The address goes to the clipboard from either view; a line that has none says so and copies nothing."""
    async with explorer.run_test(notifications=True) as pilot:
        await press(pilot, "home")
        assert "no address" in await press(pilot, "y")
        assert explorer.clipboard == ""
        await find(pilot, "lake")
        await press(pilot, "y")
        assert explorer.clipboard == LAKE
        await press(pilot, "2", "home", "y")
        assert explorer.clipboard == str(explorer.org.pending[0][0].address)


@pytest.mark.parametrize(("view", "part"), [("1", "Tree"), ("2", "Table")])
async def test_help_has_every_key_that_works(explorer: Explorer, view: str, part: str) -> None:
    """The help names each described binding of the focused part and of the app, and closes again."""
    async with explorer.run_test(size=(100, 100)) as pilot:
        await press(pilot, view)
        wanted = {b.binding.description for b in explorer.screen.active_bindings.values() if b.binding.id}
        shown = await press(pilot, "question_mark")
        assert part in shown
        assert {"Copy address", "Down", "Quit"} <= wanted
        assert [w for w in wanted if w not in shown] == []
        assert "Copy address" not in (await press(pilot, "escape")).replace("y Copy address", "")


async def test_the_help_scrolls_by_the_keys_of_a_text(explorer: Explorer) -> None:
    """On a small screen `G` leads to its end and `k` a line back; each key is named once for an action."""
    async with explorer.run_test(size=(80, 24)) as pilot:
        await press(pilot, "4")
        first = await press(pilot, "question_mark")
        assert "→ l " in first
        assert "unmanaged" not in first
        last = await press(pilot, "G")
        assert "unmanaged" in last
        assert last != await press(pilot, "k")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_nothing_scrolls_off_the_screen(explorer: Explorer, size: tuple[int, int]) -> None:
    """The screen itself needs no scrollbar, from 80×24 upward; the lines on top and at the bottom are whole."""
    async with explorer.run_test(size=size) as pilot:
        for view in ("1", "2"):
            shown = await press(pilot, view)
            assert explorer.screen.max_scroll_y == 0
            assert "acme/prod on twin" in shown.splitlines()[0]
            assert "q Quit" in shown.splitlines()[-1]


async def test_q_quits(explorer: Explorer) -> None:
    """The way out."""
    async with explorer.run_test() as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert explorer.return_code == 0
    assert not explorer.is_running

"""What must not be changed is not: the banner, the commands that are told instead, and secrets in no view."""

from collections.abc import Sequence

import pytest

from tests.tui.conftest import ORDERS, SECRET
from tests.tui.screen import find, press
from tests.tui.test_timeline import ITEM, RESULT, Played
from tui.app import Explorer
from tui.banner import Banner
from tui.safety import Place
from twin.engine.plan import Plan
from twin.resources.declaration import Desired

LIVE = Place("the real account 111122223333", live=True)
LOCKED = Place("the saved run k1.rec", read_only=True)
SERVED = Place("the running twin", served=True)
FAULT = "inject zone-loss --with zone=us-east-1a"


class Listening(Played):
    """Notes the commands that it is to carry out, and how often the target was looked at."""

    def __init__(self, plan: Plan) -> None:
        super().__init__([RESULT])
        self.commands: list[Sequence[str]] = []
        self.plan, self.looks = plan, 0

    def command(self, words: Sequence[str]) -> str:
        """Answer as `twin fault inject` does."""
        self.commands.append(words)
        return "zone-loss-1  active  no effect"

    def look(self) -> Plan:
        """Look at the target."""
        self.looks += 1
        return self.plan


def explorer_on(place: Place, plan: Plan, desired: Desired) -> tuple[Explorer, Listening]:
    """Return the explorer on a place."""
    runner = Listening(plan)
    return Explorer(plan, desired, scenarios=[ITEM], runner=runner, place=place, look=runner.look), runner


async def ask_for(app: Explorer, pilot, text: str) -> str:  # type: ignore[no-untyped-def]
    """Ask for a fault."""
    await press(pilot, "B")
    app.screen.query_one("Input").value = text  # type: ignore[attr-defined]
    await press(pilot, "enter")
    await app.workers.wait_for_complete()
    return await press(pilot)


@pytest.mark.parametrize(("place", "word"), [(LIVE, "LIVE"), (LOCKED, "READ-ONLY")], ids=["live", "saved"])
async def test_the_banner_is_red_and_says_so_in_words(plan: Plan, desired: Desired, place: Place, word: str) -> None:
    """In every view, whatever the colours."""
    app, _ = explorer_on(place, plan, desired)
    async with app.run_test(size=(80, 24)) as pilot:
        for view in "1234":
            line = (await press(pilot, view)).splitlines()[1]
            assert line.startswith(f" {word}: ")
            assert "Nothing can be changed from here." in line
        assert app.query_one(Banner).styles.background.hex == "#B3261E"


async def test_a_twin_has_no_banner(plan: Plan, desired: Desired) -> None:
    """Where nothing can be broken that matters, no line warns."""
    app, _ = explorer_on(SERVED, plan, desired)
    async with app.run_test(size=(80, 24)):
        assert not app.query_one(Banner).display


@pytest.mark.parametrize("place", [LIVE, LOCKED], ids=["live", "saved"])
async def test_what_would_change_is_told_as_a_command_instead(plan: Plan, desired: Desired, place: Place) -> None:
    """Neither a scenario nor a fault begins; the command is on the screen and in the clipboard."""
    app, runner = explorer_on(place, plan, desired)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        for key, command in (("r", "twin run f2.yaml"), ("R", "twin run f2.yaml --variants")):
            assert "nothing was changed" in await press(pilot, "3", key)
            assert app.clipboard == command
        assert "nothing was changed" in await ask_for(app, pilot, FAULT)
        assert app.clipboard == f"twin fault {FAULT}"
        assert (runner.asked, runner.commands) == ([], [])


async def test_a_running_twin_can_be_broken(plan: Plan, desired: Desired) -> None:
    """The words go to `twin fault`, its answer is shown, and the target is looked at again."""
    app, runner = explorer_on(SERVED, plan, desired)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        shown = await ask_for(app, pilot, FAULT)
        assert runner.commands == [["fault", *FAULT.split()]]
        assert "zone-loss-1  active" in shown
        assert runner.looks == 1


async def test_a_twin_in_this_process_cannot(plan: Plan, desired: Desired) -> None:
    """Nobody else could reach it: the command is told."""
    app, runner = explorer_on(Place(), plan, desired)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        assert "nothing was changed" in await ask_for(app, pilot, FAULT)
        assert runner.commands == []


async def test_no_view_tells_a_secret(plan: Plan, desired: Desired) -> None:
    """Side by side, and in what is exported: the row is there, its value is not."""
    app, _ = explorer_on(SERVED, plan, desired)
    async with app.run_test(size=(120, 60)) as pilot:
        await find(pilot, "orders")
        await press(pilot, "m")
        await press(pilot, "escape")
        await find(pilot, "lake")
        shown = await press(pilot, "m")
        assert "password" in shown
        assert SECRET not in shown
        assert ORDERS in shown
        await press(pilot, "escape", "escape")
        assert SECRET not in app.query_one("#explore").listing().written("json")  # type: ignore[attr-defined]

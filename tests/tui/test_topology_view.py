"""The topology view: what is around a thing, drawn, walked through, with blast radius and ways laid over it."""

from textual.widgets import Input

from tests.tui.at_hand import everything
from tests.tui.screen import press, seen
from tui.app import Explorer
from tui.views.topology import TopologyView
from twin.engine.plan import Plan
from twin.resources.declaration import Desired


async def opened(app: Explorer, pilot) -> TopologyView:  # type: ignore[no-untyped-def]
    """Show the view with the network read."""
    await press(pilot, "8")
    await app.workers.wait_for_complete()
    await pilot.pause()
    return app.query_one(TopologyView)


async def around(pilot, name: str) -> str:  # type: ignore[no-untyped-def]
    """Ask for a thing and return the screen."""
    await press(pilot, "o")
    pilot.app.query_one("TopologyView > Input", Input).value = name
    return await press(pilot, "enter")


async def test_the_way_in_is_drawn_and_walked(plan: Plan, desired: Desired) -> None:
    """From the internet to the edge; enter makes another box the centre, backspace goes back."""
    app = Explorer(plan, desired, sources=everything())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        view = await opened(app, pilot)
        shown = seen(app)
        assert "┃ internet ┃" in shown
        assert "▶│ Cloudflare acme.example │" in shown
        await press(pilot, "l", "j")
        assert view.current is not None
        assert view.current.id == "igw-1"
        shown = await press(pilot, "enter")
        assert "internet › igw-1" in shown
        assert "┃ gateway igw-1 ┃" in shown
        await press(pilot, "backspace")
        assert view.centres == ["internet"]
        assert "nothing to go back to" in await press(pilot, "backspace")


async def test_depth_brings_what_is_further_away(plan: Plan, desired: Desired) -> None:
    """One step, then two, then three and not four; and back to one."""
    app = Explorer(plan, desired, sources=everything())
    async with app.run_test(size=(120, 40)) as pilot:
        view = await opened(app, pilot)
        counts = []
        for key in ("minus", "plus", "plus", "plus", "minus"):
            await press(pilot, key)
            assert view.found is not None
            counts.append(len(list(view.found.boxes())))
        one, two, three, same, less = counts
        assert one < two < three == same
        assert less == two
        assert "depth 2 of 3" in seen(app)


async def test_blast_radius_and_ways_are_laid_over(plan: Plan, desired: Desired) -> None:
    """What is lost and hurt, and the way of packets from the centre, by sign and border; escape takes them off."""
    app = Explorer(plan, desired, sources=everything())
    async with app.run_test(size=(160, 40), notifications=True) as pilot:
        view = await opened(app, pilot)
        assert "is no thing that breaks alone" in await press(pilot, "b")
        assert "web-a" in await around(pilot, "front")
        view.canvas.at = "i-web-a"
        shown = await press(pilot, "b")
        assert "║ ✗ instance web-a ║" in shown
        assert "╎ ! balancer front ╎" in shown
        assert "without instance:i-web-a" in shown
        shown = await press(pilot, "escape")
        assert "✗" not in shown
        view.canvas.at = "i-web-b"
        shown = await press(pilot, "p")
        assert "┃ ● instance web-b ┃" in shown
        assert "to instance i-web-b" in shown


async def test_what_is_not_drawn_is_said(plan: Plan, desired: Desired) -> None:
    """A name that nothing has; the view stays as it is."""
    app = Explorer(plan, desired, sources=everything())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        view = await opened(app, pilot)
        assert "nowhere is not drawn" in await around(pilot, "nowhere")
        assert "is one of" in await around(pilot, "subnet")
        assert view.centres == ["internet"]


async def test_the_mouse_goes_to_a_box(plan: Plan, desired: Desired) -> None:
    """A click moves the cursor, a second one goes there."""
    app = Explorer(plan, desired, sources=everything())
    async with app.run_test(size=(120, 40)) as pilot:
        view = await opened(app, pilot)
        assert view.canvas.drawing is not None
        place = view.canvas.drawing.places["igw-1"]
        for wanted in ("internet", "igw-1"):
            await pilot.click("#canvas", offset=(place.x + 3, place.y + 1))
            await pilot.pause()
            assert view.canvas.at == "igw-1"
            assert view.centres[-1] == wanted

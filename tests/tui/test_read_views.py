"""The views of what the target is read for: paths, cost, events; each with what it shows and what it refuses."""

import pytest
from textual.widgets import Input

from tests.tui.at_hand import ANN, Log, costs, everything, happening, network, reach, refuses
from tests.tui.screen import press, seen, squeezed
from tui.app import Explorer
from tui.bars import bar, days, spark
from tui.help import keys_of
from tui.runs import Run
from tui.sources import Sources
from tui.views.cost import CostView
from tui.views.events import EventsView
from tui.views.paths import PathsView
from tui.views.topology import TopologyView
from twin.engine.plan import Plan
from twin.report.cost import ZERO
from twin.resources.declaration import Desired

ALL = ("5", "6", "7", "8")


async def settled(app: Explorer, pilot, *keys: str) -> str:  # type: ignore[no-untyped-def]
    """Press keys, let the threads come to their ends, and return the screen with two blanks between columns."""
    await press(pilot, *keys)
    await app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()
    return squeezed(seen(app))


def explorer_with(plan: Plan, desired: Desired, sources: Sources, **more: object) -> Explorer:
    """Return the explorer with some sources."""
    return Explorer(plan, desired, sources=sources, **more)  # type: ignore[arg-type]


async def test_a_view_without_a_source_is_not_in_the_menu(plan: Plan, desired: Desired) -> None:
    """Neither its name nor its key; the others keep their numbers."""
    app = explorer_with(plan, desired, Sources(costs=lambda: (costs(), None)))
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await settled(app, pilot, "5")
        assert "6 Cost" in shown
        assert "Paths" not in shown
        assert app.view.id == "explore"
        await settled(app, pilot, "7")
        assert app.view.id == "explore"
        await settled(app, pilot, "6")
        assert app.view.id == "cost"


async def test_everyone_with_a_way_is_listed_with_hops_and_statements(plan: Plan, desired: Desired) -> None:
    """Ann becomes the role by its trust and her policy; Bob has no way and is not there."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await settled(app, pilot, "5")
        assert "user/ann  admin  1  directly" in shown
        assert "user/bob" not in shown
        app.query_one(PathsView).table.go(f"{ANN} admin 1")
        shown = await settled(app, pilot)
        assert "user/ann becomes role/boss" in shown
        assert "trust policy of" in shown
        assert "Sid Does" in shown


async def test_the_narrowest_change_is_marked_on_its_hop(plan: Plan, desired: Desired) -> None:
    """`b` looks for it; the statement is marked where it permits, and named below."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot, "5")
        app.query_one(PathsView).table.go(f"{ANN} admin 1")
        assert "b: what breaks it" in await settled(app, pilot)
        shown = await settled(app, pilot, "b")
        assert "✗ break here: " in shown
        assert "broken by taking away" in shown


async def test_ways_of_packets_are_hops_with_rules(plan: Plan, desired: Desired) -> None:
    """From the internet over the balancer to a web server, with the group that lets them in; and a cut."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await settled(app, pilot, "5", "p")
        assert "Network paths" in shown
        assert "internet  database" in shown
        assert "ingress tcp 443" in shown
        assert "✗ break here: " in await settled(app, pilot, "b")


async def test_one_may_be_asked_for_and_a_wrong_name_is_answered(plan: Plan, desired: Desired) -> None:
    """FROM and TO as the command line takes them; escape shows all ways again."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(app, pilot, "5", "o")
        asked = app.query_one("#asked", Input)
        asked.value = "user/bob admin"
        shown = await settled(app, pilot, "enter")
        assert "0 ways" in shown
        assert "there is no way" in shown
        asked.value = "user/anne admin"
        assert "did you mean ann" in await settled(app, pilot, "o", "enter")
        asked.value = "internet"
        assert "write two names, FROM TO" in await settled(app, pilot, "o", "enter")
        assert "user/ann  admin" in await settled(app, pilot, "escape")
        assert not asked.display


async def test_cost_has_bars_by_service_and_by_tag(plan: Plan, desired: Desired) -> None:
    """The dearest first, its bar half full in the middle of the month; `w` groups by the next, tags last."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await settled(app, pilot, "6")
        assert "Cost by service  52.20 to date, 104.40 USD this month" in shown
        assert "36.00  72.00  69.0%  ███████░░░░░░░" in shown
        shown = await settled(app, pilot, "W")
        assert "Cost by tag:team" in shown
        assert "core  36.00" in shown
        assert "Cost by service" in await settled(app, pilot, "w")


async def test_cost_tells_what_the_plan_changes_and_what_runs_cost(plan: Plan, desired: Desired) -> None:
    """A second cluster for a whole month; the bill of a run; a plan that changes nothing says so."""
    spent = Run("C1", None, "PASS", "PASS", "", 1, figures={"bill.spent": 12.5, "bill.elsewhere": None, "x.failed": 3})
    app = explorer_with(plan, desired, everything(), runs=[spent])
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await settled(app, pilot, "6")
        assert "+74.40  Amazon Elastic Container Service for Kubernetes  74.40 → 148.80" in shown
        assert "+74.40  in all" in shown
        assert "C1  bill.spent 12.5" in shown
        assert "failed" not in shown
        assert "Days of this month" in shown
        app.query_one(CostView).sources = Sources(costs=lambda: (costs(), None))
        assert "nothing: what is shown is what it wants" in await settled(app, pilot, "r")


async def test_events_have_columns_detail_and_a_filter(plan: Plan, desired: Desired) -> None:
    """The newest on top, its JSON below; a filter by result; what could not be read is told."""
    log = Log(happening(0), happening(1, "okta"), happening(2, result="AccessDenied"))
    app = explorer_with(plan, desired, everything(log))
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await settled(app, pilot, "7")
        assert "2026-06-16 12:02:00  trail  user/ann  ec2:RunInstances  AccessDenied  i-2" in shown
        assert shown.index("12:02:00") < shown.index("12:01:00") < shown.index("12:00:00")
        assert '"sourceIPAddress": "198.51.100.7"' in shown
        assert "not seen: okta: it is asleep" in shown
        await settled(app, pilot, "slash")
        app.query_one("#log Input", Input).value = "source:okta"
        shown = await settled(app, pilot, "enter")
        assert "user.session.start" in shown
        assert "AccessDenied" not in shown
        assert "AccessDenied" in await settled(app, pilot, "escape")


async def test_the_result_is_seen_on_a_narrow_screen(plan: Plan, desired: Desired) -> None:
    """At 80 columns the action is cut, and what came of it is not."""
    app = explorer_with(plan, desired, everything(Log(happening(0, result="AccessDenied"))))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "ec2:RunInstances  Access" in await settled(app, pilot, "7")


async def test_events_are_followed_and_the_cursor_stays(plan: Plan, desired: Desired) -> None:
    """What is new comes on top, read from the newest on; on an older event the cursor stays, reads are asked for."""
    log = Log(happening(0), happening(1))
    app = explorer_with(plan, desired, everything(log))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot, "7", "j")
        view = app.query_one(EventsView)
        log.events.append(happening(2))
        assert "● following" in await settled(app, pilot, "space")
        assert log.asked[-1].since == happening(1).time
        assert [line.key for line in view.table.lines] == ["e2", "e1", "e0"]
        assert view.table.key == "e0"
        await settled(app, pilot, "space", "g")
        log.events.append(happening(3))
        shown = await settled(app, pilot, "a")
        assert (log.asked[-1].reads, log.asked[-1].since) == (True, None)
        assert "reads too" in shown
        assert view.table.key == "e3"


async def test_a_target_that_does_not_answer_is_told_and_asked_again(plan: Plan, desired: Desired) -> None:
    """The reason stands in the view, as it is; `r` asks again."""
    app = explorer_with(plan, desired, Sources(refuses, refuses, refuses, refuses))  # type: ignore[arg-type]
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ALL:
            assert "the target does not answer[bold]" in await settled(app, pilot, key)
            view = app.view
            assert isinstance(view, PathsView | CostView | EventsView | TopologyView)
            view.sources = everything()
            assert "does not answer" not in await settled(app, pilot, "r")


@pytest.mark.parametrize(
    "size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.catalogue)], ids=["80x24", "120x40"]
)
async def test_no_read_view_overflows(plan: Plan, desired: Desired, size: tuple[int, int]) -> None:
    """Every line is as wide as the screen; the menu has every view, the line of keys ends with the way out."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=size) as pilot:
        for key in ALL:
            await settled(app, pilot, key)
            lines = seen(app).splitlines()
            assert {len(line) for line in lines} == {size[0]}
            assert app.screen.max_scroll_y == 0
            assert "8 Topo" in lines[0]
            assert "acme/prod on twin" in lines[0]
            assert lines[-1].rstrip().endswith("q Quit")


async def test_the_help_has_every_key_of_a_read_view(plan: Plan, desired: Desired) -> None:
    """Each key of the view with its title; each of its actions has a text and an id to bind it by."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ALL:
            await settled(app, pilot, key)
            told = {one.title for part in keys_of(app.screen).values() for one in part}
            own = [a.binding for a in app.screen.active_bindings.values() if a.node is app.view]
            assert len(own) >= 3
            assert {binding.description for binding in own} <= told
            assert [binding.key for binding in own if not (binding.tooltip and binding.id)] == []


def test_bars_are_as_long_as_amounts() -> None:
    """Solid for what was spent, light for what is foretold; nothing where there is nothing."""
    two, four = ZERO + 2, ZERO + 4
    assert bar(two, four, four, 8) == "████░░░░"
    assert bar(ZERO + 1, two, four, 8) == "██░░"
    assert bar(ZERO, ZERO, four, 8) == ""
    assert spark([ZERO, two, four]) == " ▄█"
    assert sum(days(costs()), ZERO) == costs().so_far.total
    assert len(days(costs())) == 16


def test_the_small_sources_are_sound() -> None:
    """The org has one way to administration that is another's, and its network an opening."""
    assert [len(path) for path in reach().paths(ANN, "admin")] == [1]
    assert network().openings


@pytest.mark.parametrize(("key", "asks", "row"), [
    ("5", "slash", "user/ann"), ("6", "slash", "Amazon"), ("7", "slash", "ec2:RunInstances"), ("8", "o", "internet"),
])  # fmt: skip
async def test_what_is_typed_is_seen_and_what_is_listed_can_be_exported(
    plan: Plan, desired: Desired, key: str, asks: str, row: str
) -> None:
    """The line of a question shows its letters, no frame instead of them; `e` offers the rows."""
    app = explorer_with(plan, desired, everything())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot, key)
        listed = app.view.listing()  # type: ignore[union-attr]
        assert any(row in str(cell) for line in listed.rows for cell in line)
        assert len(listed.columns) == len(listed.rows[0])
        assert "zzz" in await settled(app, pilot, asks, "z", "z", "z")
        assert "export" in (await settled(app, pilot, "escape", "e")).lower()

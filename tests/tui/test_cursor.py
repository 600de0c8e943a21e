"""The cursor in time: every view shows the org as of it, and nothing is lost on the way."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from small_network import replies
from textual.pilot import Pilot

from tests.tui.at_hand import Log, happening
from tests.tui.conftest import KEY, LAKE, ORDERS
from tests.tui.recorded import BEGAN, HOUR, lines, with_ledgers
from tests.tui.screen import find, press, seen, squeezed
from tests.tui.test_read_views import everything
from tests.tui.test_timeline import ITEM
from tui.answers import Asked, question
from tui.app import Explorer
from tui.past import HERE
from tui.runs import Run
from tui.then import PATIENCE
from tui.views.events import EventsView
from tui.views.scenarios import ScenarioView
from tui.views.timeline import TimelineView
from tui.views.topology import TopologyView
from tui.ways import Way
from twin.address import Address
from twin.engine.plan import Plan
from twin.observe.iam.written import GAPS
from twin.report.picture.recorded import Instant, instant
from twin.resources.declaration import Desired
from twin.scenario.recording.looks import NETWORK, RIGHTS
from twin.scenario.recording.recording import Recording, read_recording

Make = Callable[[], Explorer]
LIVE = "acme/prod on twin"


@pytest.fixture
def recorded(plan: Plan, desired: Desired) -> Explorer:
    """The explorer on the small plan, with a run that was recorded."""
    run = Run.of(read_recording(json.dumps(line) for line in lines(plan, desired)))
    return Explorer(plan, desired, scenarios=[ITEM], runs=[run])


@pytest.fixture
def kept(recorded: Explorer) -> Explorer:
    """The same with what a recording keeps beside the resources, and a target that can be read."""
    assert recorded.runs[0].recording is not None
    with_ledgers(recorded.runs[0].recording)
    return Explorer(recorded.now.plan, runs=recorded.runs, references=recorded.references, sources=everything())


async def test_tree_table_and_detail_are_as_of_the_cursor(recorded: Explorer) -> None:
    """The bucket is as the spec says, then drifts, then is mended: a tenth of the run on, and on."""
    async with recorded.run_test(size=(140, 50)) as pilot:
        await press(pilot, "home", "1")
        shown = await find(pilot, "lake")
        assert "◷ as of 0:00:00 of T9" in shown
        assert "✓ lake" in shown
        assert "changed by hand" not in shown
        shown = await press(pilot, *"." * 5)
        assert "◷ as of 1:00:00" in shown
        assert "≠ lake" in shown
        assert "changed by hand" in shown
        shown = await press(pilot, ">")
        assert "◷ as of 2:00:00" in shown
        assert "✓ lake" in shown
        assert "≠ lake" in await press(pilot, "<")


async def test_a_resources_history_ends_at_the_cursor(recorded: Explorer) -> None:
    """How it stood and what named it, up to the instant and not beyond."""
    async with recorded.run_test(size=(140, 60)) as pilot:
        await press(pilot, "home", "1")
        shown = await find(pilot, "lake")
        assert "History  1" in shown
        shown = await press(pilot, ">")
        assert "History  3" in shown
        assert "attacker call  call=s3:PutBucketVersioning" in shown
        assert "responder call" not in shown


async def test_the_plan_is_that_of_the_instant(recorded: Explorer) -> None:
    """Nothing to do at the start; the drift at its hour; the summary says the same."""
    async with recorded.run_test(size=(140, 50)) as pilot:
        shown = await press(pilot, "home", "2")
        assert "Nothing to do" in shown
        shown = await press(pilot, ">")
        assert "~ aws.s3.bucket.lake" in shown
        assert "1 to update" in shown


async def test_one_key_leads_back_to_live(recorded: Explorer) -> None:
    """L shows the target as it is: its queue, which the run never had, and no mark of another time."""
    async with recorded.run_test(size=(140, 50), notifications=True) as pilot:
        shown = await press(pilot, "home", "1")
        assert "◷ as of" in shown
        assert "aws.sqs" not in await find(pilot, "jobs")
        shown = await press(pilot, "escape", "L")
        assert "◷ as of" not in shown
        assert "to create" in await find(pilot, "jobs")
        assert recorded.org is recorded.now


async def test_a_resource_that_is_not_there_yet_is_said_so(recorded: Explorer) -> None:
    """The way to something that the instant does not have ends in words, not in an error."""
    async with recorded.run_test(size=(140, 50), notifications=True) as pilot:
        await press(pilot, "home", "1")
        recorded.show_resource("aws.sqs.queue.jobs")
        await pilot.pause()
        assert "is not there at this instant" in seen(recorded)


async def grow(pilot: Pilot[None], app: Explorer, told: list[object]) -> str:
    """Have a run that is on record more."""
    app.query_one(ScenarioView).post_message(ScenarioView.Grown(told))  # type: ignore[arg-type]
    await pilot.pause()
    await pilot.pause()
    return seen(app)


async def test_the_views_move_while_a_scenario_runs_and_lose_nothing(plan: Plan, desired: Desired) -> None:
    """Followed, held, sought back and followed again: at the end every event is there and the org is the newest."""
    told = list(lines(plan, desired))
    app = Explorer(plan, desired, scenarios=[ITEM])
    async with app.run_test(size=(140, 50), notifications=True) as pilot:
        await press(pilot, "1")
        await grow(pilot, app, told[:1])
        shown = await grow(pilot, app, told[1:3])
        assert "◷ as of 0:00:00 of T9" in shown
        shown = await grow(pilot, app, told[3:6])  # the fault, the attacker's call, the drift
        assert "◷ as of 1:00:00" in shown
        assert app.org.entries[LAKE].state.word == "drift"
        view = app.query_one(TimelineView)
        await press(pilot, "4", "space")
        assert "on, held here" in seen(app)
        await press(pilot, "home")
        assert (view.t, app.org.entries[LAKE].state.word) == (0.0, "as spec")
        shown = await grow(pilot, app, told[6:8])  # goes on unseen
        assert view.t == 0.0
        assert "1 of 4 events by 0:00:00 of 2:00:00" in shown
        shown = await press(pilot, "L")
        assert "4 of 4 events by 2:00:00" in shown
        assert app.org.entries[LAKE].state.word == "as spec"
        await press(pilot, "1")
        shown = await grow(pilot, app, [{"t": 3 * HOUR, "actor": "world", "event": "x", "facts": {}}])
        assert "◷ as of 3:00:00" in shown
        assert [event.t for event in view.run.events] == [0.0, 600.0, HOUR, 2 * HOUR, 3 * HOUR]  # type: ignore[union-attr]
        await press(pilot, "L")
        assert app.org is app.now


async def test_a_run_that_was_not_recorded_leaves_the_target_in_the_views(plan: Plan, desired: Desired) -> None:
    """Its journal can be walked through; the org of an instant is unknown, and the views do not pretend."""
    run = Run("F2", None, "PASS", "PASS", "", 1)
    app = Explorer(plan, desired, runs=[run])
    async with app.run_test(size=(140, 50), notifications=True) as pilot:
        assert "its journal alone" in await press(pilot, "home")
        assert "◷ as of" not in await press(pilot, "1")
        assert "no recording" in await press(pilot, ">")
        assert LIVE in seen(app)


async def test_a_view_of_what_was_not_recorded_says_that_it_shows_the_target(recorded: Explorer) -> None:
    """A recording of the first format has no meter: the line says so instead of an instant."""
    app = Explorer(recorded.now.plan, runs=recorded.runs, references=recorded.references, sources=everything())
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await press(pilot, "home", "6")
        assert "● now: this view reads the target, not 0:00:00 of T9: this recording does not have it" in shown
        assert "◷ as of 0:00:00" in await press(pilot, "1")


async def test_attack_paths_are_those_of_the_instant(kept: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backdoor is there from its hour until it is mended, by its statement; no state is asked twice."""
    asked: list[Asked] = []

    def note(*told: Any) -> Callable[[], Iterator[Way]]:
        asked.append(told[0])
        return question(*told)

    monkeypatch.setattr("tui.views.paths.question", note)
    async with kept.run_test(size=(140, 50), notifications=True) as pilot:
        shown = await at_rest(pilot, kept, "home", "5")
        assert "◷ as of 0:00:00 of T9" in shown
        assert "user/bob" not in shown
        shown = await at_rest(pilot, kept, *"." * 5)
        assert "user/bob" in shown
        await press(pilot, "end")
        assert "Backdoor" in seen(kept)
        assert "user/bob" not in await at_rest(pilot, kept, *"." * 5)
        assert "user/bob" in await at_rest(pilot, kept, *"," * 3)
        assert len(asked) == 2
        assert "L leads back" in await at_rest(pilot, kept, "r")


async def test_what_is_not_in_a_recording_is_said_in_the_view(kept: Explorer) -> None:
    """The small recording has no network: the other kind of paths tells how to come by it."""
    async with kept.run_test(size=(140, 50)) as pilot:
        shown = await at_rest(pilot, kept, "home", "5", "p")
        assert "record the run again" in shown


async def test_costs_are_those_by_the_instant(kept: Explorer) -> None:
    """The month to date moves with the cursor; two clusters more are the spike, and one key leads back."""
    async with kept.run_test(size=(140, 50)) as pilot:
        shown = await at_rest(pilot, kept, "home", "6")
        assert "2026-06-16 09:00 UTC" in shown
        assert "nothing that is held costs otherwise" in shown
        shown = await at_rest(pilot, kept, *"." * 10)
        assert "2026-06-16 11:00 UTC" in shown
        assert "0.49  since the run began; 0.29 as it was then, +0.20 more" in shown
        assert "+4.80  Amazon Elastic Container Service for Kubernetes  2.40 → 7.20" in shown
        assert "2026-06-16 00:00 UTC" in await at_rest(pilot, kept, "L")


async def test_a_saved_run_alone_has_paths_and_costs(kept: Explorer) -> None:
    """Nothing else is read: at first they are those of its end, and what cannot be read again says so."""
    app = Explorer(kept.now.plan, runs=kept.runs, references=kept.references)
    async with app.run_test(size=(140, 50), notifications=True) as pilot:
        assert "2026-06-16 11:00 UTC" in await at_rest(pilot, app, "6")
        await press(pilot, "L", "5")
        shown = await at_rest(pilot, app, "r")
        assert "user/ann" in shown
        assert "L leads back" in shown or "does not change" in shown


async def at_rest(pilot: Pilot[None], app: Explorer, *keys: str) -> str:
    """Press keys and wait until the cursor has stood still for long enough."""
    await press(pilot, *keys)
    await pilot.pause(2 * PATIENCE)
    await app.workers.wait_for_complete()
    await pilot.pause()
    return seen(app)


async def test_events_are_those_that_had_happened_by_the_cursor(recorded: Explorer) -> None:
    """Newest first under the cursor's place; what comes later is only counted, and a filter goes by columns."""
    async with recorded.run_test(size=(120, 40), notifications=True) as pilot:
        shown = await at_rest(pilot, recorded, "home", "7")
        assert "1 of 4 events by 0:00:00 of T9" in shown
        shown = await at_rest(pilot, recorded, *"." * 5)
        assert "3 of 4 events by 1:00:00 of T9" in shown
        assert squeezed(shown).index("◷ 1:00:00  the cursor") < squeezed(shown).index("1:00:00  attacker  attacker")
        assert "1 happen later" in shown
        assert "2:00:00" not in shown
        assert '"bucket": "acme-lake"' in shown
        assert "L leads back" in await at_rest(pilot, recorded, "space")
        await press(pilot, "slash", *"source:faults", "enter")
        shown = await at_rest(pilot, recorded)
        assert "fault.began" in shown
        assert "attacker  attacker" not in squeezed(shown)


async def test_the_logs_end_at_the_cursor_on_the_session_of_a_running_twin(plan: Plan, desired: Desired) -> None:
    """The target's own logs are cut by its clock; live again, everything is there."""
    log = Log(happening(0), happening(60))
    app = Explorer(plan, desired, sources=everything(log), pulse=lambda: (0.0, []), began=happening(0).time)
    async with app.run_test(size=(120, 40)) as pilot:
        app.post_message(Explorer.Heard(30.0, [], plan))
        shown = await at_rest(pilot, app, "7")
        assert "◷" not in shown
        assert [line.key for line in app.query_one(EventsView).table.lines] == ["e60", "e0"]
        shown = await at_rest(pilot, app, "4", "home", "7")
        assert "the cursor" in shown
        assert "1 happen later" in shown
        assert [line.key for line in app.query_one(EventsView).table.lines] == [HERE, "e0"]
        await at_rest(pilot, app, "L")
        assert [line.key for line in app.query_one(EventsView).table.lines] == ["e60", "e0"]


async def test_the_topology_is_that_of_the_instant(recorded: Explorer) -> None:
    """The database is not there at first, then on a lost host, then well again; what needs packets says so."""
    assert recorded.runs[0].recording is not None
    recorded.runs[0].recording.journal[1:1] = [
        {"t": 600.0, "event": "host.lost", "facts": {"name": "acme-orders"}},
        {"t": 900.0, "event": "host.restored", "facts": {"name": "acme-orders"}},
    ]
    track = recorded.runs[0].recording.tracks[KEY]
    stood = replace(track.things[0], address=Address.parse(ORDERS), id="acme-orders")  # type: ignore[type-var]
    recorded.runs[0].recording.put(0.0, {ORDERS: stood})
    async with recorded.run_test(size=(120, 40), notifications=True) as pilot:
        await at_rest(pilot, recorded, "home", "8")
        recorded.query_one(TopologyView).go(ORDERS)
        shown = await at_rest(pilot, recorded)
        assert "database orders" in shown
        assert "✗" not in shown
        shown = await at_rest(pilot, recorded, "4", "right", "8")
        assert "host acme-orders lost, 1 lost" in shown
        assert "✗ database orders" in shown
        assert "✗ database" not in await at_rest(pilot, recorded, ".", ".")
        assert "this recording has not the network: record the run again" in await at_rest(pilot, recorded, "b")


async def test_blast_radius_and_ways_are_laid_over_an_instant(recorded: Explorer) -> None:
    """What the fault takes and where packets went then, over what the instant itself has lost; escape leaves that."""
    recording = recorded.runs[0].recording
    assert recording is not None
    told = {f"{name}.json": json.dumps({name: reply}) for name, reply in replies().items()} | {GAPS: "[]"}
    delta = recording.ledger(NETWORK).difference(told)
    assert delta is not None
    recording.ledger(NETWORK).take(0.0, delta)
    recording.journal[1:1] = [{"t": 600.0, "event": "zone.lost", "facts": {"name": "us-east-1a"}}]
    async with recorded.run_test(size=(160, 40), notifications=True) as pilot:
        await at_rest(pilot, recorded, "home", "8")
        view = recorded.query_one(TopologyView)
        view.go("i-web-b")
        await at_rest(pilot, recorded)
        assert view.own.of("i-web-a") == ""
        assert "without instance:i-web-b" in await at_rest(pilot, recorded, "b")
        assert view.marks.of("i-web-b") == "dead"
        assert "to instance i-web-b" in await at_rest(pilot, recorded, "p")
        await at_rest(pilot, recorded, "escape", "4", "right", "8")
        assert view.marks.of("i-web-a") == "dead"
        await at_rest(pilot, recorded, "b", "escape")
        assert view.marks == view.own
        assert view.marks.of("i-web-a") == "dead"


async def test_nothing_is_drawn_while_the_key_is_held(recorded: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten steps in a row are one drawing, of the last instant."""
    drawn: list[float] = []

    def note(recording: Recording, t: float) -> Instant:
        drawn.append(t)
        return instant(recording, t)

    monkeypatch.setattr("tui.recalled.instant", note)
    async with recorded.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot, recorded, "home", "8")
        drawn.clear()
        monkeypatch.setattr("tui.still.PATIENCE", 1.0)
        await press(pilot, *"." * 10)
        assert drawn == []
        await pilot.pause(1.2)
        await recorded.workers.wait_for_complete()
        assert drawn == [2 * HOUR]


async def test_the_views_move_with_the_running_twin(plan: Plan, desired: Desired) -> None:
    """What happens there is on the timeline, the org is read again, and the first look can be gone back to."""
    calm = replace(plan, changes=plan.changes[:1])
    app = Explorer(calm, desired, look=lambda: plan, pulse=lambda: (0.0, []))
    lost = {"t": 5.0, "actor": "world", "event": "zone.lost", "facts": {"name": "us-east-1a"}}
    async with app.run_test(size=(140, 50), notifications=True) as pilot:
        assert "acme/prod on twin  ✓1" in await press(pilot, "1")
        app.post_message(Explorer.Heard(6.0, [lost], plan))
        await pilot.pause()
        await pilot.pause()
        assert "±1" in seen(app).splitlines()[0]
        assert LAKE in app.org.entries
        shown = await press(pilot, "4")
        assert "world zone.lost  name=us-east-1a" in shown
        await press(pilot, "home", "1")
        assert LAKE not in app.org.entries
        await press(pilot, "L")
        assert app.org is app.now
        assert LAKE in app.org.entries


async def test_paths_and_costs_move_with_the_running_twin(plan: Plan, desired: Desired) -> None:
    """A backdoor that is opened while one looks is there; its hour can be gone back before, and nothing is lost."""
    told = with_ledgers(read_recording(json.dumps(line) for line in lines(plan, desired)))
    states = [told.ledgers[RIGHTS].texts(t) for t in (0.0, HOUR)]
    app = Explorer(plan, desired, sources=everything(), look=lambda: plan, pulse=lambda: (0.0, []), began=BEGAN)
    call = {"t": HOUR, "actor": "user/ann", "event": "call", "facts": {"call": "iam:UpdateAssumeRolePolicy"}}
    async with app.run_test(size=(140, 50), notifications=True) as pilot:
        app.post_message(Explorer.Heard(1.0, [], None, ledgers={RIGHTS: states[0]}))
        assert "user/bob" not in await at_rest(pilot, app, "5")
        app.post_message(Explorer.Heard(HOUR, [call], plan, ledgers={RIGHTS: states[1]}))
        shown = await at_rest(pilot, app)
        assert "user/bob" in shown
        assert "◷" not in shown
        await press(pilot, "6")
        app.post_message(Explorer.Heard(HOUR + 1, [], None, why="the target does not answer[bold]"))
        assert "the target does not answer[bold]" in await at_rest(pilot, app)
        assert "◷" not in await press(pilot, "4")
        assert "user/bob" not in await at_rest(pilot, app, "home", "5")
        assert "user/bob" in await at_rest(pilot, app, "L")

"""The world's agenda: what it does by itself happens in order, at its own instant, whoever leads the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mounted import NOW

from twin.clock import VirtualClock
from twin.scenario.timeline import Timeline
from twin.world.agenda import Agenda
from twin.world.conditions import Conditions
from twin.world.world import World


def noting(clock):
    """Return an agenda that notes its tasks, and the notes."""
    agenda, notes = Agenda(clock), []
    agenda.perform = lambda entry: notes.append((entry.task, (agenda.now() - NOW).total_seconds()))
    return agenda, notes


@given(st.lists(st.floats(0, 1e6), max_size=20), st.floats(0, 1e6))
def test_tasks_happen_in_order_and_none_early(delays, until):
    """What is due by the leader's now has happened, in order of time and then of entry; the rest has not."""
    clock = VirtualClock(NOW)
    agenda, notes = noting(clock)
    for number, seconds in enumerate(delays):
        agenda.after(seconds, str(number))
    clock.advance(until)
    agenda.run()
    times = [time for _, time in notes]
    assert times == sorted(times)
    assert len(notes) + len(agenda.entries()) == len(delays)
    assert all(entry.time > clock.now() for entry in agenda.entries())


def test_clock_reads_the_tasks_own_instant(world, clock):
    """A task that is late in the leader's time is not late in the world's."""
    seen = []
    world.agenda.perform = lambda entry: seen.append(world.clock.now())
    world.agenda.after(10, "a")
    clock.advance(3600)
    world.settle()
    assert [(time - NOW).total_seconds() for time in seen] == [10]
    assert world.clock.now() == clock.now()


def test_task_that_begets_tasks_catches_up_within_one_run():
    """What a task puts on the agenda is done in the same run when it is due by then."""
    clock = VirtualClock(NOW)
    agenda, notes = noting(clock)
    note = agenda.perform

    def perform(entry):
        note(entry)
        if len(notes) < 5:
            agenda.after(60, "again")

    agenda.perform = perform
    agenda.after(60, "again")
    clock.advance(200)
    agenda.run()
    assert [time for _, time in notes] == [60, 120, 180]


def test_cancelled_task_does_not_happen():
    """Cancelling twice, or what is done already, is no mistake."""
    clock = VirtualClock(NOW)
    agenda, notes = noting(clock)
    first, second = agenda.after(1, "a"), agenda.after(2, "b")
    agenda.cancel(first)
    agenda.cancel(first)
    clock.advance(5)
    agenda.run()
    agenda.cancel(second)
    assert [task for task, _ in notes] == ["b"]
    assert agenda.next() is None


def test_actors_and_the_world_share_one_order():
    """A timeline steps through what actors do and what the world does, each at its time; the world first at a tie."""
    timeline = Timeline(NOW)
    world, order = World(1, timeline), []
    timeline.lead(world)
    world.agenda.perform = lambda entry: order.append((entry.task, timeline.elapsed))
    for seconds in (5, 15, 20):
        world.agenda.after(seconds, "world")

    def actor():
        for _ in range(2):
            yield timeline.pass_(10)
            order.append(("actor", timeline.elapsed))

    timeline.spawn(actor())
    timeline.run(until=30)
    assert order == [("world", 5), ("actor", 10), ("world", 15), ("world", 20), ("actor", 20)]
    assert timeline.elapsed == 30
    world.close()


def test_part_is_broken_until_the_last_fault_heals():
    """Two faults on one zone are two; a zone is broken when its Region is."""
    conditions = Conditions()
    assert conditions.break_("zone", "us-east-1a")
    assert not conditions.break_("zone", "us-east-1a")
    assert not conditions.mend("zone", "us-east-1a")
    assert conditions.broken("zone", "us-east-1a")
    assert conditions.mend("zone", "us-east-1a")
    assert not conditions.broken("zone", "us-east-1a")
    conditions.break_("region", "us-east-1")
    assert conditions.broken("zone", "us-east-1a")
    assert not conditions.broken("zone", "us-west-2a")
    with pytest.raises(ValueError, match="not broken"):
        conditions.mend("zone", "us-east-1b")


def test_service_makes_calls_that_the_trail_shows_as_its_own(world, clients):
    """A call by a service of AWS reaches the store, needs no key, and is recorded as AWSService."""
    clients("sns").create_topic(Name="alarms")
    arn = "arn:aws:sns:us-east-1:123456789012:alarms"
    reply = world.scene.call(
        "sns:Publish", {"TopicArn": arn, "Message": "x"}, account="123456789012", region="us-east-1",
        by="cloudwatch.amazonaws.com",
    )  # fmt: skip
    assert reply["MessageId"]
    world.scene.call(
        "s3:CreateBucket",
        {"Bucket": "made-by-a-service"},
        account="123456789012",
        region="us-east-1",
        by="x.amazonaws.com",
    )
    assert [b["Name"] for b in clients("s3").list_buckets()["Buckets"]] == ["made-by-a-service"]
    (event,) = world.evidence.events(name="Publish")
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": "cloudwatch.amazonaws.com"}

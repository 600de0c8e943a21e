"""Scheduled actions change a group at their time; cron expressions come round as Unix has it."""

from datetime import UTC, datetime

import pytest
from groups import activities, group, network, template, told
from mounted import NOW
from refused import refusal

from twin.world.behaviors.unix_cron import next_time

NAMED = {"AutoScalingGroupName": "web"}


@pytest.fixture
def scaling(clients):
    """Auto Scaling with a group of one."""
    _, subnets = network(clients)
    template(clients)
    group(clients, subnets.values(), size=(1, 6, 1))
    return clients("autoscaling")


def put(scaling, name="a", **more):
    """Put an action."""
    scaling.put_scheduled_update_group_action(**NAMED, ScheduledActionName=name, **more)


def size(clients):
    """How many members the group has."""
    return len(told(clients)["Instances"])


def test_action_takes_place_once(clients, scaling, clock):
    """At its start, not before; then it is no more."""
    put(scaling, StartTime=datetime(2026, 3, 1, 13, tzinfo=UTC), DesiredCapacity=3)
    clock.advance(3599)
    assert size(clients) == 1
    clock.advance(1)
    assert size(clients) == 3
    assert "a scheduled action update of AutoScalingGroup constraints to" in activities(clients)[-1]["Cause"]
    assert scaling.describe_scheduled_actions(**NAMED)["ScheduledUpdateGroupActions"] == []


def test_action_recurs_and_stays_within_the_bounds(clients, scaling, clock, world):
    """Up in the morning, down at night, day after day; suspended it does not take place."""
    put(scaling, "up", Recurrence="0 8 * * *", MinSize=4)
    put(scaling, "down", Recurrence="0 20 * * *", MinSize=1, DesiredCapacity=1)
    for hour, expected in ((8 - 12 + 24, 4), (12, 1), (12, 4)):
        clock.advance(hour * 3600)
        world.settle()
        assert size(clients) == expected
    scaling.suspend_processes(**NAMED, ScalingProcesses=["ScheduledActions"])
    clock.advance(24 * 3600)
    assert size(clients) == 4
    assert len(world.agenda.entries()) == 2


def test_deleted_action_does_not_take_place(clients, scaling, clock):
    """Nor does one that was put anew at its old time."""
    put(scaling, StartTime=datetime(2026, 3, 1, 13, tzinfo=UTC), DesiredCapacity=3)
    put(scaling, StartTime=datetime(2026, 3, 1, 14, tzinfo=UTC), DesiredCapacity=2)
    put(scaling, "b", StartTime=datetime(2026, 3, 1, 13, tzinfo=UTC), DesiredCapacity=5)
    scaling.delete_scheduled_action(**NAMED, ScheduledActionName="b")
    clock.advance(3700)
    assert size(clients) == 1
    clock.advance(3600)
    assert size(clients) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"StartTime": datetime(2026, 2, 1, tzinfo=UTC), "DesiredCapacity": 2},
        {"Recurrence": "0 25 * * *", "DesiredCapacity": 2},
        {"Recurrence": "0 8 * *", "DesiredCapacity": 2},
        {"Recurrence": "0 8 * * *", "TimeZone": "Mars/Olympus", "DesiredCapacity": 2},
        {"StartTime": datetime(2027, 2, 1, tzinfo=UTC)},
    ],
)
def test_action_that_cannot_be_is_refused(scaling, wrong):
    """A start that is past, a time that is none, no size."""
    put_ = scaling.put_scheduled_update_group_action
    assert refusal(put_, **NAMED, ScheduledActionName="a", **wrong) == ("ValidationError", 400)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("0 8 * * *", "UTC", "2026-03-02T08:00:00+00:00"),
        ("30 12 * * *", "UTC", "2026-03-01T12:30:00+00:00"),
        ("*/20 12 * * *", "UTC", "2026-03-01T12:20:00+00:00"),
        ("0 9 * * MON-FRI", "UTC", "2026-03-02T09:00:00+00:00"),
        ("0 9 15 * 3", "UTC", "2026-03-04T09:00:00+00:00"),
        ("0 0 29 FEB *", "UTC", "2028-02-29T00:00:00+00:00"),
        ("0 8 * * *", "America/New_York", "2026-03-01T13:00:00+00:00"),
        ("0 0 31 2 *", "UTC", "None"),
    ],
)
def test_cron_comes_round(expression, zone, expected):
    """In its own zone; either day field is enough when both are given; a day that never is never comes."""
    found = next_time(expression, NOW, zone)
    assert (found.isoformat() if found else "None") == expected

"""Gaps on call: found to the second through all clocks of the year, as a walk over every minute finds them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as some

from twin.semantics.oncall.coverage import clock_changes, weeks
from twin.semantics.oncall.escalation import next_level

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


def schedule(zone, *restrictions, start="2025-01-06T00:00:00Z", end=None):
    """A schedule of one layer and one person."""
    layer = {"start": start, "end": end, "rotation_virtual_start": start, "rotation_turn_length_seconds": 604_800}
    layer |= {"users": [{"user": {"id": "ada"}}], "restrictions": list(restrictions)}
    return {"time_zone": zone, "schedule_layers": [layer]}


def daily(start, minutes):
    """A restriction to a time of each day."""
    return {"type": "daily_restriction", "start_time_of_day": start, "duration_seconds": minutes * 60}


def weekly(day, start, minutes):
    """A restriction to a time of a week."""
    told = {"type": "weekly_restriction", "start_day_of_week": day}
    return {**told, "start_time_of_day": start, "duration_seconds": minutes * 60}


def policy(count):
    """A policy that calls each of some schedules at a level of its own."""
    rules = [{"targets": [{"type": "schedule_reference", "id": index}]} for index in range(count)]
    return {"escalation_rules": rules, "num_loops": 0}


def gaps(schedules, at=BEGIN):
    """The gaps of the first week that has any."""
    found = weeks(policy(len(schedules)), at, dict(enumerate(schedules)).get)
    each = ([(one.start, one.end) for one in week if not one.covered] for week in found)
    return next(filter(None, each), [])


@pytest.mark.parametrize(
    ("schedules", "first"),
    [
        ([schedule("UTC")], None),
        # By day from Berlin and by night from UTC: in summer Berlin goes home an hour before the night begins.
        (
            [schedule("Europe/Berlin", daily("09:00:00", 480)), schedule("UTC", daily("16:00:00", 960))],
            ("2025-03-30T15:00", "2025-03-30T16:00"),
        ),
        ([schedule("Europe/Berlin", daily("09:00:00", 480)), schedule("Europe/Berlin", daily("17:00:00", 960))], None),
        # Two zones whose clocks change three weeks apart.
        (
            [schedule("Europe/Berlin", daily("09:00:00", 480)), schedule("America/New_York", daily("11:00:00", 960))],
            ("2025-03-09T07:00", "2025-03-09T08:00"),
        ),
        (
            [schedule("UTC", daily("09:15:00", 480)), schedule("UTC", daily("17:35:00", 940))],
            ("2025-01-06T17:15", "2025-01-06T17:35"),
        ),
        ([schedule("UTC", weekly(5, "18:00:00", 3720), weekly(1, "08:00:00", 6360))], None),
        (
            [schedule("UTC", weekly(5, "18:00:00", 3719), weekly(1, "08:00:00", 6360))],
            ("2025-01-06T07:59", "2025-01-06T08:00"),
        ),
        ([schedule("UTC", end="2025-09-01T12:30:00Z")], ("2025-09-01T12:30", "2025-09-08T12:30")),
        (
            [schedule("UTC", end="2025-09-01T12:30:00Z"), schedule("UTC", start="2025-09-01T12:50:00Z")],
            ("2025-09-01T12:30", "2025-09-01T12:50"),
        ),
        (
            [schedule("UTC", end="2025-09-01T12:30:00Z"), schedule("UTC", start="2025-09-01T12:30:00Z")],
            None,
        ),
    ],
)  # fmt: skip
def test_a_gap_is_found_where_it_begins_and_no_other_is_told(schedules, first):
    """Short ones, those of one season, and the time after a layer's end; what is covered is never told."""
    found = gaps(schedules)
    assert [f"{one:%Y-%m-%dT%H:%M}" for one in found[0]] == list(first) if first else found == []


CLOCKS = some.builds("{:02}:{:02}:00".format, some.integers(0, 23), some.sampled_from([0, 7, 15, 30, 40, 59]))
LENGTHS = some.sampled_from([20, 59, 480, 941, 1440])
RESTRICTIONS = some.one_of(
    some.builds(daily, CLOCKS, LENGTHS),
    some.builds(weekly, some.integers(1, 7), CLOCKS, some.sampled_from([20, 1440, 4321, 10_060])),
)
RESTRICTED = some.lists(RESTRICTIONS, min_size=1, max_size=3)
SCHEDULES = some.builds(lambda zone, all_: schedule(zone, *all_), some.sampled_from(ZONES), RESTRICTED)


@settings(max_examples=examples(24))
@given(some.lists(SCHEDULES, min_size=1, max_size=2), some.sampled_from([0, 61, 72, 299, 320]), some.integers(0, 1439))
def test_gaps_are_those_of_a_walk_over_every_minute(schedules, day, minute):
    """In the first week that is looked at, whatever zones and restrictions there are, each minute is as walked."""
    at, known = BEGIN + timedelta(days=day, minutes=minute), dict(enumerate(schedules))
    told = policy(len(schedules))
    week = next(weeks(told, at, known.get))
    for one in week:
        count = (one.end - one.start) // MINUTE
        # A stretch is walked by a coarse step and at its ends, where a wrong border would show.
        steps = sorted({*range(0, count, 7), *range(min(count, 3)), *range(max(0, count - 3), count)})
        walked = {next_level(told, 0, one.start + MINUTE * step, known.get) is not None for step in steps}
        assert walked == {one.covered}
    assert all(one.end == other.start and one.covered != other.covered for one, other in pairwise(week))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", []),
        ("Europe/Berlin", ["2025-03-30T01:00:00", "2025-10-26T01:00:00"]),
        ("Australia/Lord_Howe", ["2025-04-05T15:00:00", "2025-10-04T15:30:00"]),
    ],
)
def test_clocks_change_when_they_do(zone, expected):
    """To the second, by half an hour too."""
    assert [f"{one:%Y-%m-%dT%H:%M:%S}" for one in clock_changes(zone, BEGIN)] == expected

"""Who is on call: turns, restrictions, overrides, gaps and time zones."""

from datetime import UTC, datetime

import pytest

from twin.semantics.oncall.rotation import on_call


def schedule(*layers, zone="UTC"):
    """Return a schedule of layers."""
    return {"time_zone": zone, "schedule_layers": list(layers)}


def layer(*users, start="2026-03-01T00:00:00+00:00", turn=86400, **more):
    """Return a layer in which users take turns."""
    held = [{"user": {"id": user}} for user in users]
    told = {"users": held, "start": start, "rotation_virtual_start": start, "rotation_turn_length_seconds": turn}
    return told | more


def at(day, hour, minute=0):
    """Return an instant of March 2026."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour", "who"), [(1, 0, "ada"), (1, 23, "ada"), (2, 0, "bob"), (3, 0, "cy"), (4, 0, "ada")]
)
def test_people_take_turns(day, hour, who):
    """The turn passes at its hour and comes round."""
    assert who == on_call(schedule(layer("ada", "bob", "cy")), at(day, hour))


def test_nobody_is_on_call_before_the_start_and_after_the_end():
    """A layer reaches as far as it says."""
    one = schedule(layer("ada", end="2026-03-02T00:00:00+00:00"))
    assert [on_call(one, datetime(2026, 2, 28, 23, tzinfo=UTC)), on_call(one, at(1, 1)), on_call(one, at(2, 0))] == [
        None,
        "ada",
        None,
    ]


def test_a_restriction_leaves_a_gap_that_another_layer_fills():
    """By day it is Bob of the later layer, by night Ada; without Ada's layer it is nobody."""
    day = {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 8 * 3600}
    bob = layer("bob", restrictions=[day])
    assert [on_call(schedule(layer("ada"), bob), at(1, hour)) for hour in (8, 9, 16, 17)] == [
        "ada",
        "bob",
        "bob",
        "ada",
    ]
    assert [on_call(schedule(bob), at(1, hour)) for hour in (8, 9, 16, 17)] == [None, "bob", "bob", None]


def test_a_night_shift_reaches_over_midnight():
    """A daily restriction that begins in the evening holds until the morning."""
    night = {"type": "daily_restriction", "start_time_of_day": "22:00:00", "duration_seconds": 8 * 3600}
    one = schedule(layer("ada", restrictions=[night]))
    assert [on_call(one, at(3, hour)) for hour in (21, 22, 5, 6)] == [None, "ada", "ada", None]


def test_a_weekend_is_a_weekly_restriction():
    """From Saturday for two days: 1 March 2026 is a Sunday."""
    weekend = {"type": "weekly_restriction", "start_time_of_day": "00:00:00", "start_day_of_week": 6}
    one = schedule(
        layer("ada", start="2026-01-01T00:00:00+00:00", restrictions=[weekend | {"duration_seconds": 172800}])
    )
    assert [on_call(one, at(day, 12)) for day in (1, 2, 6, 7, 8)] == ["ada", None, None, "ada", "ada"]


def test_a_handover_stays_at_its_hour_when_clocks_change():
    """In New York summer time begins on 8 March 2026; the handover at nine is an hour earlier in UTC after it."""
    one = schedule(layer("ada", "bob", start="2026-03-07T09:00:00-05:00"), zone="America/New_York")
    assert [on_call(one, at(8, 12, 59)), on_call(one, at(8, 13))] == ["ada", "bob"]


def test_an_override_comes_first_and_is_told_by_oncalls(call):
    """Bob stands in for Ada until the override is taken back."""
    ada, bob = call.user("ada"), call.user("bob")
    made = call.schedule(ada)
    call.policy(made, bob)

    def first():
        return call("GET", f"/oncalls?schedule_ids[]={made['id']}")["oncalls"][0]["user"]["summary"]

    body = {"override": {"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T00:00:00Z", "user": {"id": bob["id"]}}}
    before = first()
    override = call("POST", f"/schedules/{made['id']}/overrides", body, expect=201)["override"]
    during = first()
    call("DELETE", f"/schedules/{made['id']}/overrides/{override['id']}", expect=204)
    assert (before, during, first()) == ("Ada", "Bob", "Ada")
    levels = [(one["escalation_level"], one["user"]["summary"]) for one in call("GET", "/oncalls")["oncalls"]]
    assert levels == [(1, "Ada"), (2, "Bob")]


def test_a_rendered_schedule_has_its_shifts_and_its_coverage(call):
    """Twelve hours of each day are covered, in shifts of those whose turn it is."""
    ada, bob = call.user("ada"), call.user("bob")
    night = {"type": "daily_restriction", "start_time_of_day": "20:00:00", "duration_seconds": 12 * 3600}
    made = call.schedule(ada, bob, start="2026-03-01T20:00:00Z", restrictions=[night])
    query = "since=2026-03-01T20:00:00Z&until=2026-03-03T20:00:00Z"
    final = call("GET", f"/schedules/{made['id']}?{query}")["schedule"]["final_schedule"]
    shifts = [(one["start"], one["end"], one["user"]["summary"]) for one in final["rendered_schedule_entries"]]
    assert shifts == [
        ("2026-03-01T20:00:00Z", "2026-03-02T08:00:00Z", "Ada"),
        ("2026-03-02T20:00:00Z", "2026-03-03T08:00:00Z", "Bob"),
    ]
    assert final["rendered_coverage_percentage"] == 50.0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rotation_turn_length_seconds": 0}, "Rotation turn length"),
        ({"users": []}, "Schedule layer users can't be empty"),
        ({"start": "tomorrow"}, "start is not a valid ISO8601 time"),
        ({"restrictions": [{"type": "weekly_restriction", "start_day_of_week": 0}]}, "Restriction start day of week"),
    ],
)
def test_a_layer_that_is_wrong_is_refused(call, change, problem):
    """The mistake is named and no schedule is made."""
    ada = call.user("ada")
    one = {"start": "2026-03-01T00:00:00Z", "rotation_virtual_start": "2026-03-01T00:00:00Z"}
    one |= {"rotation_turn_length_seconds": 86400, "users": [{"user": {"id": ada["id"]}}]} | change
    body = {"schedule": {"name": "Primary", "time_zone": "UTC", "schedule_layers": [one]}}
    error = call("POST", "/schedules", body, expect=400)["error"]
    assert error["errors"][0].startswith(problem)
    assert call("GET", "/schedules")["schedules"] == []

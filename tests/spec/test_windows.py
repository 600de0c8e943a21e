"""Deployment windows in their own zones, over changes of summer time too."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from twin.spec.model.promotion import Window
from twin.spec.windows import is_open, next_opening

BERLIN = Window(days=("mon",), start="09:00", end="16:00", zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-11-30T07:59:59", False),
        ("2026-11-30T08:00:00", True),  # 09:00 in winter
        ("2026-11-30T14:59:59", True),
        ("2026-11-30T15:00:00", False),
        ("2026-07-06T07:00:00", True),  # 09:00 in summer
        ("2026-07-06T06:59:59", False),
        ("2026-12-01T10:00:00", False),  # a Tuesday
    ],
)
def test_a_window_opens_by_the_clocks_of_its_zone(at, opened):
    """It includes its start and excludes its end."""
    assert is_open(BERLIN, datetime.fromisoformat(at).replace(tzinfo=UTC)) is opened


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-28T12:00:00", "2026-11-30T08:00:00"),
        ("2026-11-30T08:00:00", "2026-12-07T08:00:00"),
        ("2026-03-28T12:00:00", "2026-03-30T07:00:00"),  # summer time begins on the 29th
    ],
)
def test_the_next_opening_is_told(at, opens):
    """Never one that is past, nor the present one."""
    told = next_opening([BERLIN], datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert told.astimezone(UTC) == datetime.fromisoformat(opens).replace(tzinfo=UTC)


def test_a_window_that_the_clocks_leave_out_opens_a_week_later():
    """They go from 02:00 to 03:00 on 28 March 2027, and in autumn the hour is there twice."""
    night = Window(days=("sun",), start="02:00", end="03:00", zone="Europe/Berlin")
    told = next_opening([night], datetime(2027, 3, 27, 12, tzinfo=UTC))
    assert told.astimezone(UTC) == datetime(2027, 4, 4, 0, tzinfo=UTC)
    assert [is_open(night, datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in range(3)] == [True, True, False]


def test_two_windows_meet_at_midnight():
    """The first one ends at 24:00, and no minute is lost."""
    late, early = Window(days=("fri",), start="22:00", end="24:00"), Window(days=("sat",), start="00:00", end="02:00")
    for at in (datetime(2026, 11, 27, 23, 59, 59, 999000, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)):
        assert is_open(late, at) is not is_open(early, at)
    with pytest.raises(ValidationError, match="contradict"):
        Window(days=("fri",), start="22:00", end="02:00")

"""Deployment windows in their own zones, over changes of summer time too."""

from datetime import UTC, datetime

import pytest

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

"""Deployment windows: whether one is open, and when the next one opens."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from twin.spec.model.promotion import Day, Window

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TWO_WEEKS = 15


def is_open(window: Window, at: datetime) -> bool:
    """Tell whether a window is open; it includes its start and excludes its end."""
    local = at.astimezone(ZoneInfo(window.zone))
    return DAYS[local.weekday()] in window.days and window.start <= local.time().replace(tzinfo=None) < window.end


def next_opening(windows: Sequence[Window], at: datetime) -> datetime:
    """Return the next instant at which one of the windows opens."""
    openings = []
    for window in windows:
        local = at.astimezone(ZoneInfo(window.zone))
        for ahead in range(TWO_WEEKS):
            day = local.date() + timedelta(days=ahead)
            opening = datetime.combine(day, window.start, ZoneInfo(window.zone))
            # Clocks that go forward may leave out a whole window.
            if opening > at and is_open(window, opening.astimezone(UTC)):
                openings.append(opening)
    return min(openings)

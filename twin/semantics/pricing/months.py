"""Billing months, in UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def month_start(time: datetime) -> datetime:
    """Return the first instant of the month of `time`."""
    return datetime(time.year, time.month, 1, tzinfo=UTC)


def month_end(time: datetime) -> datetime:
    """Return the first instant of the month after `time`."""
    return datetime(time.year + time.month // 12, time.month % 12 + 1, 1, tzinfo=UTC)


def day_start(time: datetime) -> datetime:
    """Return the midnight that begins the day of `time`."""
    return datetime(time.year, time.month, time.day, tzinfo=UTC)


def later(time: datetime, months: int) -> datetime:
    """Return the same day some months later, or the last of that month."""
    number = time.year * 12 + time.month - 1 + months
    first = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return min(first + (time - month_start(time)), month_end(first) - timedelta(microseconds=1))


def hours_in_month(time: datetime) -> int:
    """Return the hours of the month of `time`, 672 to 744."""
    return (month_end(time) - month_start(time)) // HOUR


def days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the days of [start, end), the first and the last cut to it."""
    while start < end:
        following = min(day_start(start) + DAY, end)
        yield start, following
        start = following


def months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the months of [start, end), the first and the last cut to it."""
    while start < end:
        following = min(month_end(start), end)
        yield start, following
        start = following

"""When a schedule comes next: `rate(…)` and `cron(…)` of EventBridge, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)$")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$")
UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
MONTHS = {
    name: number
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}
DAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
LAST_YEAR = 2199


class ScheduleError(ValueError):
    """A schedule that EventBridge would not take."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A schedule by the calendar."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day: Callable[[date], bool]
    months: frozenset[int]
    years: frozenset[int]

    def next(self, after: datetime) -> datetime | None:
        """Return the first occurrence after an instant; None when there is none."""
        day = after.date()
        while day.year <= max(self.years):
            if day.year not in self.years:
                day = date(day.year + 1, 1, 1)
                continue
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                continue
            if self.day(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                        if at > after:
                            return at
            day += timedelta(days=1)
        return None


@cache
def parse_schedule(text: str) -> timedelta | Cron:
    """Read a schedule; ScheduleError when it is none."""
    rate = RATE.match(text)
    if rate:
        count, unit = int(rate[1]), rate[2]
        if count < 1 or (count == 1) == unit.endswith("s"):
            raise ScheduleError(text)
        return timedelta(seconds=count * UNITS[unit.removesuffix("s")])
    cron = CRON.match(text)
    if cron is None:
        raise ScheduleError(text)
    minutes, hours, days, months, weekdays, years = cron.groups()
    if (days == "?") == (weekdays == "?"):
        raise ScheduleError(text)
    try:
        return Cron(
            _numbers(minutes, 0, 59),
            _numbers(hours, 0, 23),
            _by_date(days) if weekdays == "?" else _by_weekday(weekdays),
            frozenset(_numbers(months, 1, 12, names=MONTHS)),
            frozenset(_numbers(years, 1970, LAST_YEAR)),
        )
    except ValueError as wrong:
        raise ScheduleError(text) from wrong


def next_time(text: str, *, after: datetime, start: datetime) -> datetime | None:
    """Return when a schedule comes next after an instant; a rate counts from `start`."""
    parsed = parse_schedule(text)
    if isinstance(parsed, Cron):
        return parsed.next(after)
    return start + parsed * ((after - start) // parsed + 1)


def _numbers(text: str, least: int, most: int, *, names: dict[str, int] | None = None) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.upper().split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        start = least if first == "*" else _number(first, names)
        end = _number(last, names) if dash else most if first == "*" or step else start
        if not least <= start <= end <= most or (step and int(step) < 1):
            raise ScheduleError(text)
        found |= set(range(start, end + 1, int(step or 1)))
    return tuple(sorted(found))


def _number(text: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(text) or int(text)


def _by_date(text: str) -> Callable[[date], bool]:
    if text.upper() == "L":
        return lambda day: day.day == calendar.monthrange(day.year, day.month)[1]
    if text.upper().endswith("W"):
        wanted = int(text[:-1])
        return lambda day: day.day == _working_day(day, wanted)
    days = _numbers(text, 1, 31)
    return lambda day: day.day in days


def _working_day(day: date, wanted: int) -> int:
    """Return the working day of the month that is nearest to a date of it."""
    last = calendar.monthrange(day.year, day.month)[1]
    near: Iterable[int] = (wanted, wanted - 1, wanted + 1, wanted - 2, wanted + 2)
    return next((n for n in near if 1 <= n <= last and day.replace(day=n).weekday() < 5), 0)


def _by_weekday(text: str) -> Callable[[date], bool]:
    if "#" in text:
        name, _, number = text.upper().partition("#")
        return lambda day: _weekday(day) == _number(name, DAYS) and (day.day - 1) // 7 + 1 == int(number)
    if text.upper().endswith("L") and text.upper() not in DAYS:
        wanted = _number(text.upper()[:-1], DAYS) if len(text) > 1 else DAYS["SAT"]
        return lambda day: _weekday(day) == wanted and day.day > calendar.monthrange(day.year, day.month)[1] - 7
    days = _numbers(text, 1, 7, names=DAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1

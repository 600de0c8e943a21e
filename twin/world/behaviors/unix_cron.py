"""When a Unix cron expression of five fields comes round next, as Auto Scaling's scheduled actions write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
YEARS = 5


def next_time(expression: str, after: datetime, zone: str = "UTC") -> datetime | None:
    """Return the first instant after another, in UTC; None when there is none in five years; ValueError when malformed.

    Where both day fields are given, either one is enough, as Unix has it.
    """
    fields = expression.split()
    if len(fields) != len(BOUNDS):
        raise ValueError(f"{expression!r} has not five fields")
    minutes, hours, days, months, weekdays = (
        _values(field, bounds, position) for position, (field, bounds) in enumerate(zip(fields, BOUNDS, strict=True))
    )
    weekdays = {day % 7 for day in weekdays}
    either = fields[2] != "*" and fields[4] != "*"
    local = after.astimezone(ZoneInfo(zone))
    day = local.date()
    for _ in range(YEARS * 366):
        on_day, on_weekday = day.day in days, day.isoweekday() % 7 in weekdays
        if day.month in months and ((on_day or on_weekday) if either else (on_day and on_weekday)):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)
                    if found > after:
                        return found
        day += timedelta(days=1)
    return None


def _values(field: str, bounds: tuple[int, int], position: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        if span == "*":
            first, last = bounds
        else:
            first = _number(low, position)
            last = _number(high, position) if high else (bounds[1] if step else first)
        if not bounds[0] <= first <= last <= bounds[1] or (step and int(step) < 1):
            raise ValueError(f"{field!r} is out of range")
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def _number(text: str, position: int) -> int:
    names = {3: MONTHS, 4: DAYS}.get(position, ())
    if text.upper() in names:
        return names.index(text.upper()) + (position == 3)
    return int(text)

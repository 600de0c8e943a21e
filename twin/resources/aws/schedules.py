"""Schedule expressions of EventBridge and AWS Backup: rate(…) and cron(…)."""

import re
from collections.abc import Iterator, Sequence

from twin.resources.reference import unknown
from twin.resources.resource import Problem

RATE = re.compile(r"rate\((?:1 (?:minute|hour|day)|(?!1 )[1-9]\d* (?:minutes|hours|days))\)")
CRON = re.compile(r"cron\((.+)\)")
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
FIELDS = (
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of week", 1, 7, DAYS),
    ("year", 1970, 2199, ()),
)
ANY_DAY = ("day of month", "day of week")


def schedule_problems(text: str, field: str) -> Iterator[Problem]:
    """Check an expression's form (EventBridge user guide, eb-create-rule-schedule)."""
    if unknown(text) or RATE.fullmatch(text):
        return
    cron = CRON.fullmatch(text)
    reason = _cron(cron[1].split()) if cron else "it is rate(5 minutes) or cron(0 5 ? * * *) in form"
    if reason:
        yield Problem("TW0493", f"{text!r} is not a schedule: {reason}", field)


def _cron(parts: list[str]) -> str | None:
    if len(parts) != len(FIELDS):
        return f"cron takes six fields, these are {len(parts)}"
    if (parts[2] == "?") == (parts[4] == "?"):
        return "one of day of month and day of week is a question mark, and only one"
    for part, (name, low, high, names) in zip(parts, FIELDS, strict=True):
        if not all(_item(item, name, range(low, high + 1), names) for item in part.split(",")):
            return f"{part!r} does not fit {name}"
    return None


def _item(item: str, name: str, numbers: range, names: Sequence[str]) -> bool:
    if item == "?" or item in ("L", "LW"):
        return name in ANY_DAY
    item, _, step = item.partition("/")
    if step and not step.isdigit():
        return False
    if name in ANY_DAY and re.fullmatch(r"\d+W|[1-7]L|[1-7]#[1-5]|[A-Z]{3}#[1-5]", item):
        return True
    return item == "*" or all(
        (end.isdigit() and int(end) in numbers) or end.upper() in names for end in item.split("-", 1)
    )

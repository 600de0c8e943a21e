"""ISO 8601 durations as Okta's policies write them, in seconds."""

import re

FORM = re.compile(r"P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
DAY = 86_400
# A year and a month have no fixed length; Okta's policies count them as 365 and 30 days (assumed).
UNITS = (365 * DAY, 30 * DAY, 7 * DAY, DAY, 3600, 60, 1)


def seconds(duration: str, at: str) -> int:
    """Return the seconds of a duration; ValueError when it is none."""
    found = FORM.fullmatch(duration)
    if not found:
        raise ValueError(f"`{at}` is no ISO 8601 duration: {duration!r}")
    return sum(int(count) * unit for count, unit in zip(found.groups(), UNITS, strict=True) if count)

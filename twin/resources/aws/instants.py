"""Reads the instants in AWS's replies: ISO 8601 at once, and whatever else there is as botocore does."""

from datetime import datetime
from typing import Any

from botocore.utils import parse_timestamp, tzutc

ZULU = tzutc()


def instant(value: Any) -> datetime:
    """Return an instant; ValueError for what is none.

    Lists of a thousand roles hold as many instants, over which botocore's own parser, which guesses the form, takes
    longer than over all the rest of the reply. Both give the same.
    """
    if isinstance(value, str) and value[10:11] == "T" and value.endswith("Z"):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=ZULU)
        except ValueError:
            pass
    parsed: datetime = parse_timestamp(value)
    return parsed

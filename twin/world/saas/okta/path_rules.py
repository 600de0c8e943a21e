"""Rules on calls as the data files write them: method and path, `*` for any method or any rest, `{}` for one part."""

import re
from functools import cache


def fits(rule: str, method: str, path: str) -> bool:
    """Tell whether a call is one of those of a rule (`GET /api/v1/users/{}`)."""
    verb, _, form = rule.partition(" ")
    return verb in ("*", method) and covers(form, path)


def covers(form: str, path: str) -> bool:
    """Tell whether a path has a form."""
    return _pattern(form).fullmatch(path.rstrip("/")) is not None


@cache
def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\}|\*)", form)
    return re.compile("".join({"{}": "[^/]+", "*": ".*"}.get(part, re.escape(part)) for part in parts))

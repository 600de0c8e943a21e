"""The paths that PagerDuty documents: what of them is not played is refused, since a 404 would say it is not there."""

import json
import re
from functools import cache
from pathlib import Path


def documented(path: str) -> str:
    """Return the documented path of an address, fixed ones before those with variables; empty when there is none."""
    for name, pattern in _patterns():
        if pattern.fullmatch(path.rstrip("/")):
            return name
    return ""


@cache
def shape(rule: str) -> str:
    """Return a path whose variables have no names: ours and the vendor's are equal then."""
    return re.sub(r"<[^>]+>|\{\w+\}", "{}", rule)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    listed = json.loads((Path(__file__).parent / "data" / "paths.json").read_text())["paths"]
    ordered = sorted(listed, key=lambda name: str(name).count("{"))
    return tuple((name, re.compile(re.sub(r"\{\w+\}", "[^/]+", name))) for name in ordered)

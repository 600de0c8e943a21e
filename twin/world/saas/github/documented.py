"""What GitHub documents and the twin does not play: refused by its name, since a 404 would say that it is not there."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any


def documented(method: str, path: str) -> str:
    """Return the documented operation, or the part of the API, that a call asks for; empty when there is none."""
    for name, pattern in _patterns():
        verb, _, _rule = name.partition(" ")
        if verb == method and pattern.fullmatch(path.rstrip("/")):
            return name
    parts = path.strip("/").split("/")
    if parts[0] == "repos" and len(parts) > 3 and parts[3] in _below()["repos"]:
        return f"/repos/{{owner}}/{{repo}}/{parts[3]}"
    if parts[0] == "orgs" and len(parts) > 2 and parts[2] in _below()["orgs"]:
        return f"/orgs/{{org}}/{parts[2]}"
    return ""


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "operations.json").read_text())
    return found


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Fixed paths before those with variables, which match them too.
    ordered = sorted(_data()["operations"], key=lambda name: name.count("{"))
    return tuple((name, re.compile(re.sub(r"\{\w+\}", "[^/]+", name.split(" ")[1]))) for name in ordered)


@cache
def _below() -> dict[str, frozenset[str]]:
    """Return the parts that GitHub documents below a repository and an organisation."""
    found: dict[str, set[str]] = {kind: set(_data()["further"][kind]) for kind in ("repos", "orgs")}
    for name in _data()["operations"]:
        parts = name.split(" ")[1].strip("/").split("/")
        place = {"repos": 3, "orgs": 2}.get(parts[0])
        if place is not None and len(parts) > place and "{" not in parts[place]:
            found[parts[0]].add(parts[place])
    return {kind: frozenset(parts) for kind, parts in found.items()}

"""What people call principals and resources, and every principal that a way can begin with."""

import difflib
from collections.abc import Iterator

from twin.analysis.reach.hops import Path
from twin.analysis.reach.reach import ANONYMOUS, Reach
from twin.errors import UsageError

GOALS = ("admin", "data")


def resolve(reach: Reach, written: str) -> str:
    """Return the principal or resource that a user means; UsageError names what is near."""
    names = reach.names()
    if written in names or written == ANONYMOUS:
        return written
    found = [name for name in names if name.endswith((f":{written}", f"/{written}"))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{written} is one of {', '.join(sorted(found))}: say which")
    if written.startswith("arn:"):
        return written  # someone of another account, or something that the org does not hold
    plain = [name.rpartition("/")[2] for name in names]
    near = difflib.get_close_matches(written.rpartition("/")[2], plain, 3)
    near += [one for one in plain if one.endswith(f"-{written.rpartition('/')[2]}") and one not in near]
    raise UsageError(f"nobody here is called {written}" + (f"; did you mean {', '.join(near)}?" if near else ""))


def starts(reach: Reach) -> list[str]:
    """Return who a way can begin with: nobody in particular, users and roles, Okta's people and groups, providers."""
    groups = (one.group for listed in reach.estate.members.values() for one in listed)
    people = [ANONYMOUS, *reach.principals(), *reach.estate.members, *groups, *reach.estate.doors]
    return list(dict.fromkeys([*people, *(name for name in reach.names() if "-provider/" in name)]))


def shortest_ways(reach: Reach, goals: tuple[str, ...] = GOALS) -> Iterator[tuple[str, str, Path]]:
    """Yield everyone who gets to a goal, with the goal and the shortest way; an empty way is there already."""
    for start in starts(reach):
        for goal in goals:
            for path in reach.paths(start, goal, limit=1):
                yield start, goal, path

"""`twin paths --network`: the ways of packets, and what the internet reaches."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from twin.cli.console import data, out, say
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.analysis.passage.passages import Asked, Passage, View


def run(view: "View", ends: tuple[str, str | None], packets: Mapping[str, Any], *, direct: bool, as_json: bool) -> bool:
    """Print the ways from one end to another, or all that the internet reaches; tells whether there is any."""
    from twin.analysis.passage.cuts import narrowest_cut
    from twin.analysis.passage.ends import INTERNET
    from twin.analysis.passage.ends import ends as resolved
    from twin.analysis.passage.passages import Asked, passages
    from twin.report.network_paths import document, lines

    start, goal = ends
    if view.topology.notes:
        say(f"{len(view.topology.notes)} notes on what was passed over or taken to be there: twin observe -v")
    if goal is None:
        if start != INTERNET or packets:
            raise UsageError("--to is wanted: without it, only `--from internet` alone is answered")
        return _openings(view, as_json=as_json)
    asked = Asked(resolved(view.topology, start), resolved(view.topology, goal), packets, not direct)
    try:
        ways = passages(view, asked)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong
    found = [(one, narrowest_cut(view, partial(_again, asked, one)) if one.open else None) for one in ways]
    if as_json:
        data(document(start, goal, found))
    else:
        for line in lines(found, view.topology.names):
            out.print(line, soft_wrap=True)
    return any(one.open for one in ways)


def _again(asked: "Asked", one: "Passage", view: "View") -> "Passage":
    from twin.analysis.passage.passages import passage

    return passage(view, asked, one.start, one.goal)


def _openings(view: "View", *, as_json: bool) -> bool:
    from twin.report.network_paths import opening_document, opening_lines

    if as_json:
        data(opening_document(view.openings))
    else:
        for line in opening_lines(view.openings, view.topology.names):
            out.print(line, soft_wrap=True)
    return bool(view.openings)

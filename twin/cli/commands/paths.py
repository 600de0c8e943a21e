"""`twin paths`: the ways from a principal to administration, to data or to an ARN, and what breaks them."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.console import data, out, say
from twin.cli.observed import place_of
from twin.cli.session import compile_file, spec_options, target_options
from twin.errors import TargetError, UsageError
from twin.resources.call import Refused

if TYPE_CHECKING:
    from twin.analysis.reach import Reach

SOMEWHERE = ("admin", "data")


@click.command("paths")
@spec_options
@target_options
@click.option("--from", "start", required=True, metavar="P", help="An ARN, user/NAME, role/NAME, or a login of Okta.")
@click.option("--to", "goal", required=True, metavar="GOAL", help="admin, data, or an ARN.")
@click.option(
    "--given", multiple=True, metavar="KEY=VALUE", help="Fix a condition key that is else the caller's choice."
)
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, help="The most ways to show.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when there is a way.")
@click.option("--json", "as_json", is_flag=True, help="Print the ways as JSON.")
def command(
    spec: Path, environment: str | None, target: str, start: str, goal: str, *, given: tuple[str, ...], limit: int,
    exit_code: bool, as_json: bool,
) -> int:  # fmt: skip
    """Show how a principal gets to a goal, each hop with the statement that permits it, and what breaks it.

    The org is read back from the target: a running twin, else one that is built here from SPEC.
    """
    from twin.analysis.reach import Reach
    from twin.analysis.reach.breaking import narrowest_break
    from twin.observe.iam.read import read_org
    from twin.report.paths import document, lines

    fixed = dict(_pair(text) for text in given)
    compiled = compile_file(spec, environment)
    scope, place = compiled.scope, place_of(compiled, target)
    try:
        org = read_org(place.systems, scope.account, [scope.region])
    except Refused as refused:
        raise TargetError(f"the target refused to be read: {refused}") from refused
    for gap in org.gaps:
        say(f"not seen: {gap}", style="yellow")
    reach = Reach(org, fixed)
    first = _resolve(reach, start)
    last = goal if goal in SOMEWHERE else _resolve(reach, goal)
    paths = reach.paths(first, last, limit=limit)
    found = (paths, narrowest_break(reach, first, last) if paths else None)
    if as_json:
        data(document(first, last, found))
    else:
        for line in lines(first, last, found):
            out.print(line)
    return 1 if exit_code and paths else 0


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or ":" not in key:
        raise UsageError(f"--given {text}: a condition key and its value are wanted, as in aws:SourceIp=203.0.113.9")
    return key, value


def _resolve(reach: "Reach", written: str) -> str:
    """Return the principal or resource that a user means; UsageError names what is near."""
    names = reach.names()
    if written in names or written == "anonymous":
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

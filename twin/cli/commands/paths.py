"""`twin paths`: the ways from a principal to administration or data, or those of packets, and what breaks them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.compiled import compile_file
from twin.cli.console import data, out, say
from twin.cli.observed import NOT_SEEN, Sight, place_of, sight_options, topology_of, unseen, verdict
from twin.cli.recalled import Recalled, recall_options
from twin.errors import TargetError, UsageError
from twin.resources.call import Refused

if TYPE_CHECKING:
    from twin.analysis.reach import Reach
    from twin.observe.iam.org import Org

EVERYONE = "all"


@click.command("paths")
@sight_options
@click.option(
    "--from",
    "start",
    required=True,
    metavar="P",
    help="An ARN, user/NAME, role/NAME, a login of Okta, or all; of a network: internet, an id, a name, an address.",
)
@click.option(
    "--to", "goal", metavar="GOAL", help="admin, data, or an ARN; of a network: data, internet, all, or as P."
)
@click.option(
    "--given", multiple=True, metavar="KEY=VALUE", help="Fix a condition key that is else the caller's choice."
)
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, help="The most ways to show.")
@click.option("--network", is_flag=True, help="The ways of packets instead: hops with the rules that permit them.")
@click.option("--protocol", help="Only these packets: tcp, udp, icmp, icmpv6 or a number.")
@click.option("--port", help="Only these packets: to a port or a range of ports.")
@click.option("--direct", is_flag=True, help="Only packets that get there by themselves, not from host to host.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when there is a way, 3 when a refused read may hide one.")
@click.option("--json", "as_json", is_flag=True, help="Print the ways as JSON.")
@recall_options("start", "goal", "given", "limit", "network", "protocol", "port", "direct", "exit_code", "as_json")
def command(
    spec: Path | None, environment: str | None, target: str, *, snapshot: Path | None, regions: tuple[str, ...],
    start: str, goal: str | None, given: tuple[str, ...], limit: int, network: bool, protocol: str | None,
    port: str | None, direct: bool, exit_code: bool, as_json: bool,
    then: Recalled | None,
) -> int:  # fmt: skip
    """Show how a principal gets to a goal, each hop with the statement that permits it, and what breaks it.

    The org is read back from the target: a running twin, else one that is built here from SPEC. With --network it is
    the way of packets; `--network --from internet` alone lists everything that the internet reaches. With --run it is
    as of an instant of a recorded run.
    """
    from twin.analysis.reach import Reach

    if then is not None:
        say(f"as of {then.name}")
    if network:
        from twin.analysis.passage.passages import View
        from twin.cli.passages import run

        packets = {name: value for name, value in (("protocol", protocol), ("port", port)) if value is not None}
        view = (
            then.instants.network(then.t)
            if then is not None
            else View(topology_of(Sight(spec, environment, target, snapshot, regions)))
        )
        found = run(view, (start, goal), packets, direct=direct, as_json=as_json)
        return verdict(found, unseen(view.topology)) if exit_code else 0
    fixed = dict(_pair(text) for text in given)
    if goal is None or (spec is None and then is None):
        raise UsageError("SPEC and --to are wanted, or --run and --to; the ways of packets are asked with --network")
    if then is not None:
        org = then.instants.rights(then.t).org
    else:
        assert spec is not None
        org = _org(spec, environment, target)
    return _principals(Reach(org, fixed), (start, goal), limit, exit_code=exit_code, as_json=as_json)


def _org(spec: Path, environment: str | None, target: str) -> "Org":
    """Read who may do what of a target."""
    from twin.observe.iam.read import read_org

    compiled = compile_file(spec, environment)
    scope = compiled.scope
    try:
        org = read_org(place_of(compiled, target).systems, scope.account, [scope.region])
    except Refused as refused:
        raise TargetError(f"the target refused to be read: {refused}") from refused
    for gap in org.gaps:
        say(f"{NOT_SEEN}{gap}", style="yellow")
    return org


def _principals(
    reach: "Reach", ends: tuple[str, str], limit: int, *, exit_code: bool, as_json: bool
) -> int:  # fmt: skip
    """Show the ways of principals."""
    from twin.analysis.reach.breaking import narrowest_break
    from twin.analysis.reach.naming import GOALS, resolve
    from twin.report.paths import document, lines

    start, goal = ends
    last = goal if goal in GOALS else resolve(reach, goal)
    if start == EVERYONE:
        return _everyone(reach, last, exit_code=exit_code, as_json=as_json)
    first = resolve(reach, start)
    paths = reach.paths(first, last, limit=limit)
    found = (paths, narrowest_break(reach, first, last) if paths else None)
    if as_json:
        data({**document(first, last, found), "gaps": list(reach.org.gaps)})
    else:
        for line in lines(first, last, found):
            out.print(line)
    return verdict(paths, reach.org.gaps) if exit_code else 0


def _everyone(reach: "Reach", goal: str, *, exit_code: bool, as_json: bool) -> int:
    """Show who gets to a goal, each by the shortest way."""
    from twin.analysis.reach.naming import shortest_ways
    from twin.report.paths import everyone_document, everyone_lines

    found = list(shortest_ways(reach, (goal,)))
    if as_json:
        data({**everyone_document(goal, found), "gaps": list(reach.org.gaps)})
    else:
        for line in everyone_lines(goal, found):
            out.print(line)
    return verdict(found, reach.org.gaps) if exit_code else 0


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or ":" not in key:
        raise UsageError(f"--given {text}: a condition key and its value are wanted, as in aws:SourceIp=203.0.113.9")
    return key, value

"""`twin observe`: reads an org back from wherever it is, saves its network, and says what is wrong with what it saw."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.console import data, out, say
from twin.cli.observed import Place, Sight, place_in, reading_of, sight_options, topology_of, unseen, verdict
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.semantics.network.topology import Topology


@click.command("observe")
@sight_options
@click.option(
    "--save", metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
    help="Write the replies that told it as accounts/ID/REGION/*.json; the same org gives the same bytes.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what was passed over or taken to be there.")
@click.option(
    "--findings",
    is_flag=True,
    help="Say what is exposed or lost with one zone, and what is weak in sign-on and edge; a snapshot has neither.",
)
@click.option(
    "--exit-code", is_flag=True, help="With --findings: exit 1 when there are any, 3 when a refused read may hide some."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    spec: Path | None, environment: str | None, target: str, *, snapshot: Path | None, regions: tuple[str, ...],
    save: Path | None, verbose: bool, findings: bool, exit_code: bool, as_json: bool,
) -> int:  # fmt: skip
    """Read the network of an org: SPEC's, the running twin's, live accounts' (read-only), or a saved folder's."""
    from twin.report.topology import counts

    sight = Sight(spec, environment, target, snapshot, regions)
    place = place_in(sight) if findings and snapshot is None else None
    if save is not None:
        if snapshot is not None:
            raise UsageError("--save reads a target; what --snapshot names is saved already")
        reading = reading_of(sight, place)
        if save.exists() and any(save.iterdir()):
            raise UsageError(f"{save} is not empty; what was saved before would be mixed with what is read now")
        reading.save(save)
        say(f"{len(reading.files)} replies saved in {save}")
        topology = reading.topology()
    else:
        topology = topology_of(sight) if place is None else reading_of(sight, place).topology()
    for note in topology.notes if verbose else ():
        say(f"note: {note}")
    if findings:
        found, gaps = _findings(topology, place, as_json=as_json)
        return verdict(found, gaps) if exit_code else 0
    if as_json:
        data({"schema": 1, "found": counts(topology), "notes": list(topology.notes)})
        return 0
    for kind, number in counts(topology).items():
        out.print(f"{number:>6} {kind}")
    if topology.notes and not verbose:
        say(f"{len(topology.notes)} notes on what was passed over or taken to be there; -v shows them")
    return 0


def _findings(topology: "Topology", place: Place | None, *, as_json: bool) -> tuple[bool, list[str]]:
    """Print what is found; tells whether anything is, and what was refused to be shown."""
    from twin.analysis.exposure.findings import findings
    from twin.cli.trust import trust_findings
    from twin.report.exposure import document, lines

    found, gaps = findings(topology), unseen(topology)
    if place is not None:
        trust, more = trust_findings(place.target, place.org)
        found, gaps = sorted([*found, *trust], key=lambda one: one.key), [*gaps, *more]
    if as_json:
        data({**document(found), "gaps": gaps})
    else:
        for line in lines(found):
            out.print(line, soft_wrap=True)
    return bool(found), gaps

"""`twin decide network`: where packets end, over a folder of saved describe replies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from twin.cli import jsonlines
from twin.cli.console import say


@click.command("network")
@click.argument("source", required=False, metavar="[FILE]", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--snapshot", required=True, metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
    help="A folder of saved `describe-*` replies: flat, or as REGION/ or accounts/ID/REGION/.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what in the folder was passed over.")
def command(source: Path | None, *, snapshot: Path, verbose: bool) -> int:
    """Decide where packets end, each line of FILE (or stdin) a question.

    {"id", "src": {"interface"|"instance"|"internet"|"gateway": …, "ip": …}, "dst": {"ip"|"instance": …},
    "protocol": …, "port": …, "source_port": …}; what is absent means any, and one packet that arrives is enough.
    """
    from twin.observe.topology import observe
    from twin.semantics.network.decide import decide
    from twin.semantics.network.index import Index
    from twin.semantics.network.question import parse

    topology = observe(snapshot)
    if verbose:
        for note in topology.notes:
            say(f"note: {note}")
    elif topology.notes:
        say(f"{len(topology.notes)} notes on what was passed over in {snapshot}; -v shows them")
    index = Index(topology)

    def answer(question: Mapping[str, Any]) -> Mapping[str, Any]:
        return decide(index, parse(question)).as_data()

    return jsonlines.run(answer, source)

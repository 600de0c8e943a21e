"""`twin explore`: every interleaving of a responder's moves, an attacker's, and the time that writes need."""

import click

from twin.cli.bundled import find_scenario, spec_beside
from twin.cli.commands.run import Orgs
from twin.cli.compiled import compile_file
from twin.cli.console import data, out, say
from twin.cli.never_live import never_live
from twin.scenario import document as scenarios


@click.command("explore")
@never_live
@click.argument("scenario")
@click.option("--limit", default=60, show_default=True, help="How many stories are played before the best order is.")
@click.option("--seed", type=int, help="Which stories are played; the scenario's seed without it.")
@click.option("--story", metavar="WORDS", help="Play this one story instead, as a search printed it, and its journal.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(scenario: str, limit: int, seed: int | None, story: str | None, *, as_json: bool) -> int:
    """Search the orders and timings of SCENARIO's moves for those that lose.

    Exit 0: an order holds in every timing (with --story: it holds). 1: none does.
    """
    from twin.explore.field import Field
    from twin.explore.search import search
    from twin.explore.story import read
    from twin.report import exploration

    path = find_scenario(scenario)
    loaded, _ = scenarios.load(path)
    compiled = compile_file(spec_beside(path, loaded.spec), loaded.environment)
    say(f"standing up {compiled.spec.path.name} ({len(compiled.desired)} resources) on an embedded twin")
    field = Field.of(loaded, Orgs(loaded, compiled, {}, "twin").stand())
    if story is not None:
        (ending,) = field.endings([read(story, list(field.exploration.moves))])
        if as_json:
            data(exploration.ending_document(ending))
        else:
            for line in exploration.ending_lines(ending):
                out.print(line)
        return 1 if ending.lost else 0
    findings = search(field, limit=max(1, limit), seed=loaded.seed if seed is None else seed)
    if as_json:
        data(exploration.document(loaded.id, findings))
    else:
        for line in exploration.lines(loaded.id, findings):
            out.print(line)
    return 1 if findings.holds.lost else 0

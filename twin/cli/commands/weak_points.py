"""`twin weak-points`: which single failure breaks the org, and which two together."""

import json
from pathlib import Path

import click

from twin.cli.bundled import find_scenario, spec_beside
from twin.cli.compiled import compile_file
from twin.cli.console import data, out, say
from twin.cli.never_live import never_live
from twin.cli.session import shelf
from twin.scenario import document as scenarios

STYLES = {"new": "bold red", "more": "dim", "worse": "bold red", "better": "green", "gone": "dim"}


@click.command("weak-points")
@never_live
@click.argument("scenario", default="F1")
@click.option("--spec", type=click.Path(path_type=Path), help="Another org than the scenario's.")
@click.option("--for", "minutes", type=click.IntRange(2), default=20, show_default=True, help="Minutes to watch each.")
@click.option("--pairs", "both", is_flag=True, help="Try every two at once too.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="How many pairs to show.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Keep the report as JSON.")
@click.option(
    "--against", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Compare with a saved report; exit 1 when something is worse or new and costs requests or writes.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    scenario: str, *, spec: Path | None, minutes: int, both: bool, most: int, save: Path | None, against: Path | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Take each zone, host, gateway, key and edge from the org, under SCENARIO's customers, and rank what it costs.

    Each is tried on a copy of the world, without a runbook and without an end.
    """
    from twin.explore.blows import blows
    from twin.explore.weak_points import pairs, prepare, singles
    from twin.report import weak_points as report
    from twin.scenario.kept import stand

    before = None if against is None else report.read(against)
    path = find_scenario(scenario)
    loaded, _ = scenarios.load(path)
    compiled = compile_file(spec or spec_beside(path, loaded.spec), loaded.environment)
    say(f"standing up {compiled.spec.path.name} ({len(compiled.desired)} resources) on an embedded twin")
    rehearsal = stand(compiled.desired, compiled.scope, seed=loaded.seed, read_secret=compiled.secret, shelf=shelf())
    loaded = loaded.model_copy(update={"duration": minutes * 60.0})
    prepare(rehearsal)
    found = blows(rehearsal.world)
    alone = list(singles(loaded, rehearsal, found))
    together = list(pairs(loaded, rehearsal, found, alone)) if both else []
    told = report.document(loaded.id, loaded.seed, alone, together)
    if save is not None:
        save.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    changes = [] if before is None else report.differences(before, told)
    if as_json:
        compared = {"changes": [{"sign": sign, "what": words} for sign, words in changes]} if before is not None else {}
        data({**told, **compared})
    else:
        for line in report.lines(alone, together, most):
            out.print(line, soft_wrap=True)
    for sign, words in changes:
        say(f"{sign:7}{words}", style=STYLES[sign])
    if before is not None and not changes:
        say(f"nothing has changed since {against}")
    return 1 if any(sign in ("new", "worse") for sign, _ in changes) else 0

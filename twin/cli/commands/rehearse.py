"""`twin rehearse`: runs the scenarios that a saved plan must pass, and signs what was seen."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.bundled import find_scenario, find_spec
from twin.cli.console import out, say
from twin.cli.session import Compiled, compile_file, environments, shelf, workspace
from twin.engine import plan as plans
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.promote.rehearsal import Run


@click.command("rehearse")
@click.argument("plan", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.option("--scenario", "more", multiple=True, metavar="ID", help="One more than the spec demands.")
def command(plan: Path, more: tuple[str, ...]) -> int:
    """Run what the plan's environment demands, on the org that the plan would make, and sign what passed.

    Exit 0: all passed, and PLAN.intoto.jsonl says so. 1: something did not, and nothing was signed.
    """
    from twin.promote import attestations
    from twin.promote.demands import promotion_of
    from twin.promote.envelope import seal
    from twin.promote.rehearsal import statement
    from twin.promote.signing import signing_key

    saved = plans.load(plan)
    wanted = list(dict.fromkeys((*promotion_of(saved).scenarios, *more)))
    if not wanted:
        raise UsageError("the plan's spec demands no scenario; name one with --scenario")
    done = _runs(saved, wanted)
    if any(run.result.verdict != "PASS" for run in done):
        say("not signed: what did not pass here does not go anywhere", style="bold red")
        return 1
    key = signing_key(workspace().root, os.environ)
    file = attestations.file_of(plan)
    attestations.add(file, seal(statement(saved, done, datetime.now(UTC)), key))
    say(f"signed in {file}: {', '.join(wanted)} passed on digest {saved.digest[:12]}")
    return 0


def _runs(plan: plans.Plan, wanted: list[str]) -> "list[Run]":
    from twin.promote.rehearsal import runs
    from twin.report.results import lines

    files = {name: find_scenario(name) for name in wanted}
    compiled = _compiled(plan)
    say(f"standing up {compiled.spec.path.name} ({len(compiled.desired)} resources) on an embedded twin")
    done = []
    for run in runs(plan, compiled.desired, files, read_secret=compiled.secret, shelf=shelf()):
        done.append(run)
        for line in lines(run.result, "PASS"):
            out.print(line)
    return done


def _compiled(plan: plans.Plan) -> Compiled:
    """Compile the plan's spec; UsageError when it is not the one any more from which the plan was made."""
    path = find_spec(Path(plan.spec_file or ""))
    environment = plan.scope.environment if plan.scope.environment in environments(path) else None
    compiled = compile_file(path, environment)
    if compiled.spec.digest != plan.spec_digest:
        raise UsageError(f"{path} was changed since the plan was made from it; plan again")
    left_out = {"github": "github_organization", "auth0": "auth0_domain"}
    gone = [one for one, name in left_out.items() if getattr(compiled.scope, name) and not getattr(plan.scope, name)]
    return compiled.without(gone) if gone else compiled

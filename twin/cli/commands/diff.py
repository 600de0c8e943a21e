"""`twin diff`: what became other in the accounts since it was applied, who did it, and both ways out."""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from twin.cli.about import EVERYTHING, About
from twin.cli.console import data, out, say
from twin.cli.options import spec_options, target_options
from twin.cli.patching import give
from twin.cli.session import Session, open_session
from twin.engine.choice import Choice
from twin.engine.plan import Plan
from twin.report.drift import Told, document, lines


@click.command("diff")
@spec_options
@target_options
@click.option("--only", metavar="ADDRESS", multiple=True, help="This alone: an address, a type, or a pattern with *.")
@click.option("--into-spec", is_flag=True, help="Print the lines of a spec that accepts what became other.")
@click.option("--write", is_flag=True, help="With --into-spec: write those lines into the file.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when anything is other than it was applied.")
@click.option("--json", "as_json", is_flag=True, help="Print the drift as JSON.")
def command(
    spec: Path, environment: str | None, target: str, *, only: tuple[str, ...], into_spec: bool, write: bool,
    exit_code: bool, as_json: bool,
) -> int:  # fmt: skip
    """Show what became other in the accounts since it was applied, attribute by attribute, and who did it.

    Back to what the spec says leads `twin apply`; --into-spec shows what the spec would have to say instead.
    """
    if write and not into_spec:
        raise click.UsageError("--write belongs to --into-spec")
    session = open_session(spec, environment, target)
    plan = session.plan(about=About(Choice(only)) if only else EVERYTHING, every_type=not only)
    told = drift_of(session, plan)
    if into_spec:
        from twin.engine.acceptance import accepting

        patch = accepting((one.drift for one in told), plan, session.compiled.desired)
        return give(session.compiled, patch, write=write)
    if as_json:
        data(document(told))
    else:
        for line in lines(told, live=session.target.name == "live"):
            out.print(line)
    return 1 if exit_code and told else 0


def drift_of(session: Session, plan: Plan) -> Sequence[Told]:
    """Return what a plan finds to be other, with who did it as far as the trail tells."""
    from twin.engine.culprits import Trail
    from twin.engine.drift import drifts
    from twin.resources.call import Refused

    trail = Trail(session.target, time.sleep if session.target.name == "live" else lambda _: None)
    told = []
    for drift in drifts(plan, session.store.load()):
        asked = {f.field: f.calls for f in drift.fields} if drift.fields else {"": drift.calls}
        try:
            told.append(Told(drift, {name: trail.deed(drift, calls) for name, calls in asked.items()}))
        except Refused as refused:
            say(f"the trail could not be read: {refused}", style="yellow")
            told.append(Told(drift, {}))
    return told

"""`twin apply`: carries out a spec's plan, or a saved one."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from twin.cli.about import EVERYTHING, About, about_options
from twin.cli.applying import carry_out
from twin.cli.console import err, say, show
from twin.cli.session import connect, open_session, target_options, workspace
from twin.cli.states import store_of, wait_option
from twin.engine import plan as plans
from twin.engine.staleness import refuse_stale, untold
from twin.engine.state import State, Store
from twin.engine.target import Target
from twin.errors import GuardError, StaleError, UsageError


@click.command("apply")
@click.argument("what", metavar="SPEC|PLAN.json", type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@target_options
@click.option("--confirm", metavar="ALIAS", help="Live: the account alias, instead of typing it.")
@click.option("--allow-delete", is_flag=True, help="Live: let the plan delete and replace.")
@click.option(
    "--break-glass",
    metavar="REASON",
    help="Live: pass over rehearsals, approvals, windows, where the spec lets you.",
)
@click.option("--adopt", is_flag=True, help="Take over objects that have a wanted name and no owner.")
@about_options
@wait_option
def command(
    what: Path, environment: str | None, target: str, confirm: str | None, break_glass: str | None, *,
    allow_delete: bool, adopt: bool, wait: float, about: About,
) -> int:  # fmt: skip
    """Carry out a plan on a target. Live accounts take a saved plan only."""
    if what.suffix == ".json":
        if environment or adopt or about != EVERYTHING:
            raise UsageError("a saved plan has its environment, its adoptions and what it is about decided already")
        return _saved(what, target, (confirm, break_glass), allow_delete=allow_delete, wait=wait)
    if target == "live":
        raise GuardError("a live apply works from a saved plan only: twin plan SPEC --live -o plan.json")
    from twin.report.plan import lines

    session = open_session(what, environment, target, needs_running=target == "twin", patience=wait)
    plan = session.plan(adopt=adopt, about=about)
    for line in lines(plan):
        show(line)
    needed = plan.pending or any(untold(plan, session.store.load()))
    return carry_out(plan, session.target, session.store) if needed else 0


def _saved(file: Path, target: str, consent: tuple[str | None, str | None], *, allow_delete: bool, wait: float) -> int:
    if target == "live":
        return _live(file, consent, allow_delete=allow_delete, wait=wait)
    plan = plans.load(file)
    if plan.target == "live":
        raise GuardError("this plan was made for the live accounts; apply it with --live")
    place = connect(plan.scope, plan.target, needs_running=plan.target == "twin")
    store = store_of(workspace(), plan.scope, plan.target, written=plan.state, patience=wait)
    state = store.load()
    refuse_stale(plan, place, state)
    return _carried(plan, place, store, state)


def _live(file: Path, consent: tuple[str | None, str | None], *, allow_delete: bool, wait: float) -> int:
    """Carry out a plan on the real accounts, if every guard lets it, and they are what it was made for."""
    try:
        plan = plans.load(file)
        place = connect(plan.scope, "live")
        _admit(plan, file, place, consent, allow_delete=allow_delete)
        store = store_of(workspace(), plan.scope, "live", written=plan.state, patience=wait)
        state = store.load()
        refuse_stale(plan, place, state)
    except StaleError as stale:
        raise GuardError(f"refused, nothing was sent that writes: {stale}") from stale
    return _carried(plan, place, store, state)


def _carried(plan: plans.Plan, place: Target, store: Store, state: State) -> int:
    if not plan.pending and not any(untold(plan, state)):
        say("nothing to do")
        return 0
    return carry_out(plan, place, store)


def _admit(
    plan: plans.Plan, file: Path, place: Target, consent: tuple[str | None, str | None], *, allow_delete: bool
) -> None:
    """Hold a plan to every guard of the live accounts, and keep a record where the glass is broken."""
    from twin.attestation import attestations
    from twin.attestation.demands import examine
    from twin.attestation.envelope import public_text
    from twin.attestation.guards import Consent, admit, record
    from twin.attestation.signing import signing_key

    confirm, broken = consent
    home, now = workspace().root, datetime.now(UTC)
    own = public_text(signing_key(home, os.environ).public_key())
    demands = examine(plan, attestations.read(attestations.file_of(file)), own_key=own, at=now)
    admit(plan, place, Consent(confirm or _typed(plan), allow_delete, broken), demands)
    if broken is not None:
        record(home / "break-glass.jsonl", plan, demands, reason=broken, at=now)
        say(f"the glass is broken, and {home / 'break-glass.jsonl'} says why: {broken}", style="bold red")


def _typed(plan: plans.Plan) -> str | None:
    """Ask for the account alias where there is somebody to ask."""
    if not (sys.stdin.isatty() and err.is_terminal):
        return None
    say(f"This changes the real account {plan.scope.account}: {plan.summary}")
    answer: str = click.prompt("Type the account alias to go on", err=True, default="", show_default=False)
    return answer

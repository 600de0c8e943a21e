"""`twin apply`: carries out a spec's plan, or a saved one."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.about import EVERYTHING, About, about_options
from twin.cli.applying import Carried, carry_out
from twin.cli.conforming import held
from twin.cli.console import err, say, show
from twin.cli.options import target_options
from twin.cli.session import connect, open_session, workspace
from twin.cli.states import store_of, wait_option
from twin.engine import plan as plans
from twin.engine.apply import announced
from twin.engine.going_on import rest_of
from twin.engine.staleness import refuse_stale, untold
from twin.engine.state import Store
from twin.engine.target import Target
from twin.errors import GuardError, StaleError, UsageError

if TYPE_CHECKING:
    from twin.attestation.demands import Demand
    from twin.attestation.guards import Consent


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
@click.option("--without-spec", is_flag=True, help="Live: take a plan whose spec is not here as it was made from it.")
@click.option("--adopt", is_flag=True, help="Take over objects that have a wanted name and no owner.")
@about_options
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print what became of each change as JSON.")
def command(
    what: Path, environment: str | None, target: str, confirm: str | None, break_glass: str | None, *,
    allow_delete: bool, without_spec: bool, adopt: bool, wait: float, about: About, as_json: bool,
) -> int:  # fmt: skip
    """Carry out a plan on a target. Live accounts take a saved plan only."""
    if what.suffix == ".json":
        if environment or adopt or about != EVERYTHING:
            raise UsageError("a saved plan has its environment, its adoptions and what it is about decided already")
        given = Given(confirm, break_glass, allow_delete, without_spec)
        carried = _saved(what, target, given, wait=wait)
        return carried.told(as_json=as_json)
    if target == "live":
        raise GuardError("a live apply works from a saved plan only: twin plan SPEC --live -o plan.json")
    session = open_session(what, environment, target, needs_running=target == "twin", patience=wait)
    with session.store.held({}):
        plan = session.plan(adopt=adopt, about=about)
        if not as_json:
            _print(plan)
        needed = plan.pending or any(untold(plan, session.store.load()))
        carried = carry_out(plan, session.target, session.store) if needed else Carried(plan)
    if needed:
        session.keep()
    return carried.told(as_json=as_json)


def _print(plan: plans.Plan) -> None:
    from twin.report.plan import lines

    for line in lines(plan):
        show(line)


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gives for the real accounts: the alias, why the glass is broken, and what else they let be."""

    alias: str | None
    broken: str | None
    allow_delete: bool
    without_spec: bool


def _saved(file: Path, target: str, given: Given, *, wait: float) -> Carried:
    if target == "live":
        return _live(file, given, wait=wait)
    plan = plans.load(file)
    if plan.target == "live":
        raise GuardError("this plan was made for the live accounts; apply it with --live")
    place = connect(plan.scope, plan.target, needs_running=plan.target == "twin")
    store = store_of(workspace(), plan.scope, plan.target, written=plan.state, patience=wait)
    return _carried(plan, place, store)


def _live(file: Path, given: Given, *, wait: float) -> Carried:
    """Carry out a plan on the real accounts, if every guard lets it, and they are what it was made for."""
    from twin.attestation.guards import Consent

    try:
        plan = plans.load(file)
        place = connect(plan.scope, "live")
        consent = Consent(given.alias or _typed(plan), given.allow_delete, given.broken)
        unlike = held(plan, elsewhere=given.without_spec)
        _admit(plan, file, place, consent, unlike=unlike)
        store = store_of(workspace(), plan.scope, "live", written=plan.state, patience=wait)
        hours = _Hours(plan, given.broken)

        def begun() -> None:
            # A window may close while we wait, and while the target is read again.
            hours.begin(_admit(plan, file, place, consent, unlike=unlike))

        return _carried(plan, place, store, begun, hours.closed)
    except StaleError as stale:
        raise GuardError(f"refused, nothing was sent that writes: {stale}") from stale


def _carried(
    plan: plans.Plan, place: Target, store: Store, begun: Callable[[], None] = lambda: None,
    closed: Callable[[], str | None] = lambda: None,
) -> Carried:  # fmt: skip
    """Look under the lock whether the plan still fits, so that no other run comes between the look and the deed."""
    with store.held(announced(plan)):
        plan = _left(plan, place, store)
        state = store.load()
        refuse_stale(plan, place, state)
        if not plan.pending and not any(untold(plan, state)):
            say("nothing to do")
            return Carried(plan)
        begun()
        return carry_out(plan, place, store, closed)


def _left(plan: plans.Plan, place: Target, store: Store) -> plans.Plan:
    """Return what is left of a plan that an earlier run has begun, and say so."""
    rest = rest_of(plan, place, store)
    if rest is not plan:
        done = len(plan.pending) - len(rest.pending)
        say(f"{done} of {len(plan.pending)} changes of this plan are done already; it goes on with the rest")
    return rest


class _Hours:
    """Whether the deployment window is still open; over broken glass a run goes on, once that is recorded."""

    def __init__(self, plan: plans.Plan, broken: str | None) -> None:
        self.plan, self.broken = plan, broken
        self._recorded = False

    def begin(self, demands: "Sequence[Demand]") -> None:
        """Record what was passed over before the first call."""
        from twin.attestation.demands import WINDOW

        if self.broken is not None:
            _record(self.plan, demands, self.broken)
            self._recorded = any(demand.name == WINDOW and not demand.held for demand in demands)

    def closed(self) -> str | None:
        """Say why the next wave must wait; None where it may begin."""
        from twin.attestation.demands import promotion_of, window

        shut = window(promotion_of(self.plan), datetime.now(UTC))
        if shut is None or shut.held or self._recorded:
            return None
        if self.broken is None:
            return f"the {shut.name} is {shut.found}"
        try:
            _record(self.plan, [shut], self.broken)
        except GuardError as error:
            return str(error)
        self._recorded = True
        return None


def _admit(
    plan: plans.Plan, file: Path, place: Target, consent: "Consent", *, unlike: Sequence[str]
) -> "Sequence[Demand]":
    """Hold a plan to every guard of the live accounts; returns what its environment demands of it."""
    from twin.attestation import attestations
    from twin.attestation.demands import examine, needs_own_key
    from twin.attestation.guards import admit
    from twin.attestation.signing import own_public

    own = own_public(workspace().root, os.environ) if needs_own_key(plan) else ""
    demands = examine(plan, attestations.read(attestations.file_of(file)), own_key=own, at=datetime.now(UTC))
    admit(plan, place, consent, demands, unlike=unlike)
    return demands


def _record(plan: plans.Plan, demands: "Sequence[Demand]", reason: str) -> None:
    """Keep a record of the broken glass."""
    from twin.attestation.guards import record

    file = workspace().root / "break-glass.jsonl"
    record(file, plan, demands, reason=reason, at=datetime.now(UTC))
    say(f"the glass is broken, and {file} says why: {reason}", style="bold red")


def _typed(plan: plans.Plan) -> str | None:
    """Ask for the account alias where there is somebody to ask."""
    if not (sys.stdin.isatty() and err.is_terminal):
        return None
    say(f"This changes the real account {plan.scope.account}: {plan.summary}")
    answer: str = click.prompt("Type the account alias to go on", err=True, default="", show_default=False)
    return answer

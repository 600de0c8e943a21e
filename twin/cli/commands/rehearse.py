"""`twin rehearse`: runs the scenarios that a saved plan must pass, and signs what was seen."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twin.cli.bundled import find_demanded, find_scenario, find_spec
from twin.cli.compiled import Compiled, compile_file, environments
from twin.cli.conforming import differing
from twin.cli.console import data, out, say
from twin.cli.session import shelf, workspace
from twin.engine import plan as plans
from twin.engine.inverse import after
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.promote.budget import Monthly
    from twin.scenario.plan_rehearsal import Run
    from twin.scenario.plan_walk import Return
    from twin.spec.model.promotion import Promotion

Show = Callable[..., None]
"""How lines get to whom they are for."""


@click.command("rehearse")
@click.argument("plan", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.option("--scenario", "more", multiple=True, metavar="ID", help="One more than the spec demands.")
@click.option("--json", "as_json", is_flag=True, help="Print the results, and where they were signed, as JSON.")
def command(plan: Path, more: tuple[str, ...], *, as_json: bool) -> int:
    """Run what the plan's environment demands, on the org that the plan would make, and sign what passed.

    A plan with waves is taken back after each of them too, on a twin of what its accounts hold now; a plan of
    `twin rollback`, and one of which no scenario is demanded, is carried out there; not where the spec waives that.

    Exit 0: all passed, and PLAN.intoto.jsonl says so. 1: something did not, and nothing was signed. 2: the spec was
    changed since, or makes another plan. 3: what the accounts hold cannot be built on a twin, or the plan does
    something else there.
    """
    from twin.attestation import attestations
    from twin.attestation.demands import promotion_of
    from twin.attestation.envelope import seal
    from twin.attestation.signing import signing_key
    from twin.scenario.plan_rehearsal import statement

    saved = plans.load(plan)
    asked = promotion_of(saved)
    wanted = {one.id: find_demanded(one) for one in asked.scenarios}
    wanted |= {name: find_scenario(name) for name in more if name not in wanted}
    compiled = _compiled(saved)
    show = _nowhere if as_json else out.print
    walked = _walks(saved, asked, compiled, show)
    back = walked if saved.waves or saved.undoes else []
    cost = _cost(saved, compiled, show) if asked.max_monthly_increase is not None else None
    done = _runs(saved, wanted, compiled, show)
    good = all(run.result.verdict == "PASS" for run in done) and not any(one.left for one in walked)
    file = attestations.file_of(plan)
    if good:
        key = signing_key(workspace().root, os.environ)
        seen = statement(saved, done, datetime.now(UTC), back=back, cost=cost, applied=bool(walked))
        attestations.add(file, seal(seen, key))
        what = "the way back" if back else "the plan itself"
        told = [*wanted, *([what] if walked else []), *(["what it costs"] if cost else [])]
        say(f"signed in {file}: {', '.join(told)} rehearsed on digest {saved.digest[:12]}")
    else:
        say("not signed: what did not pass here does not go anywhere", style="bold red")
    if as_json:
        told_too = {"applied": _return(walked[-1]) if walked else None, "ways_back": [_return(one) for one in back]}
        data({**_document(saved, done, cost), **told_too, "good": good, "signed": str(file) if good else None})
    return 0 if good else 1


def _nowhere(*_: object, **__: object) -> None:
    """Print nothing: stdout is JSON's."""


def _return(one: "Return") -> dict[str, Any]:
    return {"wave": one.wave, "changes": one.changes, "left": list(one.left)}


def _document(plan: plans.Plan, done: "Sequence[Run]", cost: "Monthly | None") -> dict[str, Any]:
    """Return what was seen as JSON."""
    from twin.report.results import document

    return {
        **document([run.result for run in done], ["PASS"] * len(done)),
        "digest": plan.digest,
        "cost": cost.told() if cost else None,
    }


def _walks(plan: plans.Plan, asked: "Promotion", compiled: Compiled, show: Show) -> "list[Return]":
    """Carry the plan out on a twin, and back again after each of its waves.

    Not where nobody demands that, nor where scenarios show that it goes.
    """
    demanded = asked.rehearsal == "demanded"
    if plan.waves:
        rehearsed = asked.waves is not None and asked.waves.rollback == "rehearsed"
        return _ways_back(plan, compiled, show) if demanded or rehearsed else []
    walked = plan.undoes or (demanded and not asked.scenarios)
    return [_arrival(plan, compiled, show)] if walked else []


def _ways_back(plan: plans.Plan, compiled: Compiled, show: Show) -> "list[Return]":
    from twin.promote.way_back import returns
    from twin.scenario.stand_ins import unnamed

    say(f"taking the plan back after each of its {len(plan.waves)} waves, on an embedded twin of what is there now")
    if needed := sorted(unnamed(plan, compiled.desired)):
        told = f"{', '.join(needed)}: the spec does not name them any more, so that their values are made up here"
        say(f"{told}; a way back on the real accounts needs them", style="yellow")
    done = []
    for one in returns(plan, compiled.desired, read_secret=compiled.secret, shelf=shelf()):
        done.append(one)
        _tell(f"way back from {one.wave}", one, show)
    return done


def _arrival(plan: plans.Plan, compiled: Compiled, show: Show) -> "Return":
    from twin.scenario.plan_walk import arrival

    what = "going the way back" if plan.undoes else "carrying the plan out"
    say(f"{what}, on an embedded twin of what is there now")
    one = arrival(plan, read_secret=compiled.secret, shelf=shelf())
    _tell(one.wave, one, show)
    return one


def _tell(name: str, one: "Return", show: Show) -> None:
    show(f"{'FAIL' if one.left else 'PASS'} {name}: {one.changes} changes", style="red" if one.left else "")
    for line in one.left:
        show(f"    {line}", style="red", markup=False)


def _cost(plan: plans.Plan, compiled: Compiled, show: Show) -> "Monthly":
    from twin.cli.costing import price_book
    from twin.promote.budget import Meter

    cost = Meter(price_book(compiled, None), compiled.secret, shelf()).monthly(plan, compiled.desired)
    show(f"a whole month costs {cost.told()['after']} USD, and {cost.told()['before']} without the plan")
    return cost


def _runs(plan: plans.Plan, files: dict[str, Path], compiled: Compiled, show: Show) -> "list[Run]":
    from twin.report.results import lines
    from twin.scenario.plan_rehearsal import runs
    from twin.spec.model.promotion import SHA256

    if not files:
        return []
    say(f"standing up {compiled.spec.path.name} ({len(compiled.desired)} resources) on an embedded twin")
    done = []
    for run in runs(plan, compiled.desired, files, read_secret=compiled.secret, shelf=shelf()):
        done.append(run)
        for line in lines(run.result, "PASS"):
            show(line)
        show(f"        {SHA256}{run.digest}", style="dim")
    return done


def _compiled(plan: plans.Plan) -> Compiled:
    """Compile the plan's spec; UsageError when it is not the one any more from which the plan was made.

    The wishes of a way back are what stood before, which no spec has.
    """
    path = find_spec(Path(plan.spec_file or ""))
    environment = plan.scope.environment if plan.scope.environment in environments(path) else None
    compiled = compile_file(path, environment)
    if compiled.spec.digest != plan.spec_digest:
        raise UsageError(f"{path} was changed since the plan was made from it; plan again")
    compiled = compiled.as_planned(plan)
    if wrong := differing(plan, compiled):
        raise UsageError(f"the plan is not what {path} makes: {'; '.join(wrong)}; plan again")
    return replace(compiled, desired=after(plan)) if plan.undoes else compiled

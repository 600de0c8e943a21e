"""Rehearses a plan: its scenarios, run on the very org that it would make."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import twin
from twin.attestation.attestations import REHEARSAL
from twin.attestation.envelope import Statement
from twin.engine.plan import Plan
from twin.engine.shelf import Shelf
from twin.resources.declaration import Desired
from twin.scenario import document as scenarios
from twin.scenario.kept import stand
from twin.scenario.rehearsal import rehearse
from twin.scenario.verdict import Result


class Told(Protocol):
    """What was seen besides scenarios, and can be told as data: the way back from a wave, what a month costs."""

    def told(self) -> Any:
        """Return it as plain data."""


@dataclass(frozen=True, slots=True)
class Run:
    """The digest of a scenario as it was read for its run, its result, and what the target could."""

    digest: str
    result: Result
    capabilities: frozenset[str]


def runs(
    plan: Plan, desired: Desired, files: Mapping[str, Path], *, read_secret: Callable[[str], str], shelf: Shelf | None
) -> Iterator[Run]:
    """Yield each scenario's run on an embedded twin that holds what the plan's spec wants."""
    for file in files.values():
        scenario, values = scenarios.load(file)
        stood = stand(desired, plan.scope, seed=scenario.seed, read_secret=read_secret, shelf=shelf)
        (result,) = rehearse(scenario, values, stood, [None])
        yield Run(scenario.digest, result, stood.target.capabilities)


def statement(
    plan: Plan, done: list[Run], at: datetime, *, back: Sequence[Told] = (), cost: Told | None = None,
    applied: bool = False,
) -> Statement:  # fmt: skip
    """Return what was seen, for a signature: plan, spec, program, store, scenarios with seeds, verdicts and figures.

    `back` is the way back from each wave of the plan, `cost` what a month costs before and after it, `applied` whether
    the whole plan was carried out on a twin of what there is.
    """
    able = sorted(frozenset[str]().union(*(run.capabilities for run in done)))
    told: dict[str, Any] = {
        "at": at.isoformat(timespec="seconds"),
        "twin": twin.__version__,
        "store": "embedded",
        "fidelity": {"capabilities": able},
        "target": {"name": plan.target, "owner": plan.scope.owner, "account": plan.scope.account},
        "spec": {"file": plan.spec_file, "digest": plan.spec_digest},
        "plan": plan.summary,
        "applied": applied,
        "scenarios": [_told(run) for run in done],
        "rollback": [one.told() for one in back],
        "cost": cost.told() if cost is not None else None,
    }
    return Statement(plan.digest, REHEARSAL, told)


def _told(run: Run) -> dict[str, Any]:
    result = run.result
    return {
        "id": result.scenario,
        "digest": run.digest,
        "seed": result.seed,
        "verdict": result.verdict,
        "figures": dict(result.figures),
        "journal": hashlib.sha256(result.journal.encode()).hexdigest(),
    }

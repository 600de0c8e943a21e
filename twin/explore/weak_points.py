"""Which single failure breaks the org, and which two together: ranked by the requests and writes that it costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

from twin.errors import UsageError
from twin.explore.blows import Blow
from twin.scenario.actors.customers import Customers
from twin.scenario.document import Scenario
from twin.scenario.fork import in_forks
from twin.scenario.play import Play
from twin.scenario.rehearsal import Rehearsal, stage_of
from twin.scenario.values import UnknownName

AT, WARMING = 60.0, 900.0


@dataclass(frozen=True, slots=True)
class Loss:
    """What one or two blows cost: bad requests, bad seconds, and acknowledged writes that are gone.

    `lasting` says that requests still fail at the end; `failed` why the blow could not be dealt.
    """

    blows: tuple[str, ...]
    requests: int = 0
    lost: int = 0
    seconds: float = 0.0
    writes_lost: int = 0
    rpo: float = 0.0
    lasting: bool = False
    because: str = ""
    failed: str = ""

    @property
    def rank(self) -> tuple[int, int, tuple[str, ...]]:
        """The worst first; equals by name."""
        return -self.lost, -self.writes_lost, self.blows


def prepare(rehearsal: Rehearsal) -> None:
    """Let the world do what building it left to do, once and not in every copy."""
    rehearsal.timeline.run(until=rehearsal.timeline.elapsed + WARMING)


def singles(scenario: Scenario, rehearsal: Rehearsal, found: Sequence[Blow]) -> Iterator[Loss]:
    """Yield the loss of each blow alone, in their order."""
    yield from _dealt(scenario, rehearsal, [(one,) for one in found])


def pairs(
    scenario: Scenario, rehearsal: Rehearsal, found: Sequence[Blow], alone: Sequence[Loss]
) -> Iterator[Loss]:  # fmt: skip
    """Yield the loss of each two blows at once, of those that can be dealt."""
    able = [blow for blow, loss in zip(found, alone, strict=True) if not loss.failed]
    yield from _dealt(scenario, rehearsal, list(combinations(able, 2)))


def _dealt(scenario: Scenario, rehearsal: Rehearsal, many: Sequence[tuple[Blow, ...]]) -> Iterator[Loss]:
    calm = scenario.model_copy(
        update={"converge": None, "control": "none", "runbook": {}, "faults": {}, "responder": None}
    )
    yield from in_forks(partial(_deal, calm, rehearsal, dealt) for dealt in many)


def _deal(scenario: Scenario, rehearsal: Rehearsal, dealt: tuple[Blow, ...]) -> Loss:
    """Deal some blows at the same second, and count what they cost."""
    names = tuple(one.name for one in dealt)
    faults = {f"blow-{n}": fault for n, one in enumerate(dealt) if (fault := one.as_fault(AT)) is not None}
    steps = {f"blow-{n}": step for n, one in enumerate(dealt) if (step := one.as_step()) is not None}
    told = scenario.model_copy(update={"faults": faults, "runbook": steps, "begin": AT})
    try:
        play = Play(told, stage_of(told, rehearsal), list)
        failed = play.perform() or (str(play.runbook.failure) if play.runbook.failure else "")
    except UnknownName as missing:
        message = f"{scenario.id} was not written for this org: it names {missing}, which is not there; name another"
        raise UsageError(message) from missing
    return _loss(names, play, failed)


def _loss(names: tuple[str, ...], play: Play, failed: str) -> Loss:
    customers = [actor for actor in play.actors.values() if isinstance(actor, Customers)]
    if not customers:
        raise UsageError(f"{play.scenario.id} has no customers whose requests could be lost")
    told = [actor.figures() for actor in customers]
    worst: dict[str, Any] = max(told, key=lambda one: int(one["bad"]))  # type: ignore[arg-type]
    return Loss(
        names,
        sum(one["requests"] for one in told),
        sum(one["bad"] + one["blocked"] for one in told),
        max(one["bad_seconds"] for one in told),
        sum(one["writes_lost"] for one in told),
        max(one["rpo"] for one in told),
        any(actor.failing() for actor in customers),
        worst["because"],
        failed,
    )


def hidden(loss: Loss, alone: Sequence[Loss]) -> bool:
    """Tell whether a pair costs clearly more than its two blows do one by one."""
    own = {one.blows[0]: one.lost for one in alone}
    return loss.lost > 1.1 * sum(own.get(name, 0) for name in loss.blows) + 0.001 * loss.requests

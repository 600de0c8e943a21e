"""Whether a run has any trouble in it: without it nothing was tested, whatever held and whatever did not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from twin.scenario.calm import ATTACKERS
from twin.scenario.document import Scenario
from twin.scenario.stage import Actor
from twin.scenario.step import Step
from twin.scenario.verdict import Check
from twin.world.trail.facts import read_only

# Actors that change something by themselves; all others are load, which has to be served.
STIRRING = (*ATTACKERS, "approver", "author", "crash-loop", "pipeline")
VENDORS_READS = ("GET ", "HEAD ", "query")
# Calls that only look, though CloudTrail's verbs do not say so.
LOOKS = frozenset({"cloudtrail:StartQuery", "logs:StartQuery", "logs:StopQuery"})


@runtime_checkable
class Hostile(Protocol):
    """Whoever is of ATTACKERS."""

    @property
    def first(self) -> float | None:
        """When it struck first."""
        ...

    @property
    def last(self) -> float | None:
        """When a call of its was let last; None where it was kept out of everything, or came too late."""
        ...


def hostile(scenario: Scenario, actors: Mapping[str, Actor]) -> Iterator[Hostile]:
    """Yield the attackers of a run."""
    for name, actor in actors.items():
        if scenario.actors[name].kind in ATTACKERS:
            assert isinstance(actor, Hostile)
            yield actor


def struck(scenario: Scenario, figures: Mapping[str, Any], attackers: Iterable[Hostile]) -> Iterator[Check]:
    """Yield whether one fault at least had an effect, or one call of an attacker was let.

    Where nothing of both is there, or others stir the org too, nothing is said.
    """
    effects = [figures.get(f"fault.{name}.effects", 0) for name in scenario.faults]
    let = [one.last is not None for one in attackers]
    others = any(actor.kind in STIRRING and actor.kind not in ATTACKERS for actor in scenario.actors.values())
    if (effects or let) and not others:
        happened = sum(effects) + sum(let)
        yield Check("there is trouble", "trouble", happened > 0, happened, "a fault with an effect or an attack")


def stirred(scenario: Scenario) -> Iterator[Check]:
    """Yield that nothing is done to the org, where a scenario has nothing but load and only looks at what comes of it.

    Without load too it looks at what stands, which is a test of that.

    `control: none` says that this is meant.
    """
    steps = (*scenario.setup.values(), *scenario.runbook.values())
    stirs = bool(scenario.faults) or any(map(_writes, steps))
    stirs |= any(actor.kind in STIRRING for actor in scenario.actors.values())
    expected = [*scenario.expect.values(), *(scenario.converge.expect.values() if scenario.converge else ())]
    stirs |= any(one.refused is not None or (one.call and not _reads(one.call)) for one in expected)
    if scenario.actors and not stirs and scenario.control != "none":
        yield Check("something is done", "effect", held=False, found="nothing", wanted="a fault, an attack or a step")


def _writes(step: Step) -> bool:
    inner = any(map(_writes, step.steps.values()))
    return inner or step.restore is not None or bool(step.call and not _reads(step.call))


def _reads(call: str) -> bool:
    service, colon, operation = call.partition(":")
    if colon and " " not in service:
        return call in LOOKS or read_only(service, operation)
    return call.partition(" ")[2].startswith(VENDORS_READS)

"""Whether a run has any trouble in it: without it nothing was tested, whatever held and whatever did not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from twin.scenario.calm import ATTACKERS
from twin.scenario.document import Scenario
from twin.scenario.step import Step
from twin.scenario.verdict import Check

# Actors that change something by themselves; all others are load, which has to be served.
STIRRING = (*ATTACKERS, "approver", "author", "crash-loop", "pipeline")
READS = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "GET ", "query")


def struck(figures: Mapping[str, Any], faults: Iterable[str], firsts: Iterable[float | None]) -> Iterator[Check]:
    """Yield whether one fault at least had an effect, or one attacker made a call, where there are any."""
    of_faults = [figures.get(f"fault.{name}.effects", 0) for name in faults]
    struck = [first is not None for first in firsts]
    if of_faults or struck:
        happened = sum(of_faults) + sum(struck)
        yield Check("there is trouble", "trouble", happened > 0, happened, "a fault with an effect or an attack")


def stirred(scenario: Scenario) -> Iterator[Check]:
    """Yield that nothing is done to the org, where a scenario has nothing but load and only looks at what comes of it.

    Without load too it looks at what stands, which is a test of that.

    `control: none` says that this is meant.
    """
    stirs = bool(scenario.faults or scenario.runbook or any(map(_writes, scenario.setup.values())))
    stirs |= any(actor.kind in STIRRING for actor in scenario.actors.values())
    expected = [*scenario.expect.values(), *(scenario.converge.expect.values() if scenario.converge else ())]
    stirs |= any(one.refused is not None or (one.call and not _reads(one.call)) for one in expected)
    if scenario.actors and not stirs and scenario.control != "none":
        yield Check("something is done", "effect", held=False, found="nothing", wanted="a fault, an attack or a step")


def _writes(step: Step) -> bool:
    inner = any(map(_writes, step.steps.values()))
    return inner or step.restore is not None or bool(step.call and not _reads(step.call))


def _reads(call: str) -> bool:
    vendor, colon, operation = call.partition(":")
    return (operation if colon and " " not in vendor else call.partition(" ")[2]).startswith(READS)

"""Ways from a principal to a goal, as text and as JSON: hops, the statements that permit them, what breaks them."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from twin.analysis.reach import Hop, Path, Step
from twin.analysis.reach.answers import Ground
from twin.analysis.reach.breaking import Break

SCHEMA = 1
SHOWN = 3
Shortest = tuple[str, str, Path]
"""Who gets somewhere, where, and the shortest way."""


def lines(start: str, goal: str, found: tuple[Sequence[Path], Break | None]) -> Iterator[Text]:
    """Yield each way with its hops, then the narrowest change that leaves none."""
    paths, broken = found
    if not paths:
        yield Text(f"no way from {start} to {goal}", style="green")
        return
    for number, path in enumerate(paths, 1):
        yield Text(f"{number}. {start} to {goal}: {hops_of(path)}", style="bold")
        for hop in path:
            yield from _hop(hop)
    yield from _break(broken, paths)


def everyone_lines(goal: str, found: Sequence[Shortest]) -> Iterator[Text]:
    """Yield everyone who gets to a goal, with whom they become on the way."""
    if not found:
        yield Text(f"nobody gets to {goal}", style="green")
    for start, _, path in found:
        by = ", ".join(str(hop.to) for hop in path[:-1])
        yield Text.assemble((start, "bold"), f"  {hops_of(path)}", (f"  by {by}" if by else "", "dim"))


def everyone_document(goal: str, found: Sequence[Shortest]) -> dict[str, Any]:
    """Return everyone who gets to a goal as plain data, each with the shortest way."""
    ways = [{"from": start, "path": [_hop_document(hop) for hop in path]} for start, _, path in found]
    return {"schema": SCHEMA, "from": "all", "to": goal, "ways": ways}


def hops_of(path: Path) -> str:
    """Return how long a way is, in words."""
    return "is there already" if not path else "1 hop" if len(path) == 1 else f"{len(path)} hops"


def _hop(hop: Hop) -> Iterator[Text]:
    reads = f"reads {_some(hop.things)}" if hop.things else f"becomes {hop.to}"
    yield Text(f"   {hop.by} {reads}, by {hop.rule}" if not hop.things else f"   {hop.by} {reads}")
    for step in hop.steps:
        by = "; ".join(str(ground) for ground in step.grounds) or "its own doing"
        yield Text(f"     {step.action} on {step.resource}: {by}", style="dim")
    for condition in hop.conditions:
        yield Text(f"     when {condition}", style="yellow")
    if hop.provided:
        yield Text(f"     provided that {hop.provided}", style="yellow")


def _some(things: Sequence[str]) -> str:
    shown = ", ".join(things[:SHOWN])
    return f"{shown} and {len(things) - SHOWN} more" if len(things) > SHOWN else shown


def _break(broken: Break | None, paths: Sequence[Path]) -> Iterator[Text]:
    if broken is None or not broken.grounds:
        there = any(not path for path in paths)
        said = "it is there by its own rights" if there else "no few statements are in all ways"
        yield Text(f"nothing narrow breaks it: {said}", style="bold red")
        return
    yield Text("broken by taking away", style="bold")
    for ground, cuts in zip(broken.grounds, broken.cuts, strict=True):
        yield Text(f"   {ground}  (in {cuts} of {broken.ways} ways)")


def document(start: str, goal: str, found: tuple[Sequence[Path], Break | None]) -> dict[str, Any]:
    """Return the ways as plain data."""
    paths, broken = found
    grounds = zip(broken.grounds, broken.cuts, strict=True) if broken else ()
    return {
        "schema": SCHEMA,
        "from": start,
        "to": goal,
        "paths": [[_hop_document(hop) for hop in path] for path in paths],
        "break": None if broken is None else [{**_ground(ground), "cuts": cuts} for ground, cuts in grounds],
    }


def _hop_document(hop: Hop) -> dict[str, Any]:
    return {
        "by": str(hop.by),
        "to": str(hop.to),
        "rule": hop.rule,
        "steps": [_step(step) for step in hop.steps],
        "provided": hop.provided or None,
        "reads": list(hop.things),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "resource": step.resource,
        "permitted_by": [_ground(ground) for ground in step.grounds],
        "conditions": list(step.conditions),
    }


def _ground(ground: Ground) -> dict[str, Any]:
    return {
        "of": ground.owner,
        "layer": ground.layer,
        "policy": ground.arn or ground.policy,
        "statement": ground.statement,
    }

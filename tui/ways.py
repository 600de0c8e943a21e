"""Ways of principals and of packets, as the paths view shows them: hops, what permits each, what would break it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from twin.analysis.passage.cuts import narrowest_cut
from twin.analysis.passage.ends import INTERNET, End, ends
from twin.analysis.passage.openings import Opening
from twin.analysis.passage.passages import Asked, Passage, View, passage, passages
from twin.analysis.reach import Path, Reach
from twin.analysis.reach.breaking import narrowest_break
from twin.analysis.reach.naming import GOALS, resolve, shortest_ways
from twin.semantics.network.decide import Decision

LIMIT = 5


@dataclass(frozen=True, slots=True)
class Stop:
    """One hop: what happens, the statements or rules that permit it, and what must hold besides."""

    does: str
    permits: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """What to take away so that no way is left, and what else that ends; nothing when nothing narrow does."""

    rules: tuple[str, ...]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A way; `find_break` looks for what breaks it, which may take seconds."""

    key: str
    start: str
    goal: str
    stops: tuple[Stop, ...]
    find_break: Callable[[], Break]
    by: str = ""


def principals(reach: Reach) -> Iterator[Way]:
    """Yield everyone who gets to administration or to data by others' rights or his own, each by the shortest way."""
    for start, goal, path in shortest_ways(reach):
        yield _of_principal(reach, (start, goal), path, 1)


def principal(reach: Reach, start: str, goal: str) -> Iterator[Way]:
    """Yield the ways from one principal to a goal; UsageError when nobody is called so."""
    first = resolve(reach, start)
    last = goal if goal in GOALS else resolve(reach, goal)
    for number, path in enumerate(reach.paths(first, last, limit=LIMIT), 1):
        yield _of_principal(reach, (first, last), path, number)


def _of_principal(reach: Reach, named: tuple[str, str], path: Path, number: int) -> Way:
    start, goal = named
    stops = []
    for hop in path:
        does = f"{short(hop.by.arn)} reads {_some(hop.things)}" if hop.things else (
            f"{short(hop.by.arn)} becomes {short(hop.to.arn)}, by {hop.rule}")  # fmt: skip
        steps = "; ".join(f"{step.action} on {short(step.resource)}" for step in hop.steps)
        notes = [*(f"when {one}" for one in hop.conditions), *([f"provided that {hop.provided}"] * bool(hop.provided))]
        permits = tuple(str(ground) for ground in hop.grounds) or ("its own doing",)
        stops.append(Stop(f"{does}\n{steps}" if steps else does, permits, tuple(notes)))
    by = " > ".join(short(hop.to.arn) for hop in path[:-1]) or ("is there already" if not path else "directly")
    return Way(f"{start} {goal} {number}", start, goal, tuple(stops), partial(_break, reach, start, goal), by)


def _break(reach: Reach, start: str, goal: str) -> Break:
    found = narrowest_break(reach, start, goal)
    if found is None:
        return Break(())
    return Break(tuple(str(ground) for ground in found.grounds), f"in {found.ways} ways that were tried")


def _some(things: Sequence[str]) -> str:
    shown = ", ".join(short(one) for one in things[:3])
    return f"{shown} and {len(things) - 3} more" if len(things) > 3 else shown


def short(name: str) -> str:
    """Leave out of an ARN what every ARN begins with."""
    return name.split(":", 5)[5] if name.startswith("arn:") and name.count(":") >= 5 else name


def exposed(view: View) -> Iterator[Way]:
    """Yield what the internet reaches: first the ways to databases, then each address and service."""
    if view.topology.databases:
        yield from (way for way in packets(view, INTERNET, "data") if way.stops)
    for number, one in enumerate(view.openings):
        yield _of_opening(view, one, number)


def packets(view: View, start: str, goal: str) -> Iterator[Way]:
    """Yield the ways of packets between two ends that are open; UsageError when nothing is called so."""
    asked = Asked(ends(view.topology, start), ends(view.topology, goal))
    for one in passages(view, asked):
        if one.open:
            yield _of_passage(view, asked, one)


def _of_passage(view: View, asked: Asked, one: Passage) -> Way:
    stops = [stop for leg in one.legs for stop in _stops(view, leg.decision)]
    hosts = " > ".join(_named(view, leg.goal) for leg in one.legs[:-1]) or "directly"
    find = partial(_cut, view, asked, one.start, one.goal)
    return Way(f"{one.start} {one.goal}", _end(view, one.start), _end(view, one.goal), tuple(stops), find, hosts)


def _of_opening(view: View, one: Opening, number: int) -> Way:
    goal = End("interface", one.interface, (one.interface,))
    asked = Asked((End(INTERNET, INTERNET),), (goal,), {"protocol": one.protocol}, hosts=False)
    who = "everyone" if one.everyone else "some addresses"
    find = partial(_cut, view, asked, asked.starts[0], goal)
    name = f"{one.address} {_named(view, one.interface)}"
    return Way(f"opening {number}", INTERNET, name, tuple(_stops(view, one.witness)), find, f"{one.service}, {who}")


def _stops(view: View, decision: Decision) -> Iterator[Stop]:
    for hop in decision.path:
        yield Stop(f"{_named(view, hop.at)} {hop.does}", (hop.rule,) if hop.rule else ())


def _cut(view: View, asked: Asked, start: End, goal: End) -> Break:
    found = narrowest_cut(view, lambda other: passage(other, asked, start, goal))
    if found is None:
        return Break(())
    told = "" if found.ends is None else f"ends {found.ends} connected pairs, closes {found.closes} to the internet"
    return Break(tuple(f"{rule.layer}: {rule.label}" for rule in found.rules), told)


def _named(view: View, name: str) -> str:
    called = view.topology.names.get(name)
    return f"{name} ({called})" if called else name


def _end(view: View, end: End) -> str:
    return str(end) if end.id == INTERNET else f"{end.kind} {_named(view, end.id)}"

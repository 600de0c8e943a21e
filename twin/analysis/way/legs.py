"""The connections that a kind of request takes part in, each with its share of the requests and what stops it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from twin.analysis.way.ground import OUTSIDE, Passage, host, node
from twin.analysis.way.kind import Kind
from twin.analysis.way.way import EDGE, Way, chosen
from twin.observe.site import Balancer


@dataclass(frozen=True, slots=True)
class Leg:
    """A connection from an interface, or a network outside, to another; `answered` when somebody is there."""

    source: str
    target: str
    port: int
    region: str
    passage: Passage
    share: float
    answered: bool = True

    @property
    def works(self) -> bool:
        """Whether an exchange comes about."""
        return self.answered and not self.passage.why_not


def legs(way: Way, kind: Kind) -> tuple[Leg, ...]:
    """Return the connections of a kind of request; those of a share that the edge keeps for itself are not there."""
    found: dict[tuple[str, str, int], Leg] = {}
    for leg in _all(way, kind):
        key = (leg.source, leg.target, leg.port)
        found[key] = replace(leg, share=leg.share + found[key].share) if key in found else leg
    return tuple(found.values())


def _all(way: Way, kind: Kind) -> Iterator[Leg]:
    origin, proxied = way.origin(kind.host, way.present.visitors(kind.host))
    balancer = way.balancers.get(origin or "")
    if balancer is None:
        return
    through = _past_the_edge(way, kind) if proxied else 1.0
    weights = {
        zone: way.present.advertised(balancer.arn, zone) for zone in balancer.subnets if not way.present.zone(zone)
    }
    for zone, weight in weights.items():
        source, target = EDGE if proxied else kind.visitor, node(balancer, zone)
        if through <= 0 or target not in way.ground.topology.interfaces:
            continue
        leg = _leg(way, (source, target, kind.port), balancer.region, share=through * weight / sum(weights.values()))
        yield leg
        if leg.works:
            yield from _behind(way, kind.within(balancer.region), balancer, front=leg)


def _past_the_edge(way: Way, kind: Kind) -> float:
    passed = way.present.passed(kind)
    if passed.blocked or passed.failing or passed.answers:
        return 0.0
    failing, _ = way.present.edge(kind.host)
    return (1.0 - failing) * (1.0 - (kind.cached if passed.keeps else 0.0))


def _behind(way: Way, kind: Kind, balancer: Balancer, *, front: Leg) -> Iterator[Leg]:
    listener = next((one for one in balancer.listeners if one.port == kind.port), None)
    action = chosen(listener, kind) if listener is not None else ""
    if isinstance(action, str) or action.kind != "forward":
        return
    targets = [one for arn, weight in action.groups if weight for one in way.usable(arn)]
    for target in targets:
        instance = target.id if target.id in way.ground.interface_of else way.holder(target.id)
        if instance is None:
            continue
        interface = way.ground.interface_of[instance]
        ends = (front.target, interface, target.port)
        leg = _leg(way, ends, front.region, share=front.share / len(targets))
        leg = replace(leg, answered=not way.present.instance(instance))
        yield leg
        if leg.works:
            yield from _needed(way, kind, interface, front=leg)


def _needed(way: Way, kind: Kind, interface: str, *, front: Leg) -> Iterator[Leg]:
    for need in kind.needs:
        if need.thing == "outside":
            yield _leg(way, (interface, str(OUTSIDE), need.port), front.region, share=front.share)
        database = way.behind(need.name, front.region) if need.thing == "database" else None
        if database is not None and host(database) in way.ground.topology.interfaces:
            leg = _leg(way, (interface, host(database), database.port), front.region, share=front.share)
            yield replace(leg, answered=not way.present.database(database.arn))


def _leg(way: Way, ends: tuple[str, str, int], region: str, *, share: float) -> Leg:
    return Leg(*ends, region, way.ground.passage(*ends), share)

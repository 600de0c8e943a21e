"""Who answers a kind of request, with which status, at which node of a load balancer: shares of the tries."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from twin.analysis.way.ground import node
from twin.analysis.way.kind import Kind
from twin.analysis.way.present import Led
from twin.analysis.way.way import EDGE, Way, chosen
from twin.data_files import read_yaml
from twin.observe.site import Balancer, Target


class Answer(NamedTuple):
    """An answer of a load balancer's node in a zone; `group` is the target group of the target that was chosen.

    `by` is the target, the load balancer itself, or a rule of it; `connected` is false where no target took it.
    """

    balancer: str
    zone: str
    group: str
    by: Literal["target", "balancer", "rule"]
    status: str
    connected: bool = True

    @property
    def good(self) -> bool:
        """Whether a server gave what was asked for."""
        return self.by == "target" and self.status == status("served")


def answers(way: Way, kind: Kind) -> dict[Answer, float]:
    """Return the shares of tries that each answer has, of those that get past the edge's cache and its rules.

    What never gets to an Application Load Balancer is in no share, nor what nobody can tell the status of.
    """
    found: dict[Answer, float] = defaultdict(float)
    late, before = way.present.late(kind.host)
    for led, share in ((way.present.visitors(kind.host), 1.0 - late), (before, late)):
        for answer, part in _led(way, kind, led) if share > 0 else ():
            found[answer] += share * part
    return dict(found)


def _led(way: Way, kind: Kind, led: Led | None) -> Iterator[tuple[Answer, float]]:
    origin, proxied = way.origin(kind.host, led)
    balancer = way.balancers.get(origin or "")
    if balancer is None or balancer.kind != "application":
        return
    failing, _ = way.present.edge(kind.host) if proxied else (0.0, "")
    visitor = EDGE if proxied else kind.visitor
    behind = list(_behind(way, kind.within(balancer.region), balancer))
    for zone, share in _nodes(way, kind, balancer, visitor=visitor):
        for answer, part in behind:
            yield answer._replace(zone=zone), (1.0 - failing) * share * part


def _nodes(way: Way, kind: Kind, balancer: Balancer, *, visitor: str) -> Iterator[tuple[str, float]]:
    """Yield the zones whose node visitors get to, each with its share of all visitors."""
    weights = {zone: way.present.advertised(balancer.arn, zone) for zone in balancer.subnets}
    for zone, weight in weights.items():
        lost = weight <= 0 or way.present.zone(zone)
        if not lost and not way.ground.passage(visitor, node(balancer, zone), kind.port).why_not:
            yield zone, weight / sum(weights.values())


def _behind(way: Way, kind: Kind, balancer: Balancer) -> Iterator[tuple[Answer, float]]:
    """Yield what one node answers."""
    listener = next((one for one in balancer.listeners if one.port == kind.port), None)
    action = chosen(listener, kind) if listener is not None else ""
    if isinstance(action, str):
        return
    own = Answer(balancer.arn, "", "", "balancer", status("no_target"), connected=False)
    if action.kind != "forward":
        yield own._replace(by="rule", status=action.status.removeprefix("HTTP_")), 1.0
    else:
        targets = [(arn, one) for arn, weight in action.groups if weight for one in way.usable(arn)]
        for group, target in targets:
            for answer, share in _target(way, kind, balancer, target=target):
                yield answer._replace(group=group), share / len(targets)
        if not targets:
            yield own, 1.0


def _target(way: Way, kind: Kind, balancer: Balancer, *, target: Target) -> Iterator[tuple[Answer, float]]:
    interface, why = way.reached(balancer, target)
    answer = Answer(balancer.arn, "", "", "target", status("served"))
    if why:
        yield answer._replace(by="balancer", status=status("no_connection"), connected=False), 1.0
        return
    _, lost = way.served(interface, kind, balancer.region)
    for need in kind.needs:
        if need.thing == "workload":
            pods = [one for one in way.present.pods(need.name, balancer.region) if one.serving]
            lost += (1.0 - lost) * (sum(bool(one.silent) for one in pods) / len(pods) if pods else 1.0)
    yield answer, 1.0 - lost
    yield answer._replace(status=status("not_served")), lost


@cache
def _statuses() -> Mapping[str, str]:
    told = read_yaml((files("twin.analysis.way") / "data" / "statuses.yaml").read_text())
    return {name: str(one["status"]) for name, one in told.items()}


def status(what: str) -> str:
    """Return the HTTP status of an end that `data/statuses.yaml` names."""
    return _statuses()[what]

"""What would end a passage: the rules whose removal leaves no way, and of these the ones that end the least besides."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from twin.analysis.passage.passages import Passage, View
from twin.semantics.network.filters import entry_label, group_label, listed
from twin.semantics.network.intervals import Network
from twin.semantics.network.routes import route_label
from twin.semantics.network.topology import NetworkAcl, Permission, RouteTable, SecurityGroup, Topology
from twin.semantics.network.transit import TransitTable
from twin.semantics.network.transitways import transit_label

MOST = 8
"""How many rules of one layer are taken away before another layer is tried."""
WEIGHED = 3000
"""With more interfaces, what else a cut would end is not counted; its rules and their width are."""
LAYERS = ("security group ingress", "security group egress", "network ACL", "route")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that permits a hop, in the words of the hop; `width` is how many addresses it is about."""

    layer: str
    label: str
    width: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Cut:
    """Rules to take away, and what that ends in all (None: not counted).

    `closes` counts addresses and services that the internet reaches no more, `ends` the pairs of interfaces.
    """

    rules: tuple[Rule, ...]
    closes: int | None = None
    ends: int | None = None


def narrowest_cut(view: View, ask: Callable[[View], Passage], *, weighed: int = WEIGHED) -> Cut | None:
    """Return the change that ends an open passage and the least besides; None when no few rules of one layer do.

    What else a cut would end is counted in networks of up to `weighed` interfaces.
    """
    first = ask(view)
    if not first.open:
        return None
    found: dict[tuple[Rule, ...], View] = {}
    for layer in LAYERS:
        for nearest in (True, False):
            cut = _cut(view, ask, first, (layer, nearest))
            if cut is not None:
                found.setdefault(cut[0], cut[1])
    counted = len(view.topology.interfaces) <= weighed
    cuts = [Cut(rules, *(_lost(view, other) if counted else ())) for rules, other in found.items()]
    return min(cuts, key=_breadth, default=None)


def _breadth(cut: Cut) -> tuple[int, int, int, int, int]:
    width = sum(rule.width for rule in cut.rules)
    return cut.closes or 0, cut.ends or 0, width, len(cut.rules), LAYERS.index(cut.rules[0].layer)


def _cut(
    view: View, ask: Callable[[View], Passage], passage: Passage, by: tuple[str, bool]
) -> tuple[tuple[Rule, ...], View] | None:
    """Take rules of one layer away, the nearest to the goal or to the start first, until there is no way."""
    layer, nearest = by
    rules: list[Rule] = []
    while passage.open:
        held = {rule: rule for rule in removable(view.topology) if rule.layer == layer}
        used = [held[one] for one in _used(passage, layer) if one in held]
        if not used or len(rules) == MOST:
            return None
        rules.append(used[-1] if nearest else used[0])
        view = View(without(view.topology, rules[-1]))
        passage = ask(view)
    return tuple(rules), view


def _used(passage: Passage, layer: str) -> Iterator[Rule]:
    for leg in passage.legs:
        yield from (Rule(layer, hop.rule) for hop in leg.decision.path)


def _lost(view: View, other: View) -> tuple[int, int]:
    """Return how many openings and how many connected pairs are in one and no more in the other."""
    openings = _services(view) - _services(other)
    pairs = sum((row & ~other.matrix.rows[name]).bit_count() for name, row in view.matrix.rows.items())
    return len(openings), pairs


def _services(view: View) -> set[tuple[str, int, int]]:
    """Return each address, protocol and border of a range of ports that the internet reaches."""
    return {(one.address, one.protocol, port) for one in view.openings for pair in one.ports.pairs for port in pair}


def removable(topology: Topology) -> Iterator[Rule]:
    """Yield every rule that could be taken away."""
    members = Counter(name for one in topology.interfaces.values() for name in one.groups)
    for group in topology.groups.values():
        for egress, layer in ((False, LAYERS[0]), (True, LAYERS[1])):
            for one in group.egress if egress else group.ingress:
                sides = ((listed(one), _size(one.blocks)), *((name, members[name]) for name in one.groups))
                for peers, width in sides:
                    if peers:
                        yield Rule(layer, group_label(group.id, one, peers, egress=egress), width)
    for acl in topology.acls.values():
        yield from (Rule(LAYERS[2], entry_label(acl.id, e), _size((e.block,))) for e in acl.entries if e.allow)
    for table in topology.route_tables.values():
        routes = (one for one in table.routes if one.kind != "local")
        yield from (Rule(LAYERS[3], route_label(table.id, one), _size(one.destinations)) for one in routes)
    for transit in topology.transit_tables.values():
        yield from (
            Rule(LAYERS[3], transit_label(transit.id, one), _size((one.destination,))) for one in transit.routes
        )


def _size(blocks: Iterable[Network]) -> int:
    return sum(block.num_addresses for block in blocks)


def without(topology: Topology, rule: Rule) -> Topology:
    """Return the topology without a rule."""
    owner = rule.label.split(" ", 1)[0]
    if rule.layer in LAYERS[:2]:
        group = _group(topology.groups[owner], rule.label, egress=rule.layer == LAYERS[1])
        return replace(topology, groups={**topology.groups, owner: group})
    if rule.layer == LAYERS[2]:
        return replace(topology, acls={**topology.acls, owner: _acl(topology.acls[owner], rule.label)})
    if owner in topology.route_tables:
        table = _table(topology.route_tables[owner], rule.label)
        return replace(topology, route_tables={**topology.route_tables, owner: table})
    transit = _transit(topology.transit_tables[owner], rule.label)
    return replace(topology, transit_tables={**topology.transit_tables, owner: transit})


def _group(group: SecurityGroup, label: str, *, egress: bool) -> SecurityGroup:
    def kept(one: Permission) -> Permission:
        gone = label == group_label(group.id, one, listed(one), egress=egress)
        peers = tuple(n for n in one.groups if label != group_label(group.id, one, n, egress=egress))
        return replace(one, blocks=() if gone else one.blocks, groups=peers)

    if egress:
        return replace(group, egress=tuple(kept(one) for one in group.egress))
    return replace(group, ingress=tuple(kept(one) for one in group.ingress))


def _acl(acl: NetworkAcl, label: str) -> NetworkAcl:
    return replace(acl, entries=tuple(one for one in acl.entries if entry_label(acl.id, one) != label))


def _table(table: RouteTable, label: str) -> RouteTable:
    return replace(table, routes=tuple(one for one in table.routes if route_label(table.id, one) != label))


def _transit(table: TransitTable, label: str) -> TransitTable:
    return replace(table, routes=tuple(one for one in table.routes if transit_label(table.id, one) != label))

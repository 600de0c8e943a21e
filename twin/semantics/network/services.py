"""The packets that no rule tells apart: protocols and ports fall into classes, each with one representative."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from twin.semantics.network.filters import fields
from twin.semantics.network.headers import ICMP, ICMPV6, Version
from twin.semantics.network.topology import Match, Topology


@dataclass(frozen=True, slots=True)
class Service:
    """A representative: its protocol, its port (ICMP: type) and its source port (ICMP: code)."""

    protocol: int
    port: int
    source_port: int

    def meets(self, match: Match) -> bool:
        """Whether a rule matches the representative, and so all that it stands for."""
        protocol, source_port, port = fields(match)
        return self.protocol in protocol and self.port in port and self.source_port in source_port


def matches(topology: Topology) -> set[Match]:
    """Return what the rules of all groups and ACLs match."""
    found = {entry.match for acl in topology.acls.values() for entry in acl.entries}
    for group in topology.groups.values():
        found |= {permission.match for permission in (*group.ingress, *group.egress)}
    return found


def services(known: Iterable[Match], version: Version) -> list[Service]:
    """Return one representative for each class of packets that some rule tells from the others."""
    told = set(known)
    starts: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: ({0}, {0}))
    for match in told:
        if match.protocol is None:
            continue
        ports, codes = starts[match.protocol]
        _, source_ports, wanted = fields(match)
        for bounds, values in ((ports, wanted), (codes, source_ports)):
            for low, high in values.pairs:
                bounds |= {low, high + 1}
    unnamed = next(number for number in range(200, 256) if number not in starts)
    starts[unnamed] = ({0}, {0})
    found: dict[frozenset[Match], Service] = {}
    for protocol, (ports, codes) in sorted(starts.items()):
        if protocol == (ICMPV6 if version == 4 else ICMP):
            continue
        for port in sorted(ports):
            for code in sorted(codes):
                one = Service(protocol, port, code)
                if max(port, code) <= 65535:
                    found.setdefault(frozenset(match for match in told if one.meets(match)), one)
    return list(found.values())

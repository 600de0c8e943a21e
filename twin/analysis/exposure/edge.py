"""Origins behind the edge that take traffic which did not come through it."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from ipaddress import ip_network

from twin.analysis.exposure.finding import Finding, hops
from twin.analysis.exposure.places import named
from twin.analysis.passage.ends import INTERNET
from twin.analysis.passage.openings import Opening
from twin.analysis.passage.passages import Leg, View
from twin.data_files import read_yaml
from twin.semantics.network.decide import decide
from twin.semantics.network.headers import address
from twin.semantics.network.intervals import Network, networks
from twin.semantics.network.question import parse
from twin.semantics.network.workloads import Record

RULE = "network.origin-beside-edge"
POINTING = frozenset({"A", "AAAA", "CNAME"})


@cache
def edge_ranges() -> tuple[Network, ...]:
    """Return the ranges from which Cloudflare connects to origins."""
    told = read_yaml((files("twin.blueprints") / "cloudflare_ranges.yaml").read_text("utf-8"))
    return tuple(ip_network(one) for version in ("ipv4", "ipv6") for one in told[version]["value"])


def find(view: View) -> Iterator[Finding]:
    """Find them: an origin of a proxied record that others than Cloudflare reach, or that a plain record gives away.

    https://developers.cloudflare.com/fundamentals/concepts/cloudflare-ip-addresses/
    """
    blocks = edge_ranges()
    pointing = [(record, _ends(view, record)) for record in view.topology.records.values() if record.kind in POINTING]
    proxied = {end: record for record, ends in pointing if record.proxied for end in ends}
    for opening in view.openings:
        record = proxied.get(opening.interface)
        beside = opening.sources - networks(blocks, opening.version)
        if record is not None and beside:
            yield _open(view, opening, record, str(address(beside.lowest, opening.version)))
    for record, ends in pointing:
        behind = sorted({proxied[end].name for end in ends if end in proxied})
        if not record.proxied and behind:
            yield Finding(
                RULE,
                "medium",
                f"the DNS record {record.name} gives away the origin of {', '.join(behind)}",
                (record.name, *sorted(ends)),
                (f"{record.kind} {record.name} -> {record.content}, not proxied",),
                "proxy the record, or point it elsewhere",
            )


def _ends(view: View, record: Record) -> set[str]:
    """Return the interfaces to which a record leads."""
    topology, content = view.topology, record.content.rstrip(".").lower()
    found = {
        end
        for one in topology.load_balancers.values()
        if one.dns and one.dns.lower() == content
        for end in one.interfaces
    }
    for interface in topology.interfaces.values():
        if any(content in (str(held.public), str(held.address)) for held in interface.addresses):
            found.add(interface.id)
    return found


def _open(view: View, opening: Opening, record: Record, outside: str) -> Finding:
    asked = {"src": {"internet": True, "ip": outside}, "dst": {"ip": opening.address}, "protocol": opening.protocol}
    port = {"port": opening.ports.lowest} if opening.protocol in (6, 17) else {}
    leg = Leg(INTERNET, opening.interface, decide(view.index, parse({**asked, **port})))
    who = "everyone" if opening.everyone else "more than Cloudflare"
    return Finding(
        RULE,
        "high",
        f"{who} reaches the origin of {record.name} at {opening.address} on {opening.service}, past the edge",
        (record.name, opening.interface),
        hops(leg),
        f"let the groups of {named(view, opening.interface)} admit Cloudflare's ranges alone",
    )

"""What Cloudflare's name servers answer for a name of a zone, and which record the edge serves it by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from twin.semantics.edge.configuration import Row, Zone
from twin.semantics.edge.draws import share
from twin.semantics.edge.reference import fact

ADDRESSES = ("A", "AAAA", "CNAME")
LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Answer:
    """One record of an answer: its type, content and TTL as a resolver gets them."""

    type: str
    content: str
    ttl: int


@dataclass(frozen=True)
class Resolved:
    """The answer for a name: records, or none with the reason; `proxied` when the edge answers for it.

    `records` are the zone's own that stand behind it, `balancer` the load balancer instead of them.
    """

    answers: tuple[Answer, ...]
    proxied: bool
    said: str
    records: tuple[Row, ...] = ()
    balancer: Row | None = None


def resolve(zone: Zone, name: str, kind: str = "A") -> Resolved:
    """Answer a question about a name.

    A load balancer goes before records of the same name; an exact name before a wildcard; a CNAME is followed within
    the zone. https://developers.cloudflare.com/dns/manage-dns-records/reference/
    """
    name = name.lower().rstrip(".")
    if not (name == zone.name or name.endswith(f".{zone.name}")):
        return Resolved((), False, f"{name} is not in the zone {zone.name}")
    balancer = balancer_of(zone, name)
    if balancer is not None:
        return _balanced(zone, name, kind, balancer)
    records = records_of(zone, name)
    if not records:
        return Resolved((), False, "NXDOMAIN: no record and no wildcard")
    if not zone.paused and any(record.get("proxied") for record in records):
        return Resolved(_anycast(name, kind), True, f"proxied {records[0]['type']} record", records)
    return Resolved(tuple(_plain(zone, name, kind, records)), False, "DNS only", records)


def balancer_of(zone: Zone, name: str) -> Row | None:
    """Return the enabled load balancer of a name; an exact one goes before `*.`.

    https://developers.cloudflare.com/load-balancing/load-balancers/dns-records/
    """
    for wanted in (name, f"*.{name.partition('.')[2]}"):
        for balancer in zone.balancers:
            if balancer["name"] == wanted and balancer.get("enabled", True):
                return balancer
    return None


def records_of(zone: Zone, name: str) -> tuple[Row, ...]:
    """Return the records that answer for a name: its own, or those of the closest wildcard, RFC 4592.

    A wildcard does not answer for a name that exists, nor for one below a name that exists.
    """
    own = tuple(record for record in zone.records if record["name"] == name)
    if own:
        return own
    above = name
    while above != zone.name and "." in above:
        above = above.partition(".")[2]
        wild = tuple(record for record in zone.records if record["name"] == f"*.{above}")
        if wild:
            return wild
        if any(record["name"] == above or record["name"].endswith(f".{above}") for record in zone.records):
            return ()
    return ()


def _balanced(zone: Zone, name: str, kind: str, balancer: Row) -> Resolved:
    if balancer.get("proxied") and not zone.paused:
        return Resolved(_anycast(name, kind), True, "proxied load balancer", (), balancer)
    return Resolved((), False, "load balancer, DNS only", (), balancer)


def _anycast(name: str, kind: str) -> tuple[Answer, ...]:
    """Return the two addresses of Cloudflare's that a proxied name has."""
    family = {"A": "v4", "AAAA": "v6"}.get(kind)
    if family is None:
        return ()
    network = ip_network(fact("anycast")[family])
    seats = [int(share(name, kind, str(index)) * min(network.num_addresses, 2**32)) for index in range(2)]
    return tuple(Answer(kind, str(network[seat]), fact("dns")["automatic_ttl"]) for seat in seats)


def _plain(zone: Zone, name: str, kind: str, records: Sequence[Row]) -> Iterator[Answer]:
    for record in records:
        if record["type"] == kind and kind != "CNAME":
            yield Answer(kind, str(record["content"]), ttl_of(record))
        elif record["type"] == "CNAME":
            yield from _alias(zone, name, kind, record)


def _alias(zone: Zone, name: str, kind: str, record: Row) -> Iterator[Answer]:
    """Yield what an alias leads to: flattened to addresses at the apex and where it is set, else the CNAME first.

    https://developers.cloudflare.com/dns/cname-flattening/
    """
    flat = flattened(zone, name, record)
    target = str(record["content"]).lower()
    if kind == "CNAME" and not flat:
        yield Answer("CNAME", target, ttl_of(record))
        return
    if not flat:
        yield Answer("CNAME", target, ttl_of(record))
    if target == zone.name or target.endswith(f".{zone.name}"):
        for answer in _within(zone, target, kind):
            yield Answer(answer.type, answer.content, min(answer.ttl, ttl_of(record)) if flat else answer.ttl)


def _within(zone: Zone, target: str, kind: str, depth: int = 1) -> Iterator[Answer]:
    """Yield the addresses of an alias's target in the same zone."""
    if depth > LONGEST_CHAIN:
        return
    for record in records_of(zone, target):
        if record.get("proxied"):
            yield from _anycast(target, kind)
            return
        if record["type"] == kind:
            yield Answer(kind, str(record["content"]), ttl_of(record))
        elif record["type"] == "CNAME":
            yield from _within(zone, str(record["content"]).lower(), kind, depth + 1)


def flattened(zone: Zone, name: str, record: Row) -> bool:
    """Tell whether an alias is answered by addresses alone."""
    per_record: Any = (record.get("settings") or {}).get("flatten_cname")
    return name == zone.name or zone.setting("cname_flattening") == "flatten_all" or bool(per_record)


def ttl_of(record: Row) -> int:
    """Return the TTL in seconds; 1 is automatic, which is 300.

    https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/
    """
    ttl = int(record.get("ttl", 1))
    automatic: int = fact("dns")["automatic_ttl"]
    return automatic if ttl == 1 or record.get("proxied") else ttl

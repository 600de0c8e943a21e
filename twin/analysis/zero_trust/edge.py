"""What is wrong with how a zone meets its visitors and origins, in words that say how to mend it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from twin.semantics.edge import Zone
from twin.semantics.edge.dns import ADDRESSES
from twin.semantics.edge.transport import VERSIONS

Kind = Literal[
    "tls-below-the-least",
    "http-is-served",
    "hsts-is-off",
    "origin-is-not-verified",
    "origin-is-told",
    "origin-accepts-strangers",
    "zone-differs-from-its-spec",
]
UNVERIFIED = {
    "off": "visitors have no https at all",
    "flexible": "the way to the origin is in clear",
    "full": "any certificate of the origin is taken",
}
STRANGER = "198.51.100.1"
"""An address of nobody's, RFC 5737: whoever comes from there did not come through the edge."""

Admits = Callable[[str, str], bool]
"""Whether an origin (its address) takes connections from another address: the org's network tells it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the spec says of the edge: the least TLS version, https alone, a promise to browsers, a verified origin."""

    least_tls: str = "1.2"
    always_https: bool = True
    hsts: bool = False
    verified_origin: bool = True


@dataclass(frozen=True, slots=True, order=True)
class EdgeFinding:
    """One weakness: `subject` is the zone, the record or the resource."""

    kind: Kind
    subject: str
    message: str
    advice: str

    def as_data(self) -> dict[str, Any]:
        """Return the finding as JSON writes it."""
        return {"kind": self.kind, "subject": self.subject, "message": self.message, "advice": self.advice}


def edge_trust(zone: Zone, promise: Promise, admits: Admits | None = None) -> list[EdgeFinding]:
    """Return all findings about a zone, sorted; without `admits` nothing is known of what origins accept."""
    found = [*_tls(zone, promise), *_ways(zone, promise), *_told(zone)]
    if admits is not None:
        found += _open(zone, admits)
    return sorted(found)


def _tls(zone: Zone, promise: Promise) -> Iterator[EdgeFinding]:
    least = str(zone.setting("min_tls_version"))
    if VERSIONS.index(least) < VERSIONS.index(promise.least_tls):
        message = f"visitors may connect with TLS {least}, the spec promises {promise.least_tls}"
        yield EdgeFinding("tls-below-the-least", zone.name, message, f"set min_tls_version to {promise.least_tls}")
    elif promise.least_tls == "1.3" and zone.setting("tls_1_3") == "off":
        yield EdgeFinding("tls-below-the-least", zone.name, "TLS 1.3 is off", "set tls_1_3 to on")


def _ways(zone: Zone, promise: Promise) -> Iterator[EdgeFinding]:
    if promise.always_https and zone.setting("always_use_https") != "on":
        yield EdgeFinding("http-is-served", zone.name, "http is not sent to https", "set always_use_https to on")
    promised = (zone.setting("security_header") or {}).get("strict_transport_security") or {}
    if promise.hsts and not promised.get("enabled"):
        yield EdgeFinding("hsts-is-off", zone.name, "browsers are promised nothing", "enable HSTS in security_header")
    mode = str(zone.setting("ssl"))
    if promise.verified_origin and mode in UNVERIFIED:
        message = f"SSL mode {mode}: {UNVERIFIED[mode]}"
        yield EdgeFinding("origin-is-not-verified", zone.name, message, "set ssl to strict")


def _proxied(zone: Zone) -> set[str]:
    records = {str(row["content"]) for row in zone.records if row["type"] in ADDRESSES and row.get("proxied")}
    pools = {str(pool) for balancer in zone.balancers if balancer.get("proxied") for pool in balancer["default_pools"]}
    origins = {str(origin["address"]) for pool in pools & set(zone.pools) for origin in zone.pools[pool]["origins"]}
    return records | origins


def _told(zone: Zone) -> Iterator[EdgeFinding]:
    """Yield records that tell the address of an origin that others hide behind the edge."""
    hidden = _proxied(zone)
    for row in zone.records:
        if row["type"] in ADDRESSES and not row.get("proxied") and str(row["content"]) in hidden:
            message = f"it tells {row['content']}, which is an origin behind the edge"
            yield EdgeFinding("origin-is-told", str(row["name"]), message, "proxy it, or give it another address")


def _open(zone: Zone, admits: Admits) -> Iterator[EdgeFinding]:
    for address in sorted(_proxied(zone)):
        if admits(address, STRANGER):
            message = f"the origin {address} accepts traffic that did not come through the edge"
            advice = "let it admit Cloudflare's addresses only (GET /ips), or demand a client certificate of the edge"
            yield EdgeFinding("origin-accepts-strangers", zone.name, message, advice)


def differing(changes: Iterable[tuple[str, str]]) -> list[EdgeFinding]:
    """Return findings for what a plan would change at Cloudflare: pairs of action and address."""
    return sorted(
        EdgeFinding("zone-differs-from-its-spec", address, f"a plan would {action} it", "apply the spec, or change it")
        for action, address in changes
        if address.startswith("cloudflare.") and action != "no-op"
    )

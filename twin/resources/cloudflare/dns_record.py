"""DNS records of a zone; the owner is marked in the comment."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, cloudflare
from twin.resources.cloudflare.zone import Zone, account_zones, fact, inside
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

RecordType = Literal[
    "A", "AAAA", "CAA", "CERT", "CNAME", "DNSKEY", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SMIMEA", "SRV", "SSHFP",
    "SVCB", "TLSA", "TXT",
]  # fmt: skip


NAME = re.compile(r"[A-Za-z0-9_*-]+(\.[A-Za-z0-9_-]+)+\.?")

ADDRESSES = ("A", "AAAA", "CNAME", "NS")
"""What leads a name elsewhere: Cloudflare flattens an alias into addresses, so that there is one such record."""


class DnsRecord(Resource):
    """One record; a CNAME may stand at the apex, Cloudflare flattens it."""

    TYPE: ClassVar[str] = "cloudflare.dns_record"
    KEY: ClassVar[tuple[str, ...]] = ("zone", "type", "name", "content")
    TAGGED: ClassVar[bool] = True

    zone: Annotated[str, RefTo("cloudflare.zone"), IMMUTABLE] = Field(description="The zone's id")
    type: Annotated[RecordType, IMMUTABLE] = Field(description="The record type")
    name: str = Field(description="The full name, as in www.example.com")
    content: str = Field(description="The value as in a zone file, as in `1 5 443 sip.example.com` of an SRV record")
    ttl: int = Field(1, description="Seconds; 1 leaves it to Cloudflare, as a proxied record must")
    proxied: bool = Field(False, description="Whether Cloudflare stands in between")
    priority: int | None = Field(None, description="The preference of an MX record")
    comment: str = Field("", description="A note for the account's members")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all records of every zone, one list per zone."""
        found = []
        for zone in (yield from account_zones(scope)):
            path = f"/zones/{zone['id']}/dns_records"
            records = yield cloudflare("GET", path, query={"per_page": 1000}, pages=True)
            found += [_observe(scope, zone["id"], record) for record in records]
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Add the record with its owner."""
        record = yield cloudflare("POST", f"/zones/{self.zone}/dns_records", self._body(scope, address))
        return {"id": record["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the record anew in place."""
        path = f"/zones/{observed.fields['zone']}/dns_records/{observed.id}"
        yield cloudflare("PATCH", path, self._body(scope, address))

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        body: dict[str, Any] = {"type": self.type, "name": self.name, "ttl": self.ttl}
        if self.type in fact("proxiable_types"):
            body["proxied"] = self.proxied
        body |= {"data": self._data()} if self.type in fact("data_types") else {"content": self.content}
        if self.priority is not None:
            body["priority"] = self.priority
        return {**body, "comment": scope.mark(address, self.comment)}

    def _data(self) -> dict[str, Any]:
        """Read the parts of a structured value; the last takes the rest of the text."""
        names = fact("data_types")[self.type]
        parts = self.content.split(maxsplit=len(names) - 1)
        return {name: _part(name, text) for name, text in zip(names, parts, strict=False)}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the record."""
        path = f"/zones/{observed.fields['zone']}/dns_records/{observed.id}"
        yield cloudflare("DELETE", path, absent=("404", "81044"))

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare names as DNS does and addresses as numbers."""
        if name in ("name", "content") and isinstance(desired, str) and isinstance(observed, str):
            return _plain(desired) == _plain(observed)
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """What Cloudflare refuses of a record."""
        zone = peers.get(self.zone)
        if isinstance(zone, Zone):
            yield from self._check_zone(zone)
            yield from self._check_comment(address, peers, zone.plan)
        yield from self._check_value()
        yield from self._check_neighbours(address, peers)
        yield from self._check_ttl(zone.plan if isinstance(zone, Zone) else None)

    def _check_zone(self, zone: Zone) -> Iterator[Problem]:
        if not inside(self.name, zone):
            yield Problem(
                "TW0502", f"{self.name} is not inside the zone {zone.name}", "name", "write the full name of the record"
            )

    def _check_comment(self, address: Address, peers: Peers, plan: str) -> Iterator[Problem]:
        limit, marked = fact("comment_length")[plan], peers.scope.mark(address, self.comment)
        if len(marked) > limit:
            room = limit - (len(marked) - len(self.comment))
            yield Problem(
                "TW0503",
                f"the comment with the owner's mark is {len(marked)} characters, {limit} fit on the {plan} plan",
                "comment",
                f"shorten the comment to {room}" if room >= 0 else "shorten the names of the resource or the org",
            )

    def _check_value(self) -> Iterator[Problem]:
        parts = fact("data_types").get(self.type)
        if parts and len(self.content.split(maxsplit=len(parts) - 1)) < len(parts):
            yield Problem("TW0504", f"a {self.type} record is written as {' '.join(parts)}", "content")
        if self.type == "MX" and self.priority is None:
            yield Problem("TW0504", "an MX record needs a priority", "priority")
        if unknown(self.content):
            return
        if self.type in ("A", "AAAA") and not _address(self.content, 4 if self.type == "A" else 6):
            version = "IPv4" if self.type == "A" else "IPv6"
            yield Problem("TW0505", f"{self.content!r} is no {version} address", "content", "a name needs a CNAME")
        if self.type == "CNAME" and _plain(self.content) == _plain(self.name):
            yield Problem("TW0506", f"{self.name} is an alias of itself", "content")

    def _check_neighbours(self, address: Address, peers: Peers) -> Iterator[Problem]:
        """An alias is the only address of its name, mail and texts may stand beside it; NS keeps to itself."""
        if self.type not in ("CNAME", "NS"):
            return
        for other, peer in peers.of(self.TYPE):
            if other == address or not isinstance(peer, DnsRecord) or peer.zone != self.zone:
                continue
            rivals = peer.type in ADDRESSES if self.type == "CNAME" else peer.type != "NS"
            if _plain(peer.name) == _plain(self.name) and rivals:
                message = f"a {self.type} record cannot share its name with the {peer.type} record {other}"
                yield Problem("TW0509", message, "name")

    def _check_ttl(self, plan: str | None) -> Iterator[Problem]:
        limits = fact("record_ttl")
        lowest = limits["enterprise_minimum"] if plan in ("enterprise", None) else limits["minimum"]
        if self.proxied and self.type not in fact("proxiable_types"):
            yield Problem("TW0507", f"a {self.type} record cannot be proxied", "proxied", "only A, AAAA and CNAME can")
        elif self.proxied and self.ttl != limits["automatic"]:
            yield Problem("TW0508", "the TTL of a proxied record is Cloudflare's to set", "ttl", "leave it at 1")
        if self.ttl != limits["automatic"] and not lowest <= self.ttl <= limits["maximum"]:
            yield Problem("TW0508", f"a TTL is 1 or {lowest} to {limits['maximum']} seconds, not {self.ttl}", "ttl")


def _observe(scope: Scope, zone: str, record: Mapping[str, Any]) -> Observed:
    fields = {
        "zone": zone,
        "type": record["type"],
        "name": record["name"],
        "content": _content(record),
        "ttl": record.get("ttl"),
        "proxied": record.get("proxied", False),
        "priority": record.get("priority"),
        "comment": unmark(record.get("comment")),
    }
    builtin = bool((record.get("meta") or {}).get("read_only"))
    owner, other = scope.marked(record.get("comment")), scope.marked_by_other(record.get("comment"))
    return Observed(record["id"], fields, {"id": record["id"]}, owner=owner, other=other, builtin=builtin)


def _content(record: Mapping[str, Any]) -> str:
    """Return the value as in a zone file: Cloudflare leaves the priority of an SRV record out of its content."""
    names = fact("data_types").get(record["type"])
    if names is None:
        return str(record["content"])
    data = record.get("data") or {}
    return " ".join(str(data.get(name, "")) for name in names)


def _part(name: str, text: str) -> int | str:
    return int(text) if text.isdigit() and name in fact("data_numbers") else text.strip('"')


def _plain(text: str) -> str:
    """Write addresses, names (in any case) and quoted texts in one spelling."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if NAME.fullmatch(text):
            return text.lower().rstrip(".")
        return " ".join(text.replace('"', "").split())


def _address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False

"""Network zones: where requests come from, by address or by place."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.canonical import UNORDERED
from twin.resources.okta.org import GONE, fact, lifecycle, listing
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope


class NetworkZone(Resource):
    """Addresses (IP) or countries (DYNAMIC) that policies refer to, or that are blocked."""

    TYPE: ClassVar[str] = "okta.network_zone"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str = Field(min_length=1, max_length=128)
    type: Annotated[Literal["IP", "DYNAMIC"], IMMUTABLE] = "IP"
    gateways: Annotated[list[str], UNORDERED] = Field(
        default_factory=list, description="CIDR ranges, or first-last; an Elastic IP as ${aws.ec2.eip.nat.public_ip}/32"
    )
    proxies: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    countries: Annotated[list[str], UNORDERED] = Field(default_factory=list, description="ISO 3166-1 codes, of DYNAMIC")
    usage: Literal["POLICY", "BLOCKLIST"] = "POLICY"

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all zones with one list."""
        return [_observe(zone) for zone in (yield from listing("/api/v1/zones"))]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the zone, active."""
        zone = yield okta("POST", "/api/v1/zones", self._body())
        return {"id": zone["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the zone anew in place."""
        yield okta("PUT", f"/api/v1/zones/{observed.id}", self._body())

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"type": self.type, "name": self.name, "status": "ACTIVE", "usage": self.usage}
        if self.type == "IP":
            for name in ("gateways", "proxies"):
                addresses = getattr(self, name)
                body[name] = [{"type": "RANGE" if "-" in a else "CIDR", "value": a} for a in addresses] or None
        else:
            body["locations"] = [{"country": country} for country in self.countries]
        return {key: value for key, value in body.items() if value is not None}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Deactivate and delete the zone."""
        yield lifecycle(f"/api/v1/zones/{observed.id}", "deactivate")
        yield okta("DELETE", f"/api/v1/zones/{observed.id}", absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare addresses in one spelling: the API tells a CIDR range as it was given, or as a range."""
        if name in ("gateways", "proxies") and isinstance(observed, list):
            return sorted(map(_span, desired)) == sorted(map(_span, observed))
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The zone has places of its type, and each reads as one."""
        if self.name in fact("system_zones"):
            yield Problem("TW0604", f"the zone {self.name!r} is Okta's own", "name")
        if self.type == "IP" and not self.gateways and not self.proxies:
            yield Problem("TW0650", "a zone of addresses has gateways or proxies", "gateways")
        if self.type == "DYNAMIC" and not self.countries:
            yield Problem("TW0650", "a dynamic zone has countries", "countries")
        yield from self._check_addresses()
        for country in self.countries:
            if not re.fullmatch("[A-Z]{2}", country):
                yield Problem("TW0652", f"{country!r} is no country code of two capital letters", "countries")

    def _check_addresses(self) -> Iterator[Problem]:
        limit = fact("zone_addresses")
        for field in ("gateways", "proxies"):
            addresses = getattr(self, field)
            if self.type != "IP" and addresses:
                yield Problem("TW0650", f"a dynamic zone has no {field}", field)
            if len(addresses) > limit:
                yield Problem("TW0653", f"{len(addresses)} addresses, {limit} fit into a zone", field)
            for text in addresses:
                if not unknown(text) and _span(text)[0] == "":
                    yield Problem("TW0651", f"{text!r} is neither a CIDR range nor first-last", field)


def _span(text: str) -> tuple[str, str]:
    """Return first and last address; a text that is neither range nor CIDR comes second, after an empty first."""
    try:
        if "-" in text:
            first, last = (ipaddress.ip_address(part.strip()) for part in text.split("-", 1))
            ordered = first.version == last.version and int(first) <= int(last)
            return (str(first), str(last)) if ordered else ("", text)
        network = ipaddress.ip_network(text)
        return str(network[0]), str(network[-1])
    except ValueError:
        return "", text


def _observe(zone: Mapping[str, Any]) -> Observed:
    locations = zone.get("locations") or ()
    fields = {
        "name": zone["name"],
        "type": zone["type"],
        "usage": zone.get("usage"),
        **{name: [item["value"] for item in zone.get(name) or ()] for name in ("gateways", "proxies")},
        "countries": [item["country"] for item in locations] if isinstance(locations, list) else [],
    }
    return Observed(zone["id"], fields, {"id": zone["id"]}, builtin=bool(zone.get("system")))

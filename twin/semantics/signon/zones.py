"""Network zones: which of them a request lies in, and which forbid it before any policy is asked.

Sources: https://help.okta.com/oie/en-us/content/topics/security/network/about-dynamic-zones.htm and
https://help.okta.com/oie/en-us/content/topics/security/network/about-enhanced-dynamic-zones.htm
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twin.semantics.signon.reading import mapping, rows, text, texts, wrong

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Zone = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: its addresses (the client's first, then every proxy), its place and network.

    `proxy` is empty, `Tor` or `NotTorAnonymizer`; `services` are Okta's IP service categories of the address.
    """

    chain: tuple[Address, ...] = ()
    country: str = ""
    region: str = ""
    asn: str = ""
    proxy: str = ""
    services: frozenset[str] = frozenset()


def address(given: str, at: str) -> Address:
    """Return an address; ValueError when it is none."""
    try:
        return ipaddress.ip_address(given.strip())
    except ValueError:
        raise wrong(at, f"an IP address, not {given!r}") from None


def zones_of(origin: Origin, zones: Iterable[Zone]) -> frozenset[str]:
    """Return the ids of the active zones that a request lies in."""
    known = [zone for zone in zones if zone.get("status", "ACTIVE") == "ACTIVE"]
    client = _client(origin, known)
    return frozenset(str(zone["id"]) for zone in known if _within(origin, client, zone))


def blocking(inside: Iterable[str], zones: Iterable[Zone]) -> str:
    """Return the name of the blocklist zone that forbids a request, empty when none does or an exempt one admits it."""
    within = set(inside)
    found = [zone for zone in zones if zone["id"] in within and zone.get("status", "ACTIVE") == "ACTIVE"]
    if any(zone.get("useAsExemptList") for zone in found):
        return ""
    return next((str(zone.get("name", zone["id"])) for zone in found if zone.get("usage") == "BLOCKLIST"), "")


def _client(origin: Origin, zones: Iterable[Zone]) -> Address | None:
    """Return the client's address: the last one that is no trusted proxy, as the chain is read from its end."""
    if not origin.chain:
        return None
    trusted = [one for zone in zones for one in rows(zone.get("proxies"), "zone.proxies")]
    for hop in reversed(origin.chain):
        if not _listed(hop, trusted, "zone.proxies"):
            return hop
    return origin.chain[0]


def _within(origin: Origin, client: Address | None, zone: Zone) -> bool:
    kind = zone.get("type", "IP")
    if kind == "IP":
        return client is not None and _listed(client, rows(zone.get("gateways"), "zone.gateways"), "zone.gateways")
    if kind == "DYNAMIC":
        return _dynamic(origin, zone)
    if kind == "DYNAMIC_V2":
        return _enhanced(origin, zone)
    raise wrong("zone.type", f"IP, DYNAMIC or DYNAMIC_V2, not {kind!r}")


def _listed(one: Address, listed: Iterable[Any], at: str) -> bool:
    return any(_covers(one, mapping(entry, at), at) for entry in listed)


def _covers(one: Address, entry: Mapping[str, Any], at: str) -> bool:
    value = text(entry.get("value"), f"{at}.value")
    if entry.get("type") == "RANGE":
        first, _, last = value.partition("-")
        low, high = address(first, at), address(last or first, at)
        return one.version == low.version == high.version and int(low) <= int(one) <= int(high)
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise wrong(f"{at}.value", f"a CIDR block, not {value!r}") from None
    return one.version == network.version and one in network


def _dynamic(origin: Origin, zone: Zone) -> bool:
    places, asns = rows(zone.get("locations"), "zone.locations"), texts(zone.get("asns"), "zone.asns")
    proxy = zone.get("proxyType")
    return (
        (not places or _placed(origin, places))
        and (not asns or origin.asn in asns)
        and (proxy in (None, "", "null") or (bool(origin.proxy) and proxy in ("Any", origin.proxy)))
    )


def _placed(origin: Origin, places: Iterable[Any]) -> bool:
    return any(
        bool(origin.country)
        and origin.country == place.get("country")
        and (not place.get("region") or place["region"] in (origin.region, f"{origin.country}-{origin.region}"))
        for place in (mapping(one, "zone.locations") for one in places)
    )


def _enhanced(origin: Origin, zone: Zone) -> bool:
    def fits(name: str, test: Any) -> bool:
        part = mapping(zone.get(name), f"zone.{name}")
        include, exclude = (rows(part.get(side), f"zone.{name}.{side}") for side in ("include", "exclude"))
        return (not include or test(include)) and not (exclude and test(exclude))

    return (
        fits("locations", lambda places: _placed(origin, places))
        and fits("asns", lambda asns: origin.asn in asns)
        and fits(
            "ipServiceCategories", lambda names: any(_serves(origin.services, name) for name in texts(names, "zone"))
        )
    )


def _any_serves(services: frozenset[str], categories: Iterable[str]) -> bool:
    return any(_serves(services, one) for one in categories)


def _serves(services: frozenset[str], category: str) -> bool:
    if category == "ALL_IP_SERVICES":
        return bool(services)
    if category == "ALL_PROXIES_VPNS":
        return category in services or any(name.endswith(("_PROXY", "_VPN")) for name in services)
    if category == "ALL_ANONYMIZERS":
        return bool(services & {category, "ALL_ANONYMIZERS_EXCEPT_TOR", "ANONYMIZER_TOR"})
    return category in services

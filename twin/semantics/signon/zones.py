"""Network zones: which of them a request lies in, and which forbid it before any policy is asked.

Sources: https://help.okta.com/oie/en-us/content/topics/security/network/about-ip-zones.htm,
https://help.okta.com/oie/en-us/content/topics/security/network/about-ip-exempt-zone.htm,
https://help.okta.com/oie/en-us/content/topics/security/network/about-dynamic-zones.htm and
https://help.okta.com/oie/en-us/content/topics/security/network/about-enhanced-dynamic-zones.htm
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twin.semantics.signon.reading import mapping, rows, text, texts, wrong

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Zone = Mapping[str, Any]
MOST_HOPS = 5


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
    return frozenset(str(zone["id"]) for zone in zones if _active(zone) and _within(origin, zone))


def blocking(inside: Iterable[str], zones: Iterable[Zone], origin: Origin) -> str:
    """Return the name of the blocklist zone that forbids a request, empty when none does or exempt ones admit it.

    Every address on the way counts: one that is in a blocklist must itself be exempt.
    """
    within, known = set(inside), [zone for zone in zones if _active(zone)]
    exempt = [zone for zone in known if zone.get("useAsExemptList")]
    for zone in (one for one in known if one.get("usage") == "BLOCKLIST"):
        hits = [hop for hop in origin.chain if zone.get("type", "IP") == "IP" and _gateway(hop, zone)]
        if hits and not all(any(_gateway(hop, one) for one in exempt) for hop in hits):
            return str(zone.get("name", zone["id"]))
        if not hits and zone["id"] in within and not any(one["id"] in within for one in exempt):
            return str(zone.get("name", zone["id"]))
    return ""


def _active(zone: Zone) -> bool:
    return bool(zone.get("status", "ACTIVE") == "ACTIVE")


def _gateway(hop: Address, zone: Zone) -> bool:
    return _listed(hop, rows(zone.get("gateways"), "zone.gateways"), "zone.gateways")


def _through(chain: tuple[Address, ...], zone: Zone) -> bool:
    """Follow a chain back from its end, over the zone's own proxies, to one of the zone's gateways."""
    for hop in chain[: -MOST_HOPS - 1 : -1]:
        if _gateway(hop, zone):
            return True
        if not _listed(hop, rows(zone.get("proxies"), "zone.proxies"), "zone.proxies"):
            return False
    return False


def _within(origin: Origin, zone: Zone) -> bool:
    kind = zone.get("type", "IP")
    if kind == "IP":
        return _through(origin.chain, zone)
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

"""Network zones: addresses or places that policies name."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from twin.wire import Response
from twin.world.saas.okta.body import object_of, verify
from twin.world.saas.okta.criteria import compile_criteria
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.policy_shapes import filled
from twin.world.saas.okta.shapes import READ_ONLY, Check, boolean, choice, listing, nullable, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

ZONES = "/api/v1/zones"
SIZE = Size(10_000, 10_000)
MOST_ADDRESSES = 150  # https://help.okta.com/en-us/content/topics/security/network/about-network-zones.htm


def address(at: str, value: Any) -> Iterator[str]:
    """Accept a CIDR block or a range of addresses of one family."""
    if not isinstance(value, dict) or value.get("type") not in ("CIDR", "RANGE"):
        yield f"{at}: type must be CIDR or RANGE"
        return
    try:
        if value["type"] == "CIDR":
            ipaddress.ip_network(str(value.get("value")), strict=False)
        else:
            first, _, last = str(value.get("value")).partition("-")
            if int(ipaddress.ip_address(first.strip())) > int(ipaddress.ip_address((last or first).strip())):
                yield f"{at}: the range runs backwards"
    except ValueError:
        yield f"{at}: '{value.get('value')}' is not a valid {value['type']}"


COMMON: dict[str, Check] = READ_ONLY | {
    "name": text(least=1, most=128),
    "usage": choice("POLICY", "BLOCKLIST"),
    "type": choice("IP", "DYNAMIC", "DYNAMIC_V2"),
}
ADDRESSES = nullable(listing(address, most=MOST_ADDRESSES))
ASNS = listing(text(least=1, pattern=r"\d+"), most=75)
PLACE = record("country", country=text(least=2, most=2), region=nullable(text()))
PLACES = nullable(listing(PLACE, most=75))
SHAPES = {
    "IP": record("name", **COMMON, gateways=ADDRESSES, proxies=ADDRESSES, useAsExemptList=boolean),
    "DYNAMIC": record(
        "name", **COMMON, asns=ASNS, locations=PLACES, proxyType=choice("null", "Any", "Tor", "NotTorAnonymizer")
    ),
    "DYNAMIC_V2": record(
        "name",
        **COMMON,
        asns=record(include=ASNS, exclude=ASNS),
        locations=record(include=PLACES, exclude=PLACES),
        ipServiceCategories=record(include=listing(text()), exclude=listing(text())),
    ),
}
FIELDS = {
    "IP": ("gateways", "proxies"),
    "DYNAMIC": ("asns", "locations", "proxyType"),
    "DYNAMIC_V2": ("asns", "locations", "ipServiceCategories"),
}
ENHANCED_EMPTY: Record = {name: {"include": [], "exclude": []} for name in FIELDS["DYNAMIC_V2"]}
EMPTY: Record = {"asns": [], "gateways": None, "proxies": None, "locations": None, "proxyType": None}


def render_zone(hit: Hit, zone: Record) -> Record:
    """Return a zone with its links."""
    href = f"{base(hit)}{ZONES}/{zone['id']}"
    return {**zone, "_links": {"self": link(href, "GET", "PUT", "DELETE"), **lifecycle(href, zone["status"])}}


def _validated(org: Org, hit: Hit, zone_id: str = "") -> Record:
    body = object_of(hit)
    kind = str(body.get("type"))
    if kind not in SHAPES:
        refuse("type", "type: The field must be IP, DYNAMIC or DYNAMIC_V2")
    verify(body, SHAPES[kind], "networkZone")
    if any(zone["name"] == body["name"] and zone["id"] != zone_id for zone in org.zones.values()):
        refuse("name", "name: An object with this field already exists in the current organization")
    return body


def zone_fields(body: Record) -> Record:
    """Return the stored fields of a zone, those of its type only."""
    empty = ENHANCED_EMPTY if body["type"] == "DYNAMIC_V2" else EMPTY
    given = {name: filled(empty.get(name), body.get(name)) for name in FIELDS[body["type"]]}
    shown = {name: value for name, value in given.items() if value is not None or name in ("gateways", "proxies")}
    return {"type": body["type"], "name": body["name"], "usage": body.get("usage", "POLICY"), **shown}


@ROUTER.route("POST", ZONES)
def create_zone(org: Org, hit: Hit) -> Response:
    """Create a zone; it is ACTIVE at once."""
    fields = zone_fields(_validated(org, hit))
    zone = org.new("nzo", status="ACTIVE", system=False) | fields
    org.zones[zone["id"]] = zone
    log(org, "zone.create", target("NetworkZone", zone))
    _log_usage(org, zone, "POLICY")
    return json_response(200, render_zone(hit, zone))


@ROUTER.route("GET", ZONES)
def list_zones(org: Org, hit: Hit) -> Response:
    """List zones, filtered by `id` or `usage`."""
    rows, criteria = list(org.zones.values()), hit.query.get("filter", "")
    if criteria:
        test = compile_criteria(criteria, r"id|usage|status|type|system", operators="eq")
        rows = [zone for zone in rows if test(zone)]
    return page(hit, rows, lambda zone: render_zone(hit, zone), SIZE)


def _zone(org: Org, hit: Hit) -> Record:
    return find(org.zones, hit.path["zone_id"], "NetworkZone")


@ROUTER.route("GET", f"{ZONES}/<zone_id>")
def get_zone(org: Org, hit: Hit) -> Response:
    """Return one zone."""
    return json_response(200, render_zone(hit, _zone(org, hit)))


@ROUTER.route("PUT", f"{ZONES}/<zone_id>")
def replace_zone(org: Org, hit: Hit) -> Response:
    """Replace a zone; its type stays, a system zone keeps its name too."""
    zone = _zone(org, hit)
    body = _validated(org, hit, zone["id"])
    if body["type"] != zone["type"] or (zone["system"] and body["name"] != zone["name"]):
        refuse("type", "type: The type of a zone and the name of a system zone cannot be changed")
    before = zone["usage"]
    for name in FIELDS[zone["type"]]:
        zone.pop(name, None)
    zone |= zone_fields(body)
    org.touch(zone)
    log(org, "zone.update", target("NetworkZone", zone))
    _log_usage(org, zone, before)
    return json_response(200, render_zone(hit, zone))


def _log_usage(org: Org, zone: Record, before: str) -> None:
    if zone["usage"] != before:
        event = "zone.make_blacklist" if zone["usage"] == "BLOCKLIST" else "zone.remove_blacklist"
        log(org, event, target("NetworkZone", zone))


@ROUTER.route("DELETE", f"{ZONES}/<zone_id>")
def delete_zone(org: Org, hit: Hit) -> Response:
    """Delete a zone that is no system zone and that no policy rule names."""
    zone = _zone(org, hit)
    if zone["system"]:
        refuse("delete", "delete: A system zone cannot be deleted")
    _refuse_while_used(org, zone)
    del org.zones[zone["id"]]
    log(org, "zone.delete", target("NetworkZone", zone))
    return Response(204)


def _refuse_while_used(org: Org, zone: Record) -> None:
    for rules in org.policy_rules.values():
        for rule in rules.values():
            network = (rule.get("conditions") or {}).get("network") or {}
            if zone["id"] in [*network.get("include", []), *network.get("exclude", [])]:
                refuse("networkZone", f"networkZone: The zone is used by the policy rule {rule['name']}")


@ROUTER.route("POST", f"{ZONES}/<zone_id>/lifecycle/activate")
def activate_zone(org: Org, hit: Hit) -> Response:
    """Activate a zone."""
    return _set_status(org, hit, "ACTIVE", "zone.activate")


@ROUTER.route("POST", f"{ZONES}/<zone_id>/lifecycle/deactivate")
def deactivate_zone(org: Org, hit: Hit) -> Response:
    """Deactivate a zone that no policy rule names."""
    _refuse_while_used(org, _zone(org, hit))
    return _set_status(org, hit, "INACTIVE", "zone.deactivate")


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    zone = _zone(org, hit)
    if zone["status"] != status:
        zone["status"] = status
        org.touch(zone)
        log(org, event, target("NetworkZone", zone))
    return json_response(200, render_zone(hit, zone))

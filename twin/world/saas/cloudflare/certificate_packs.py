"""Certificates of a zone at the edge: the universal one that comes by itself, and advanced ones that are ordered."""

from datetime import datetime, timedelta
from typing import Any

from twin.wire import Response
from twin.world.ids import Ids
from twin.world.saas.cloudflare.body import object_body, required, typed
from twin.world.saas.cloudflare.envelope import refusal, stamp, success
from twin.world.saas.cloudflare.listing import choice, paged
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State, Zone
from twin.world.saas.router import Hit

Pack = dict[str, Any]

PACKS = "/zones/{zone_id}/ssl/certificate_packs"
# ssl/reference/certificate-validity-periods: 90 days, renewed 30 days before their end.
VALID, RENEWED = timedelta(days=90), timedelta(days=60)
METHODS = ("txt", "http", "email")
DAYS = (14, 30, 90, 365)
AUTHORITIES = ("google", "lets_encrypt", "ssl_com")
ADVANCED_QUOTA = {"enterprise": 100}  # ssl/edge-certificates/advanced-certificate-manager: the add-on's quota


def issue_universal(zone: Zone) -> None:
    """Give an active zone its universal certificate: apex and one level of names."""
    pack_id = Ids(f"universal:{zone.id}").hex()
    zone.packs[pack_id] = {
        "id": pack_id,
        "type": "universal",
        "hosts": [f"*.{zone.name}", zone.name],
        "status": "active",
        "validation_method": "txt",
        "validity_days": VALID.days,
        "certificate_authority": "google",
        "cloudflare_branding": False,
    }


def packs_of(state: State, zone: Zone) -> list[Pack]:
    """Return the packs of a zone that serve, as they stand now: without Universal SSL only ordered ones."""
    rows = [pack for pack in zone.packs.values() if zone.universal or pack["type"] != "universal"]
    return [_shown(state, zone, pack) for pack in rows]


def _shown(state: State, zone: Zone, pack: Pack) -> Pack:
    """Return a pack with its certificate; those that Cloudflare manages are renewed as the clock goes."""
    begun = zone.activated_on or zone.created_on
    if "begun" in pack:
        begun = datetime.fromisoformat(pack["begun"])
    terms = max(0, (state.clock.now() - begun) // RENEWED)
    issued = begun + terms * RENEWED
    certificate = {
        "id": pack["id"],
        "hosts": pack["hosts"],
        "issuer": "GoogleTrustServices" if pack["certificate_authority"] == "google" else pack["certificate_authority"],
        "signature": "ECDSAWithSHA256",
        "status": pack["status"],
        "bundle_method": "ubiquitous",
        "zone_id": zone.id,
        "uploaded_on": stamp(issued),
        "modified_on": stamp(issued),
        "expires_on": stamp(issued + VALID),
        "priority": 0,
    }
    kept = {name: value for name, value in pack.items() if name != "begun"}
    return {**kept, "certificates": [certificate], "primary_certificate": certificate["id"]}


def _find(state: State, hit: Hit) -> tuple[Zone, Pack]:
    zone = state.zone(hit)
    pack = zone.packs.get(hit.path["certificate_pack_id"])
    if pack is None or (pack["type"] == "universal" and not zone.universal):
        raise refusal("unknown-pack")
    return zone, pack


@route("GET", PACKS)
def list_packs(state: State, hit: Hit) -> Response:
    """List the packs: those that serve, or all of them."""
    zone, wanted = state.zone(hit), choice(hit, "status", ("all", "active"), "active")
    rows = [pack for pack in packs_of(state, zone) if wanted == "all" or pack["status"] == "active"]
    return paged(hit, rows, per_page=20, limits=(5, 50))


@route("GET", f"{PACKS}/quota")
def get_quota(state: State, hit: Hit) -> Response:
    """Show how many advanced packs there may be."""
    zone = state.zone(hit)
    used = sum(pack["type"] == "advanced" for pack in zone.packs.values())
    return success({"advanced": {"allocated": ADVANCED_QUOTA.get(zone.plan, 0), "used": used}})


@route("POST", f"{PACKS}/order")
def order_pack(state: State, hit: Hit) -> Response:
    """Order an advanced pack, which takes Advanced Certificate Manager; names of the zone validate at once."""
    zone, body = state.zone(hit), object_body(hit)
    used = sum(pack["type"] == "advanced" for pack in zone.packs.values())
    if used >= ADVANCED_QUOTA.get(zone.plan, 0):
        raise refusal("certificate-entitlement")
    pack = {
        "id": Ids(f"pack:{zone.id}:{len(zone.packs)}:{state.clock.now().isoformat()}").hex(),
        "type": _one_of(body, "type", ("advanced",)),
        "hosts": _hosts(zone, required(body, "hosts", "list")),
        "status": "active",
        "validation_method": _one_of(body, "validation_method", METHODS),
        "validity_days": _one_of(body, "validity_days", DAYS),
        "certificate_authority": _one_of(body, "certificate_authority", AUTHORITIES),
        "cloudflare_branding": bool(typed(body, "cloudflare_branding", "boolean", False)),
        "begun": state.clock.now().isoformat(),
    }
    zone.packs[pack["id"]] = pack
    return success(_shown(state, zone, pack))


def _one_of(body: dict[str, Any], name: str, allowed: tuple[Any, ...]) -> Any:
    value = required(body, name, "integer" if isinstance(allowed[0], int) else "text")
    if value not in allowed:
        raise refusal("certificate-value", reason=f"{name} must be one of {', '.join(map(str, allowed))}")
    return value


def _hosts(zone: Zone, hosts: list[Any]) -> list[str]:
    if zone.name not in hosts or len(hosts) > 50:
        raise refusal("certificate-value", reason="hosts must have the zone's apex, and no more than 50 names")
    for host in hosts:
        if not isinstance(host, str) or not (host == zone.name or host.endswith(f".{zone.name}")):
            raise refusal("certificate-value", reason=f"{host} is not in the zone")
    return [str(host) for host in hosts]


@route("GET", f"{PACKS}/{{certificate_pack_id}}")
def get_pack(state: State, hit: Hit) -> Response:
    """Show a pack."""
    return success(_shown(state, *_find(state, hit)))


@route("PATCH", f"{PACKS}/{{certificate_pack_id}}")
def restart_validation(state: State, hit: Hit) -> Response:
    """Validate a pack again; one that serves goes on serving."""
    return success(_shown(state, *_find(state, hit)))


@route("DELETE", f"{PACKS}/{{certificate_pack_id}}")
def delete_pack(state: State, hit: Hit) -> Response:
    """Delete an advanced pack; the universal one is switched off instead."""
    zone, pack = _find(state, hit)
    if pack["type"] == "universal":
        raise refusal("certificate-value", reason="a universal pack is disabled in the Universal SSL settings")
    del zone.packs[pack["id"]]
    return success({"id": pack["id"]})


@route("GET", "/zones/{zone_id}/ssl/universal/settings")
def get_universal(state: State, hit: Hit) -> Response:
    """Show whether the zone has Universal SSL."""
    return success({"enabled": state.zone(hit).universal})


@route("PATCH", "/zones/{zone_id}/ssl/universal/settings")
def edit_universal(state: State, hit: Hit) -> Response:
    """Switch Universal SSL on or off; without it, names that no other pack covers have no https."""
    zone, body = state.zone(hit), object_body(hit)
    zone.universal = required(body, "enabled", "boolean")
    return success({"enabled": zone.universal})

"""Zones: created pending, activated by an activation check, changed one property at a time, deleted whole."""

import re
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.body import object_body, required, typed
from twin.world.saas.cloudflare.certificate_packs import issue_universal
from twin.world.saas.cloudflare.envelope import refusal, stamp, success
from twin.world.saas.cloudflare.listing import combine, operator_test, ordered, paged
from twin.world.saas.cloudflare.permissions import may
from twin.world.saas.cloudflare.reference import plan_limits, reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.settings import development_seconds
from twin.world.saas.cloudflare.state import State, Token, Zone
from twin.world.saas.router import Hit

NAME = re.compile(r"([a-z0-9][-a-z0-9]*\.)+[-a-z0-9]{2,20}")
TYPES = ("full", "partial", "secondary", "internal")
ORDERS = ("name", "status", "account.id", "account.name", "plan.name")
PERMISSIONS = ["#dns_records:edit", "#dns_records:read", "#zone:edit", "#zone:read", "#zone_settings:edit"]


def _plan(zone: Zone) -> dict[str, Any]:
    limits = plan_limits(zone.plan)
    return {
        "id": limits["id"],
        "name": limits["name"],
        "price": limits["price"],
        "currency": "USD",
        "frequency": "monthly" if limits["price"] else "",
        "is_subscribed": bool(limits["price"]),
        "can_subscribe": False,
        "legacy_id": zone.plan,
        "legacy_discount": False,
        "externally_managed": False,
    }


def shown_zone(state: State, zone: Zone) -> dict[str, Any]:
    """Return a zone as the API shows it."""
    shown = {
        "id": zone.id,
        "name": zone.name,
        "status": zone.status,
        "paused": zone.paused,
        "type": zone.type,
        "development_mode": development_seconds(state, zone),
        "name_servers": list(zone.name_servers),
        "original_name_servers": None,
        "original_registrar": None,
        "original_dnshost": None,
        "modified_on": stamp(zone.modified_on),
        "created_on": stamp(zone.created_on),
        "activated_on": stamp(zone.activated_on) if zone.activated_on else None,
        "meta": {
            "step": 4 if zone.status == "active" else 2,
            "custom_certificate_quota": 0 if zone.plan in ("free", "pro") else 1,
            "page_rule_quota": plan_limits(zone.plan)["page_rules"],
            "phishing_detected": False,
        },
        "owner": {"id": state.account_id, "type": "organization", "name": state.account_name},
        "account": {"id": state.account_id, "name": state.account_name},
        "tenant": {"id": None, "name": None},
        "tenant_unit": {"id": None},
        "permissions": PERMISSIONS,
        "plan": _plan(zone),
    }
    if zone.vanity_name_servers:
        shown["vanity_name_servers"] = list(zone.vanity_name_servers)
    return shown


def _filters(hit: Hit, row: dict[str, Any]) -> list[bool]:
    texts = {
        "name": row["name"],
        "account.id": row["account"]["id"],
        "account.name": row["account"]["name"],
        "status": row["status"],
        "type": row["type"],
    }
    return [operator_test(text, hit.query[name]) for name, text in texts.items() if name in hit.query]


def _seen(state: State, token: Token, zone: Zone) -> bool:
    return any(may(state, token, name, zone_id=zone.id) for name in ("Zone Read", "Zone Write"))


@route("GET", "/zones")
def list_zones(state: State, hit: Hit) -> Response:
    """List the zones that the token may see, filtered, ordered, paged."""
    rows = [shown_zone(state, zone) for zone in state.zones.values() if _seen(state, hit.principal, zone)]
    rows = [row for row in rows if combine(hit, _filters(hit, row))]
    return paged(hit, ordered(hit, rows, ORDERS, "name"), per_page=20, limits=(5, 50))


def _new_name(state: State, name: str) -> str:
    name = name.lower().rstrip(".")
    if len(name) > 253 or not NAME.fullmatch(name):
        raise refusal("bad-zone-name")
    for zone in state.zones.values():
        if zone.name == name:
            raise refusal("zone-exists", name=name)
        if name.endswith("." + zone.name) and zone.plan != "enterprise":
            raise refusal("zone-is-subdomain")
    return name


def _allowed_type(kind: str, plan: str) -> str:
    if kind not in TYPES:
        raise refusal("bad-field", field="type", reason=f"must be one of {', '.join(TYPES)}")
    if kind != "full" and not (plan_limits(plan)["partial_zones"] and (kind == "partial" or plan == "enterprise")):
        raise refusal("zone-type", type=kind, plan=plan)
    return kind


@route("POST", "/zones")
def create_zone(state: State, hit: Hit) -> Response:
    """Add a zone; it is pending until its activation is checked."""
    body = object_body(hit)
    account = typed(body, "account", "object", {})
    if account.get("id", state.account_id) != state.account_id:
        raise refusal("authentication")
    name = _new_name(state, required(body, "name", "text"))
    kind = _allowed_type(typed(body, "type", "text", "full"), state.zone_plan)
    now = state.clock.now()
    zone = Zone(
        id=state.ids.hex(),
        name=name,
        type=kind,
        plan=state.zone_plan,
        name_servers=list(state.name_servers),
        created_on=now,
        modified_on=now,
    )
    state.zones[zone.id] = zone
    return success(shown_zone(state, zone))


@route("GET", "/zones/{zone_id}")
def get_zone(state: State, hit: Hit) -> Response:
    """Show a zone."""
    return success(shown_zone(state, state.zone(hit)))


def _plan_named(state: State, wanted: dict[str, Any]) -> str:
    for name, limits in reference("plans", "plans").items():
        if wanted.get("id") in (limits["id"], name):
            return str(name)
    raise refusal("unknown-plan")


def _vanity(zone: Zone, names: list[Any]) -> list[str]:
    if zone.plan not in ("business", "enterprise"):
        raise refusal("setting-plan", id="vanity_name_servers")
    if not all(isinstance(name, str) and NAME.fullmatch(name) for name in names):
        raise refusal("bad-field", field="vanity_name_servers", reason="must be host names")
    return [str(name) for name in names]


@route("PATCH", "/zones/{zone_id}")
def edit_zone(state: State, hit: Hit) -> Response:
    """Change one property: `paused`, `type`, `plan` or `vanity_name_servers`."""
    zone, body = state.zone(hit), object_body(hit)
    if len(body) != 1:
        raise refusal("zone-one-field")
    if "paused" in body:
        zone.paused = required(body, "paused", "boolean")
    elif "type" in body:
        zone.type = _allowed_type(required(body, "type", "text"), zone.plan)
    elif "plan" in body:
        zone.plan = _plan_named(state, required(body, "plan", "object"))
    elif "vanity_name_servers" in body:
        zone.vanity_name_servers = _vanity(zone, required(body, "vanity_name_servers", "list"))
    else:
        raise refusal("zone-field", field=next(iter(body)))
    zone.modified_on = state.clock.now()
    return success(shown_zone(state, zone))


@route("DELETE", "/zones/{zone_id}")
def delete_zone(state: State, hit: Hit) -> Response:
    """Delete a zone with its records, settings, rulesets and load balancers."""
    zone = state.zone(hit)
    del state.zones[zone.id]
    state.rulesets.pop(f"zones/{zone.id}", None)
    return success({"id": zone.id})


@route("PUT", "/zones/{zone_id}/activation_check")
def check_activation(state: State, hit: Hit) -> Response:
    """Check the delegation of a pending zone; in the twin every registrar follows at once, so it turns active."""
    zone = state.zone(hit)
    if zone.status == "pending":
        zone.status, zone.activated_on = "active", state.clock.now()
        zone.modified_on = state.clock.now()
        issue_universal(zone)
    return success({"id": zone.id})

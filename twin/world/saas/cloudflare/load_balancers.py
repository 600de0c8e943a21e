"""Load balancers of a zone: which pools answer for a host name, and how one is chosen."""

from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.body import matches, object_body
from twin.world.saas.cloudflare.dns_content import record_name
from twin.world.saas.cloudflare.envelope import refusal, stamp, success
from twin.world.saas.cloudflare.expressions import flaw
from twin.world.saas.cloudflare.monitors import invalid, same_kind
from twin.world.saas.cloudflare.pools import MAXIMUM, REGIONS, pools_named
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State, Zone
from twin.world.saas.router import Hit

Balancer = dict[str, Any]

STEERING = ("off", "geo", "random", "dynamic_latency", "proximity", "least_outstanding_requests", "least_connections")
AFFINITIES = ("none", "cookie", "ip_cookie", "header")
DEFAULTS: Balancer = {
    "name": "",
    "description": "",
    "enabled": True,
    "proxied": False,
    "default_pools": [],
    "fallback_pool": "",
    "region_pools": {},
    "country_pools": {},
    "pop_pools": {},
    "session_affinity": "none",
    "session_affinity_attributes": {},
    "rules": [],
}
OPTIONAL: Balancer = {
    "ttl": 30,
    "steering_policy": "",
    "session_affinity_ttl": 0,
    "adaptive_routing": {},
    "location_strategy": {},
    "random_steering": {},
    "networks": [],
}
READ_ONLY = ("id", "created_on", "modified_on", "zone_name")
OVERRIDES = {**DEFAULTS, **OPTIONAL}
RULE_FIELDS: dict[str, Any] = {
    "name": "",
    "condition": "",
    "disabled": False,
    "terminates": False,
    "priority": 0,
    "overrides": {},
    "fixed_response": {},
}


def _checked(state: State, zone: Zone, given: Balancer, own_id: str | None) -> Balancer:
    known = {**DEFAULTS, **OPTIONAL}
    for name, value in given.items():
        if name in READ_ONLY or value is None:
            continue
        if name not in known:
            raise invalid(f"unknown field {name}")
        same_kind(name, value, known[name])
    balancer = {**DEFAULTS, **{name: given[name] for name in known if given.get(name) is not None}}
    balancer["name"] = _name(zone, balancer["name"], own_id)
    _check_pools(state, balancer)
    _check_steering(balancer)
    for index, rule in enumerate(balancer["rules"]):
        _check_rule(state, rule, index)
    return balancer


def _name(zone: Zone, text: str, own_id: str | None) -> str:
    name = record_name(zone, text or None)
    taken = (other["id"] for other in zone.load_balancers.values() if other["name"] == name)
    if any(other != own_id for other in taken):
        raise refusal("lb-name-taken", kind="load balancer", name=name)
    return name


def _check_pools(state: State, balancer: Balancer) -> None:
    if not balancer["default_pools"]:
        raise invalid("default_pools must have at least one pool")
    if not balancer["fallback_pool"]:
        raise invalid("fallback_pool is required")
    _check_pool_ids(state, balancer)
    for region in balancer["region_pools"]:
        if region not in REGIONS or region == "ALL_REGIONS":
            raise invalid(f"region '{region}' does not exist")


def _check_pool_ids(state: State, holder: dict[str, Any]) -> None:
    lists = {"default_pools": holder.get("default_pools", [])}
    for name in ("region_pools", "country_pools", "pop_pools"):
        lists |= {f"{name}/{place}": ids for place, ids in holder.get(name, {}).items()}
    for name, ids in lists.items():
        if not isinstance(ids, list) or not all(isinstance(pool_id, str) for pool_id in ids):
            raise invalid(f"{name} must be a list of pools")
    plain = {**holder, "rules": []}
    for pool_id in sorted(pools_named(plain)):
        if pool_id not in state.pools:
            raise invalid(f"pool '{pool_id}' does not exist")


def _check_steering(balancer: Balancer) -> None:
    balancer["session_affinity"] = balancer["session_affinity"] or "none"
    if balancer["session_affinity"] not in AFFINITIES:
        raise invalid(f"session_affinity must be one of {', '.join(AFFINITIES)}")
    if not balancer.get("steering_policy"):
        geographic = any(balancer[name] for name in ("region_pools", "country_pools", "pop_pools"))
        balancer["steering_policy"] = "geo" if geographic else "off"
    if balancer["steering_policy"] not in STEERING:
        raise invalid(f"steering_policy must be one of {', '.join(STEERING)}")
    if balancer["proxied"]:
        balancer.pop("ttl", None)
        return
    if balancer["session_affinity"] != "none":
        raise invalid("session_affinity requires a proxied load balancer")
    balancer.setdefault("ttl", 30)
    if not 10 <= balancer["ttl"] <= 3600:
        raise invalid("ttl is not in range [10, 3600]")


def _check_rule(state: State, rule: Any, index: int) -> None:
    if not isinstance(rule, dict):
        raise invalid(f"rule {index} must be an object")
    for name, value in rule.items():
        if name not in RULE_FIELDS:
            raise invalid(f"unknown field {name} in rule {index}")
        if value is not None:
            same_kind(f"rule {index} {name}", value, RULE_FIELDS[name])
    if not rule.get("name"):
        raise invalid(f"rule {index} has no name")
    wrong = flaw(rule["condition"]) if rule.get("condition") else None
    if wrong:
        raise invalid(f"rule {index} condition: {wrong}")
    overrides = rule.get("overrides") or {}
    for name, value in overrides.items():
        if name not in OVERRIDES:
            raise invalid(f"unknown override {name} in rule {index}")
        same_kind(f"rule {index} {name}", value, OVERRIDES[name])
    _check_pool_ids(state, overrides)
    status = (rule.get("fixed_response") or {}).get("status_code", 200)
    if not matches(status, "integer") or not 200 <= status <= 599:
        raise invalid(f"rule {index} status_code is not in range [200, 599]")


def _find(state: State, hit: Hit) -> tuple[Zone, Balancer]:
    zone = state.zone(hit)
    balancer = zone.load_balancers.get(hit.path["load_balancer_id"])
    if balancer is None:
        raise refusal("lb-not-found")
    return zone, balancer


def _stored(state: State, zone: Zone, old: Balancer, given: Balancer) -> Response:
    balancer = _checked(state, zone, given, old["id"])
    balancer |= {"id": old["id"], "zone_name": zone.name, "created_on": old["created_on"]}
    balancer["modified_on"] = stamp(state.clock.now())
    zone.load_balancers[old["id"]] = balancer
    return success(balancer)


@route("GET", "/zones/{zone_id}/load_balancers")
def list_load_balancers(state: State, hit: Hit) -> Response:
    """List the load balancers of a zone."""
    return success(list(state.zone(hit).load_balancers.values()))


@route("POST", "/zones/{zone_id}/load_balancers")
def create_load_balancer(state: State, hit: Hit) -> Response:
    """Create a load balancer for a host name of the zone."""
    zone, given = state.zone(hit), object_body(hit)
    _checked(state, zone, given, None)
    if sum(len(other.load_balancers) for other in state.zones.values()) >= MAXIMUM:
        raise refusal("lb-quota", kind="load balancer", limit=MAXIMUM)
    return _stored(state, zone, {"id": state.ids.hex(), "created_on": stamp(state.clock.now())}, given)


@route("GET", "/zones/{zone_id}/load_balancers/{load_balancer_id}")
def get_load_balancer(state: State, hit: Hit) -> Response:
    """Show a load balancer."""
    return success(_find(state, hit)[1])


@route("PUT", "/zones/{zone_id}/load_balancers/{load_balancer_id}")
def replace_load_balancer(state: State, hit: Hit) -> Response:
    """Replace a load balancer; what is not given falls back to its default."""
    zone, old = _find(state, hit)
    return _stored(state, zone, old, object_body(hit))


@route("PATCH", "/zones/{zone_id}/load_balancers/{load_balancer_id}")
def edit_load_balancer(state: State, hit: Hit) -> Response:
    """Change parts of a load balancer."""
    zone, old = _find(state, hit)
    return _stored(state, zone, old, {**old, **object_body(hit)})


@route("DELETE", "/zones/{zone_id}/load_balancers/{load_balancer_id}")
def delete_load_balancer(state: State, hit: Hit) -> Response:
    """Delete a load balancer."""
    zone, balancer = _find(state, hit)
    del zone.load_balancers[balancer["id"]]
    return success({"id": balancer["id"]})

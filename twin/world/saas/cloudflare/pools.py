"""Load balancing pools of the account: origins, how they are checked, and the health that follows."""

import re
from typing import Any

from twin.semantics.edge.health import pool_state
from twin.wire import Response
from twin.world.saas.cloudflare.body import matches, object_body
from twin.world.saas.cloudflare.dns_content import host_name
from twin.world.saas.cloudflare.envelope import refusal, stamp, success
from twin.world.saas.cloudflare.monitors import invalid, same_kind
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

Pool = dict[str, Any]

REGIONS = ("WNAM", "ENAM", "WEU", "EEU", "NSAM", "SSAM", "OC", "ME", "NAF", "SAF", "SAS", "SEAS", "NEAS", "ALL_REGIONS")
STEERING = ("random", "hash", "least_outstanding_requests", "least_connections")
DEFAULTS: Pool = {
    "name": "",
    "description": "",
    "enabled": True,
    "minimum_origins": 1,
    "origins": [],
    "notification_email": "",
}
OPTIONAL: Pool = {
    "monitor": "",
    "check_regions": [],
    "latitude": 0.0,
    "longitude": 0.0,
    "load_shedding": {},
    "notification_filter": {},
    "origin_steering": {},
}
ORIGIN: dict[str, Any] = {
    "name": "",
    "address": "",
    "enabled": True,
    "weight": 1.0,
    "header": {},
    "virtual_network_id": "",
    "port": 0,
}
READ_ONLY = ("id", "created_on", "modified_on", "disabled_at", "healthy", "networks")
NAME = re.compile(r"[A-Za-z0-9_-]+")
MAXIMUM = 20  # pools and load balancers each, below Enterprise: load-balancing/reference/limitations


def _origin(state: State, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise invalid("an origin must be an object")
    for name, value in given.items():
        if name in ("disabled_at", "flatten_cname") or value is None:
            continue
        if name not in ORIGIN:
            raise invalid(f"unknown origin field {name}")
        same_kind(f"origin {name}", value, ORIGIN[name])
    origin = {name: given[name] for name in ORIGIN if given.get(name) is not None}
    origin = {"enabled": True, "weight": 1, **origin}
    if not origin.get("name"):
        raise invalid("origin name is required")
    if not _is_address(origin.get("address")):
        raise invalid(f"origin address '{origin.get('address', '')}' is neither an IP address nor a host name")
    if not 0 <= origin["weight"] <= 1:
        raise invalid("origin weight is not in range [0, 1]")
    if not 0 <= origin.get("port", 0) <= 65535:
        raise invalid("origin port is not in range [0, 65535]")
    if not origin["enabled"]:
        origin["disabled_at"] = stamp(state.clock.now())
    return origin


def _is_address(text: object) -> bool:
    if isinstance(text, str) and ":" in text:
        return re.fullmatch(r"[0-9a-fA-F:.]+", text) is not None
    name = host_name(text)
    if name is None or "." not in name:
        return False
    parts = name.split(".")
    return not parts[-1].isdigit() or (len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts))


def _checked(state: State, given: Pool, own_id: str | None) -> Pool:
    for name, value in given.items():
        if name in READ_ONLY or value is None:
            continue
        if name not in DEFAULTS and name not in OPTIONAL:
            raise invalid(f"unknown field {name}")
        same_kind(name, value, {**DEFAULTS, **OPTIONAL}[name])
    known = [*DEFAULTS, *OPTIONAL]
    pool = {**DEFAULTS, "check_regions": None, **{k: given[k] for k in known if given.get(k) is not None}}
    if not NAME.fullmatch(pool["name"]):
        raise invalid("name must have only letters, digits, hyphens and underscores")
    if any(other["name"] == pool["name"] and other["id"] != own_id for other in state.pools.values()):
        raise refusal("lb-name-taken", kind="pool", name=pool["name"])
    _check_origins(state, pool)
    _check_options(state, pool)
    return pool


def _check_origins(state: State, pool: Pool) -> None:
    if not pool["origins"]:
        raise invalid("the origin list length must be in range [1, 200]")
    pool["origins"] = [_origin(state, origin) for origin in pool["origins"]]
    places = [(o["address"], o.get("port", 0), o.get("virtual_network_id")) for o in pool["origins"]]
    if len(set(places)) < len(places):
        raise invalid("origin addresses must be unique")
    if len({origin["name"] for origin in pool["origins"]}) < len(places):
        raise invalid("origin names must be unique")
    if not matches(pool["minimum_origins"], "integer") or not 0 <= pool["minimum_origins"] <= len(places):
        raise invalid(f"minimum_origins is not in range [0, {len(places)}]")


def _check_options(state: State, pool: Pool) -> None:
    if pool.get("monitor") == "":
        del pool["monitor"]
    if "monitor" in pool and pool["monitor"] not in state.monitors:
        raise invalid(f"monitor '{pool['monitor']}' does not exist")
    for region in pool["check_regions"] or []:
        if region not in REGIONS:
            raise invalid(f"check region '{region}' does not exist")
    if pool.get("origin_steering", {}).get("policy", "random") not in STEERING:
        raise invalid(f"origin steering policy must be one of {', '.join(STEERING)}")
    if ("latitude" in pool) != ("longitude" in pool):
        raise invalid("latitude and longitude must be given together")
    if not -90 <= pool.get("latitude", 0) <= 90 or not -180 <= pool.get("longitude", 0) <= 180:
        raise invalid("latitude or longitude is out of range")


def _find(state: State, hit: Hit) -> Pool:
    state.require_account(hit)
    pool = state.pools.get(hit.path["pool_id"])
    if pool is None:
        raise refusal("lb-not-found")
    return pool


def _stored(state: State, old: Pool, given: Pool) -> Pool:
    now = stamp(state.clock.now())
    pool = {**_checked(state, given, old["id"]), "id": old["id"], "created_on": old["created_on"], "modified_on": now}
    if not pool["enabled"]:
        pool["disabled_at"] = old.get("disabled_at", now)
    state.pools[old["id"]] = pool
    return pool


@route("GET", "/accounts/{account_id}/load_balancers/pools")
def list_pools(state: State, hit: Hit) -> Response:
    """List pools, all or those that use a monitor."""
    state.require_account(hit)
    wanted = hit.query.get("monitor")
    return success([pool for pool in state.pools.values() if wanted is None or pool.get("monitor") == wanted])


@route("POST", "/accounts/{account_id}/load_balancers/pools")
def create_pool(state: State, hit: Hit) -> Response:
    """Create a pool."""
    state.require_account(hit)
    given = object_body(hit)
    _checked(state, given, None)
    if len(state.pools) >= MAXIMUM:
        raise refusal("lb-quota", kind="pool", limit=MAXIMUM)
    return success(_stored(state, {"id": state.ids.hex(), "created_on": stamp(state.clock.now())}, given))


@route("PATCH", "/accounts/{account_id}/load_balancers/pools")
def edit_pools(state: State, hit: Hit) -> Response:
    """Change the notification address of every pool."""
    state.require_account(hit)
    body = object_body(hit)
    if set(body) != {"notification_email"}:
        raise invalid("notification_email is the one field of this call")
    same_kind("notification_email", body["notification_email"], "")
    pools = sorted(state.pools.values(), key=lambda pool: str(pool["name"]))
    return success([_stored(state, pool, {**pool, **body}) for pool in pools])


@route("GET", "/accounts/{account_id}/load_balancers/pools/{pool_id}")
def get_pool(state: State, hit: Hit) -> Response:
    """Show a pool."""
    return success(_find(state, hit))


@route("PUT", "/accounts/{account_id}/load_balancers/pools/{pool_id}")
def replace_pool(state: State, hit: Hit) -> Response:
    """Replace a pool; what is not given falls back to its default."""
    return success(_stored(state, _find(state, hit), object_body(hit)))


@route("PATCH", "/accounts/{account_id}/load_balancers/pools/{pool_id}")
def edit_pool(state: State, hit: Hit) -> Response:
    """Change parts of a pool."""
    old = _find(state, hit)
    return success(_stored(state, old, {**old, **object_body(hit)}))


def pools_named(balancer: dict[str, Any]) -> set[str]:
    """Return the ids of every pool that a load balancer names, in its rules too."""
    found = set(balancer.get("default_pools", []))
    if balancer.get("fallback_pool"):
        found.add(balancer["fallback_pool"])
    for name in ("region_pools", "country_pools", "pop_pools"):
        for ids in balancer.get(name, {}).values():
            found.update(ids)
    for rule in balancer.get("rules", []):
        found |= pools_named(rule.get("overrides", {}))
    return found


def _referrers(state: State, pool_id: str) -> list[dict[str, Any]]:
    balancers = (balancer for zone in state.zones.values() for balancer in zone.load_balancers.values())
    return [balancer for balancer in balancers if pool_id in pools_named(balancer)]


@route("DELETE", "/accounts/{account_id}/load_balancers/pools/{pool_id}")
def delete_pool(state: State, hit: Hit) -> Response:
    """Delete a pool that no load balancer uses."""
    pool = _find(state, hit)
    if _referrers(state, pool["id"]):
        raise refusal("lb-referenced")
    del state.pools[pool["id"]]
    return success({"id": pool["id"]})


@route("GET", "/accounts/{account_id}/load_balancers/pools/{pool_id}/references")
def list_pool_references(state: State, hit: Hit) -> Response:
    """List the load balancers that use a pool, and the monitor that it uses."""
    pool = _find(state, hit)
    referrers = [
        ("referrer", balancer["id"], balancer["name"], "load_balancer") for balancer in _referrers(state, pool["id"])
    ]
    if "monitor" in pool:
        monitor = state.monitors[pool["monitor"]]
        referrers.append(("referral", monitor["id"], monitor["description"], "monitor"))
    names = ("reference_type", "resource_id", "resource_name", "resource_type")
    return success([dict(zip(names, row, strict=True)) for row in referrers])


@route("GET", "/accounts/{account_id}/load_balancers/pools/{pool_id}/health")
def get_pool_health(state: State, hit: Hit) -> Response:
    """Show what a pool's monitor found last, as one data center per region reports it; nothing without a monitor."""
    pool = _find(state, hit)
    seen = state.health.get(pool["id"], {})
    rows = [
        {
            origin["address"]: {
                "healthy": found["up"],
                "failure_reason": found["reason"] or "No failures",
                "response_code": 0,
            }
        }
        for origin in pool["origins"]
        if (found := seen.get(origin["name"])) is not None
    ]
    regions = pool.get("check_regions") or ["WNAM"]
    healthy = pool_state(pool, {name: found["up"] for name, found in seen.items()}) != "critical"
    report = {region: {"healthy": healthy, "origins": rows} for region in regions} if rows else {}
    return success({"pool_id": pool["id"], "pop_health": report})

"""In which order a load balancer tries its pools.

https://developers.cloudflare.com/load-balancing/understand-basics/traffic-steering/steering-policies/
"""

from math import asin, cos, radians, sin, sqrt
from typing import Any

from twin.semantics.edge.asked import Asked
from twin.semantics.edge.configuration import Row, Zone
from twin.semantics.edge.draws import weighted
from twin.semantics.edge.health import healthy_origins, pool_state

FAR = 1e9


def usable(zone: Zone, pool_id: str) -> bool:
    """Tell whether a pool takes traffic: enabled, and not critical."""
    pool = zone.pools.get(pool_id)
    return pool is not None and pool.get("enabled", True) and pool_state(pool, zone.health.get(pool_id)) != "critical"


def choose(zone: Zone, balancer: Row, asked: Asked) -> tuple[str | None, str]:
    """Return the pool for a request and why; the fallback pool, whatever its health, when none is usable."""
    candidates, said = _candidates(balancer, asked)
    held = [pool_id for pool_id in candidates if usable(zone, pool_id)]
    policy = balancer.get("steering_policy") or "off"
    if policy in ("random", "least_outstanding_requests", "least_connections"):
        chosen = _random(balancer, held, asked)
    elif policy == "proximity":
        chosen = min(held, key=lambda pool_id: distance(zone.pools[pool_id], asked), default=None)
    else:
        # Without measured round trips, dynamic latency goes by the order of the list, as `off` does.
        chosen = held[0] if held else None
    if chosen is not None:
        return chosen, said
    fallback = str(balancer["fallback_pool"])
    if not zone.pools.get(fallback, {}).get("enabled", True):
        return None, "no pool is healthy and the fallback pool is disabled"
    return fallback, "no pool is healthy: fallback pool"


def _candidates(balancer: Row, asked: Asked) -> tuple[list[str], str]:
    """Return the pools of a request's place: of the data center, the country, the region, else the default ones."""
    policy = balancer.get("steering_policy") or "off"
    if policy == "geo":
        for kind, place in (
            ("pop_pools", asked.colo),
            ("country_pools", asked.country),
            ("region_pools", asked.region),
        ):
            pools = (balancer.get(kind) or {}).get(place)
            if pools:
                return list(pools), f"{kind}/{place}"
    return list(balancer["default_pools"]), f"steering {policy}"


def _random(balancer: Row, held: list[str], asked: Asked) -> str | None:
    rule: dict[str, Any] = balancer.get("random_steering") or {}
    weights = rule.get("pool_weights") or {}
    return weighted(
        [(pool, float(weights.get(pool, rule.get("default_weight", 1)))) for pool in held], asked.ray, "pool"
    )


def distance(pool: Row, asked: Asked) -> float:
    """Return the great circle between visitor and pool in km; far where one of the places is not known."""
    if pool.get("latitude") is None or asked.latitude is None or asked.longitude is None:
        return FAR
    one, other = radians(asked.latitude), radians(float(pool["latitude"]))
    across = radians(float(pool["longitude"]) - asked.longitude)
    half = sin((other - one) / 2) ** 2 + cos(one) * cos(other) * sin(across / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def origins_of(zone: Zone, pool_id: str, asked: Asked) -> list[Row]:
    """Return a pool's origins in the order in which they are tried: the healthy ones first, drawn by weight.

    https://developers.cloudflare.com/load-balancing/understand-basics/traffic-steering/origin-level-steering/
    """
    pool = zone.pools[pool_id]
    held = healthy_origins(pool, zone.health.get(pool_id)) or healthy_origins(pool, None)
    policy = (pool.get("origin_steering") or {}).get("policy", "random")
    draw = asked.ip if policy == "hash" else asked.ray
    ordered: list[Row] = []
    left = [(origin, float(origin.get("weight", 1))) for origin in held]
    while (chosen := weighted(left, draw, "origin", str(len(ordered)))) is not None:
        ordered.append(chosen)
        left = [item for item in left if item[0] is not chosen]
    return ordered

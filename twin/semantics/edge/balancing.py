"""A load balancer's decision for a request: its rules, session affinity, the pool, the origins to try."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from twin.semantics.edge.asked import Asked
from twin.semantics.edge.configuration import Row, Zone
from twin.semantics.edge.draws import weighted
from twin.semantics.edge.expressions import holds
from twin.semantics.edge.health import healthy_origins
from twin.semantics.edge.steering import choose, origins_of, usable
from twin.semantics.rules import RuleError
from twin.semantics.rules.values import Fields

COOKIE = "__cflb"


@dataclass(frozen=True)
class Balanced:
    """The pool and the origins in the order in which they are tried; a fixed response instead where a rule says so."""

    said: str
    pool: str = ""
    origins: tuple[Row, ...] = ()
    fixed: dict[str, Any] = field(default_factory=dict)
    cookie: str = ""
    """The Set-Cookie line that binds the visitor to the first origin."""


def balance(zone: Zone, balancer: Row, asked: Asked, fields: Fields) -> Balanced:
    """Decide for a request."""
    ruled, fixed = _ruled(zone, balancer, fields)
    if fixed is not None:
        return Balanced("fixed response", fixed=fixed)
    kind = ruled.get("session_affinity") or "none"
    held = _held(zone, ruled, asked) if kind in ("cookie", "ip_cookie") else None
    if held is not None:
        return Balanced(f"session affinity {kind}", *held)
    pool, said = choose(zone, ruled, asked)
    if pool is None:
        return Balanced(said)
    origins = origins_of(zone, pool, asked)
    if kind == "ip_cookie":
        origins = _pinned(origins, asked.ip)
    elif kind == "header":
        names = (ruled.get("session_affinity_attributes") or {}).get("headers") or []
        values = [asked.header(name.lower()) for name in names]
        if all(value is not None for value in values):
            origins = _pinned(origins, *map(str, values))
    cookie = ""
    if kind in ("cookie", "ip_cookie") and origins:
        seconds = int(ruled.get("session_affinity_ttl") or 82800)
        cookie = f"{COOKIE}={_mark(ruled, pool, origins[0])}; SameSite=Lax; path=/; Max-Age={seconds}; HttpOnly"
    return Balanced(said, pool, tuple(origins), cookie=cookie)


def _ruled(zone: Zone, balancer: Row, fields: Fields) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the balancer after its rules, or the fixed response of one, in the order of their priorities.

    https://developers.cloudflare.com/load-balancing/additional-options/load-balancing-rules/
    """
    ruled = dict(balancer)
    for rule in sorted(balancer.get("rules") or (), key=lambda rule: rule.get("priority") or 0):
        if rule.get("disabled") or not _holds(rule.get("condition") or "", fields, zone):
            continue
        if rule.get("fixed_response"):
            return ruled, dict(rule["fixed_response"])
        ruled |= rule.get("overrides") or {}
        if rule.get("terminates"):
            break
    return ruled, None


def _holds(condition: str, fields: Fields, zone: Zone) -> bool:
    try:
        return not condition or holds(condition, fields, zone.lists)
    except RuleError:
        return False


def _mark(balancer: Row, pool: str, origin: Row) -> str:
    text = f"{balancer.get('id', balancer['name'])}|{pool}|{origin['name']}"
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _held(zone: Zone, balancer: Row, asked: Asked) -> tuple[str, tuple[Row, ...]] | None:
    """Return the origin that the visitor's cookie names, as long as it is up."""
    marks = asked.cookies.get(COOKIE)
    if not marks:
        return None
    named = list(balancer["default_pools"])
    for kind in ("region_pools", "country_pools", "pop_pools"):
        named += [pool for pools in (balancer.get(kind) or {}).values() for pool in pools]
    for pool in dict.fromkeys(named):
        if usable(zone, pool):
            for origin in healthy_origins(zone.pools[pool], zone.health.get(pool)):
                if _mark(balancer, pool, origin) == marks[0]:
                    return pool, (origin,)
    return None


def _pinned(origins: list[Row], *by: str) -> list[Row]:
    """Return the origins with the one first that the same visitor always gets."""
    first = weighted([(origin, float(origin.get("weight", 1))) for origin in _sorted(origins)], *by)
    return origins if first is None else [first, *(origin for origin in origins if origin is not first)]


def _sorted(origins: list[Row]) -> list[Row]:
    return sorted(origins, key=lambda origin: str(origin["name"]))

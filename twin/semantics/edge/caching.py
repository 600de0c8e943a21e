"""The cache: which requests may be answered from it, for how long an answer is kept, and what CF-Cache-Status says.

https://developers.cloudflare.com/cache/concepts/default-cache-behavior/ and .../cache-responses/
"""

from typing import Any

from twin.semantics.edge.asked import Asked
from twin.semantics.edge.cache_control import Control, control
from twin.semantics.edge.configuration import Zone
from twin.semantics.edge.memory import Kept, Memory
from twin.semantics.edge.origin import Returned
from twin.semantics.edge.outcome import Lines
from twin.semantics.edge.reference import fact

REFUSING = ("no-store", "private", "no-cache")


def eligible(zone: Zone, asked: Asked, caching: dict[str, Any]) -> bool:
    """Tell whether an answer to a request may be kept: a cache rule says so, else the file's extension."""
    if asked.method not in ("GET", "HEAD") or zone.setting("development_mode") == "on":
        return False
    if "cache" in caching:
        return bool(caching["cache"])
    facts = fact("cache")
    last = asked.path.rpartition("/")[2]
    known = asked.path in facts["paths"] or ("." in last and last.rpartition(".")[2].lower() in facts["extensions"])
    return known and not (zone.setting("cache_level") == "basic" and asked.query)


def found(memory: Memory, asked: Asked, key: str) -> tuple[Kept | None, bool]:
    """Return what the data center holds under a key, and whether it is still fresh."""
    kept = memory.objects.get((asked.colo, key))
    return kept, kept is not None and asked.at < kept.stored + kept.seconds


def keep_seconds(asked: Asked, returned: Returned, caching: dict[str, Any]) -> float:
    """Return for how long an answer is kept; 0 when it is not.

    The TTL of a cache rule goes before the origin's headers, those before the defaults by status.
    """
    rule: dict[str, Any] = caching.get("edge_ttl") or {}
    said = _by_status(rule, returned.status)
    if said is not None:
        return said
    if rule.get("mode") == "override_origin":
        return float(rule["default"])
    read = control(returned.headers, asked.at)
    if _refused(asked, returned, read):
        return 0.0
    if read.seconds is not None:
        return read.seconds
    if rule.get("mode") == "bypass_by_default":
        return 0.0
    if rule.get("mode") == "respect_origin" and "default" in rule:
        return float(rule["default"])
    return float(fact("cache")["status_seconds"].get(str(returned.status), 0))


def _by_status(rule: dict[str, Any], status: int) -> float | None:
    """Return the TTL that a rule gives a status; -1 is no-store, 0 no-cache."""
    for entry in rule.get("status_code_ttl") or ():
        span = entry.get("status_code_range") or {}
        single = entry.get("status_code", entry.get("status_code_value"))
        if single == status or (span and span.get("from", 0) <= status <= span.get("to", 999)):
            return max(0.0, float(entry["value"]))
    return None


def _refused(asked: Asked, returned: Returned, read: Control) -> bool:
    """Tell whether the origin forbids keeping its answer, or the answer is one person's.

    https://developers.cloudflare.com/cache/concepts/cache-control/
    """
    if read.has(*REFUSING) or read.seconds == 0 or "set-cookie" in returned.headers:
        return True
    return "authorization" in asked.headers and not read.has("public", "s-maxage", "must-revalidate")


def keep(memory: Memory, asked: Asked, key: str, returned: Returned, seconds: float) -> None:
    """Keep an answer; cookies of a kept answer are left out."""
    read = control(returned.headers, asked.at)
    headers = {name: values for name, values in returned.headers.items() if name != "set-cookie"}
    tags = [tag.strip() for line in headers.pop("cache-tag", ()) for tag in line.split(",")]
    memory.objects[asked.colo, key] = Kept(
        status=returned.status,
        headers=headers,
        body=returned.body,
        stored=asked.at,
        seconds=seconds,
        url=asked.url,
        host=asked.host,
        tags=tuple(tags),
        stale_seconds=read.number("stale-if-error") or 0.0,
    )


def browser_lines(zone: Zone, headers: Lines, caching: dict[str, Any], at: float) -> Lines:
    """Return the Cache-Control that the visitor gets for what may be kept.

    The zone's Browser Cache TTL replaces a shorter one of the origin; 0 leaves the origin's.
    https://developers.cloudflare.com/cache/how-to/edge-browser-cache-ttl/
    """
    rule = caching.get("browser_ttl") or {}
    mode = rule.get("mode")
    if mode in ("bypass", "bypass_by_default") and (mode == "bypass" or "cache-control" not in headers):
        return {"cache-control": ("no-store",)}
    if mode == "override_origin":
        return {"cache-control": (f"max-age={rule['default']}",)}
    if mode == "respect_origin":
        return {}
    ttl = int(zone.setting("browser_cache_ttl") or 0)
    read = control({name: headers[name] for name in ("cache-control", "expires") if name in headers}, at)
    if ttl == 0 or read.has(*REFUSING) or (read.seconds is not None and read.seconds >= ttl):
        return {}
    return {"cache-control": (f"max-age={ttl}",)}

"""Under which key an object is kept: which requests share it.

https://developers.cloudflare.com/cache/how-to/cache-keys/
"""

from typing import Any
from urllib.parse import urlencode

from twin.semantics.edge.asked import Asked, arguments
from twin.semantics.edge.configuration import Zone
from twin.semantics.edge.reference import fact


def cache_key(zone: Zone, asked: Asked, caching: dict[str, Any]) -> str:
    """Return the key of a request: scheme, host, path, query and a few headers, or what a cache rule makes of it."""
    rule = caching.get("cache_key") or {}
    custom = rule.get("custom_key") or {}
    query = _query(zone, asked, custom.get("query_string"))
    if rule.get("ignore_query_strings_order"):
        query = "&".join(sorted(query.split("&")))
    parts = [asked.scheme, asked.host, asked.path, query]
    parts += [f"{name}={asked.header(name)}" for name in _headers(asked, custom)]
    parts += _cookies(asked, custom.get("cookie") or {})
    parts += _user(asked, custom.get("user") or {})
    return "\n".join(parts)


def _query(zone: Zone, asked: Asked, rule: dict[str, Any] | None) -> str:
    """Return the part of the query that counts: all, none, or the arguments that a rule names."""
    if rule is None:
        return "" if zone.setting("cache_level") == "simplified" else asked.query
    included, excluded = rule.get("include"), rule.get("exclude")
    if included is not None:
        wanted = _names(included)
        return asked.query if wanted is None else _only(asked, lambda name: name in wanted)
    unwanted = _names(excluded)
    return "" if unwanted is None else _only(asked, lambda name: name not in unwanted)


def _names(given: Any) -> list[str] | None:
    """Return the names of a list, None for all of them; both forms of the API are read."""
    if isinstance(given, dict):
        return None if given.get("all") else list(given.get("list") or ())
    return None if given == "*" else list(given or ())


def _only(asked: Asked, wanted: Any) -> str:
    pairs = [(name, value) for name, values in arguments(asked.query).items() for value in values if wanted(name)]
    return urlencode(pairs)


def _headers(asked: Asked, custom: dict[str, Any]) -> list[str]:
    rule = custom.get("header") or {}
    names = [] if rule.get("exclude_origin") else list(fact("cache")["key_headers"])
    names += [name.lower() for name in rule.get("include") or ()]
    return sorted(name for name in set(names) if name in asked.headers)


def _cookies(asked: Asked, rule: dict[str, Any]) -> list[str]:
    values = [
        f"cookie {name}={asked.cookies[name]}" for name in sorted(rule.get("include") or ()) if name in asked.cookies
    ]
    present = [f"cookie {name}" for name in sorted(rule.get("check_presence") or ()) if name in asked.cookies]
    return values + present


def _user(asked: Asked, rule: dict[str, Any]) -> list[str]:
    found = [f"geo {asked.country}"] if rule.get("geo") else []
    if rule.get("lang"):
        found.append(f"lang {(asked.header('accept-language') or '')[:2]}")
    if rule.get("device_type"):
        agent = (asked.header("user-agent") or "").lower()
        kind = "tablet" if "ipad" in agent or "tablet" in agent else "mobile" if "mobi" in agent else "desktop"
        found.append(f"device {kind}")
    return found

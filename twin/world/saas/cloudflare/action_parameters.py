"""What each rule action takes as `action_parameters`, as far as it can be judged without the rest of the account."""

from collections.abc import Callable
from typing import Any

from twin.world.saas.cloudflare.body import matches
from twin.world.saas.cloudflare.expressions import flaw

Parameters = dict[str, Any]

SKIPPABLE_PHASES = ("http_ratelimit", "http_request_sbfm", "http_request_firewall_managed")
SKIPPABLE_PRODUCTS = ("zoneLockdown", "uaBlock", "bic", "hot", "securityLevel", "rateLimit", "waf")
REDIRECTS = (301, 302, 303, 307, 308)
CONTENT_TYPES = ("application/json", "text/html", "text/plain", "text/xml")
CONFIG = {
    "automatic_https_rewrites": "boolean",
    "autominify": "object",
    "bic": "boolean",
    "disable_apps": "boolean",
    "disable_rum": "boolean",
    "disable_zaraz": "boolean",
    "email_obfuscation": "boolean",
    "fonts": "boolean",
    "hotlink_protection": "boolean",
    "mirage": "boolean",
    "opportunistic_encryption": "boolean",
    "polish": ("off", "lossless", "lossy", "webp"),
    "rocket_loader": "boolean",
    "security_level": ("off", "essentially_off", "low", "medium", "high", "under_attack"),
    "server_side_excludes": "boolean",
    "ssl": ("off", "flexible", "full", "strict", "origin_pull"),
    "sxg": "boolean",
}
CACHE = {
    "cache": "boolean",
    "edge_ttl": "object",
    "browser_ttl": "object",
    "cache_key": "object",
    "cache_reserve": "object",
    "serve_stale": "object",
    "respect_strong_etags": "boolean",
    "origin_error_page_passthru": "boolean",
    "origin_cache_control": "boolean",
    "read_timeout": "integer",
    "additional_cacheable_ports": "list",
}


class Invalid(Exception):
    """A parameter that does not hold: where below `action_parameters`, and why."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer, self.reason = pointer, reason


def _fields(value: Any, kinds: dict[str, Any], pointer: str = "") -> Parameters:
    """Return an object that has only the fields of `kinds`, each of its kind (a name of `KINDS`, or the words)."""
    if not isinstance(value, dict):
        raise Invalid(pointer, "must be an object")
    for name, part in value.items():
        kind = kinds.get(name)
        if kind is None:
            raise Invalid(f"{pointer}/{name}", f"unknown field '{name}'")
        if part not in kind if isinstance(kind, tuple) else not matches(part, kind):
            wanted = f"one of {list(kind)}" if isinstance(kind, tuple) else f"of type {kind}"
            raise Invalid(f"{pointer}/{name}", f"'{name}' must be {wanted}")
    return value


def _need(value: Parameters, *names: str, pointer: str = "") -> None:
    for name in names:
        if name not in value:
            raise Invalid(f"{pointer}/{name}", f"'{name}' is required")


def _need_any(value: Parameters) -> None:
    if not value:
        raise Invalid("", "at least one parameter is required")


def _value_or_expression(value: Any, pointer: str) -> None:
    fields = _fields(value, {"value": "text", "expression": "text"}, pointer)
    if len(fields) != 1:
        raise Invalid(pointer, "exactly one of 'value' and 'expression' is required")
    wrong = flaw(fields["expression"], "value") if "expression" in fields else None
    if wrong:
        raise Invalid(f"{pointer}/expression", wrong)


def _nothing(given: Parameters, _phase: str) -> None:
    _fields(given, {})


def _block(given: Parameters, _phase: str) -> None:
    if "response" not in _fields(given, {"response": "object"}):
        return
    kinds = {"status_code": "integer", "content": "text", "content_type": CONTENT_TYPES}
    reply = _fields(given["response"], kinds, "/response")
    _need(reply, "status_code", "content", "content_type", pointer="/response")
    if not 400 <= reply["status_code"] <= 499:
        raise Invalid("/response/status_code", "'status_code' must be between 400 and 499")


def _skip(given: Parameters, _phase: str) -> None:
    kinds = {"ruleset": ("current",), "phase": ("current",), "rulesets": "list", "rules": "object"}
    fields = _fields(given, {**kinds, "phases": "list", "products": "list"})
    _need_any(fields)
    for name, allowed in (("phases", SKIPPABLE_PHASES), ("products", SKIPPABLE_PRODUCTS)):
        for item in fields.get(name, []):
            if item not in allowed:
                raise Invalid(f"/{name}", f"'{item}' cannot be skipped")


def _execute(given: Parameters, _phase: str) -> None:
    fields = _fields(given, {"id": "text", "version": "text", "overrides": "object", "matched_data": "object"})
    _need(fields, "id")
    override = {"action": "text", "enabled": "boolean", "sensitivity_level": "text", "score_threshold": "integer"}
    overrides = _fields(fields.get("overrides", {}), {**override, "categories": "list", "rules": "list"}, "/overrides")
    for part, key in (("categories", "category"), ("rules", "id")):
        for index, item in enumerate(overrides.get(part, [])):
            pointer = f"/overrides/{part}/{index}"
            _need(_fields(item, {**override, key: "text"}, pointer), key, pointer=pointer)


def _rewrite(given: Parameters, phase: str) -> None:
    wanted = "uri" if phase == "http_request_transform" else "headers"
    fields = _fields(given, {wanted: "object"})
    _need(fields, wanted)
    if wanted == "uri":
        parts = _fields(fields["uri"], {"path": "object", "query": "object"}, "/uri")
        _need_any(parts)
        for name, part in parts.items():
            _value_or_expression(part, f"/uri/{name}")
        return
    _need_any(fields["headers"])
    for name, change in fields["headers"].items():
        _header(name, change)


def _header(name: str, change: Any) -> None:
    pointer = f"/headers/{name}"
    kinds = {"operation": ("set", "add", "remove"), "value": "text", "expression": "text"}
    fields = dict(_fields(change, kinds, pointer))
    _need(fields, "operation", pointer=pointer)
    if fields.pop("operation") != "remove":
        _value_or_expression(fields, pointer)
    elif fields:
        raise Invalid(pointer, "a removed header takes no value")


def _redirect(given: Parameters, phase: str) -> None:
    wanted = "from_value" if phase == "http_request_dynamic_redirect" else "from_list"
    fields = _fields(given, {wanted: "object"})
    _need(fields, wanted)
    if wanted == "from_list":
        raise Invalid("/from_list/name", "the list does not exist")
    pointer = "/from_value"
    kinds = {"target_url": "object", "status_code": REDIRECTS, "preserve_query_string": "boolean"}
    target = _fields(fields[wanted], kinds, pointer)
    _need(target, "target_url", pointer=pointer)
    _value_or_expression(target["target_url"], f"{pointer}/target_url")


def _route(given: Parameters, _phase: str) -> None:
    fields = _fields(given, {"host_header": "text", "origin": "object", "sni": "object"})
    _need_any(fields)
    origin = _fields(fields.get("origin", {}), {"host": "text", "port": "integer"}, "/origin")
    if not 1 <= origin.get("port", 1) <= 65535:
        raise Invalid("/origin/port", "'port' must be between 1 and 65535")
    _fields(fields.get("sni", {}), {"value": "text"}, "/sni")


def _set_config(given: Parameters, _phase: str) -> None:
    _need_any(_fields(given, CONFIG))


def _set_cache_settings(given: Parameters, _phase: str) -> None:
    fields = _fields(given, CACHE)
    _need_any(fields)
    _ttl(fields, "edge_ttl", ("respect_origin", "bypass_by_default", "override_origin"))
    _ttl(fields, "browser_ttl", ("respect_origin", "bypass_by_default", "override_origin", "bypass"))


def _ttl(fields: Parameters, name: str, modes: tuple[str, ...]) -> None:
    if name not in fields:
        return
    kinds = {"mode": modes, "default": "integer", **({"status_code_ttl": "list"} if name == "edge_ttl" else {})}
    ttl = _fields(fields[name], kinds, f"/{name}")
    _need(ttl, "mode", pointer=f"/{name}")
    if ttl["mode"] == "override_origin":
        _need(ttl, "default", pointer=f"/{name}")
    if ttl.get("default", 0) < 0:
        raise Invalid(f"/{name}/default", "'default' cannot be negative")


def _serve_error(given: Parameters, _phase: str) -> None:
    kinds = {"content": "text", "content_type": CONTENT_TYPES, "status_code": "integer", "asset_name": "text"}
    fields = _fields(given, kinds)
    if "asset_name" not in fields:
        _need(fields, "content")
    if not 400 <= fields.get("status_code", 500) <= 999:
        raise Invalid("/status_code", "'status_code' must be between 400 and 999")


def _compress(given: Parameters, _phase: str) -> None:
    _need(_fields(given, {"algorithms": "list"}), "algorithms")
    for index, item in enumerate(given["algorithms"]):
        names = ("none", "auto", "default", "gzip", "brotli", "zstd")
        _fields(item, {"name": names}, f"/algorithms/{index}")


def _log_custom_field(given: Parameters, _phase: str) -> None:
    kinds = ("request_fields", "response_fields", "cookie_fields", "transformed_request_fields", "raw_response_fields")
    _need_any(_fields(given, dict.fromkeys(kinds, "list")))


def _score(given: Parameters, _phase: str) -> None:
    _need(_fields(given, {"increment": "integer"}), "increment")


CHECKS: dict[str, Callable[[Parameters, str], None]] = {
    "block": _block,
    "challenge": _nothing,
    "js_challenge": _nothing,
    "managed_challenge": _nothing,
    "log": _nothing,
    "skip": _skip,
    "execute": _execute,
    "rewrite": _rewrite,
    "redirect": _redirect,
    "route": _route,
    "set_config": _set_config,
    "set_cache_settings": _set_cache_settings,
    "serve_error": _serve_error,
    "compress_response": _compress,
    "log_custom_field": _log_custom_field,
    "score": _score,
}


def check_parameters(action: str, given: Any, phase: str) -> None:
    """Raise Invalid unless `given` suits the action in this phase."""
    if not isinstance(given, dict):
        raise Invalid("", "must be an object")
    CHECKS[action](given, phase)

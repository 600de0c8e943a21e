"""Load balancing monitors of the account: what a health check asks and expects."""

from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.body import matches, object_body
from twin.world.saas.cloudflare.envelope import Refusal, refusal, stamp, success
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

Monitor = dict[str, Any]

MINIMUM_INTERVAL = 60  # developers.cloudflare.com/load-balancing/reference/limitations, below Enterprise
TYPES = ("http", "https", "tcp", "udp_icmp", "icmp_ping", "smtp")
HTTP = ("http", "https")
DEFAULTS: Monitor = {
    "type": "http",
    "description": "",
    "interval": 60,
    "retries": 2,
    "timeout": 5,
    "consecutive_up": 0,
    "consecutive_down": 0,
    "port": 0,
    "probe_zone": "",
}
HTTP_DEFAULTS: Monitor = {
    "method": "GET",
    "path": "/",
    "header": {},
    "expected_codes": "200",
    "expected_body": "",
    "follow_redirects": False,
    "allow_insecure": False,
}
RANGES = {"retries": (0, 5), "timeout": (1, 10), "consecutive_up": (0, 10), "consecutive_down": (0, 10)}
READ_ONLY = ("id", "created_on", "modified_on")


def invalid(reason: str) -> Refusal:
    """Build the load balancing API's refusal of a value."""
    return refusal("lb-validation", reason=reason)


def same_kind(name: str, value: Any, default: Any) -> None:
    """Refuse a value whose JSON type is not that of its default."""
    kinds = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}
    kind = kinds[type(default)]
    if not matches(value, kind):
        raise invalid(f"{name} must be of type {kind}")


def _checked(given: Monitor) -> Monitor:
    kind = given.get("type", "http")
    if kind not in TYPES:
        raise invalid(f"type must be one of {', '.join(TYPES)}")
    defaults = {**DEFAULTS, **(HTTP_DEFAULTS if kind in HTTP else {})}
    if kind == "tcp":
        defaults["method"] = "connection_established"
    for name, value in given.items():
        if name in READ_ONLY:
            continue
        if name not in defaults and name not in HTTP_DEFAULTS:
            raise invalid(f"unknown field {name}")
        if name not in defaults:
            if value not in ("", {}, False, None):
                raise invalid(f"{name} is not valid for {kind} monitors")
            continue
        if value is not None:
            same_kind(name, value, defaults[name])
    monitor = {**defaults, **{k: v for k, v in given.items() if k in defaults and v is not None}}
    _check_ranges(monitor)
    return monitor


def _check_ranges(monitor: Monitor) -> None:
    for name, (low, high) in {**RANGES, "interval": (MINIMUM_INTERVAL, 3600), "port": (0, 65535)}.items():
        if monitor[name] != int(monitor[name]) or not low <= monitor[name] <= high:
            raise invalid(f"{name} is not in range [{low}, {high}]")
    if (monitor["retries"] + 1) * monitor["timeout"] >= monitor["interval"]:
        raise invalid("interval must be larger than (retries + 1) * timeout")
    if monitor["type"] in ("tcp", "smtp", "udp_icmp") and not monitor["port"]:
        raise invalid(f"port is required for {monitor['type']} monitors")
    if monitor["type"] in HTTP:
        _check_http(monitor)


def _check_http(monitor: Monitor) -> None:
    if monitor["method"] not in ("GET", "HEAD"):
        raise invalid("method must be GET or HEAD")
    if not monitor["path"].startswith("/"):
        raise invalid("path must start with /")
    for code in monitor["expected_codes"].split(","):
        digits = code.strip()
        if not (len(digits) == 3 and digits[0] in "12345" and (digits[1:].isdigit() or digits[1:] == "xx")):
            raise invalid("expected_codes is not a list of codes or code ranges")
    for values in monitor["header"].values():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise invalid("header values must be lists of texts")


def _find(state: State, hit: Hit) -> Monitor:
    state.require_account(hit)
    monitor = state.monitors.get(hit.path["monitor_id"])
    if monitor is None:
        raise refusal("lb-not-found")
    return monitor


def _store(state: State, old: Monitor, given: Monitor) -> Response:
    monitor = {**_checked(given), "id": old["id"], "created_on": old["created_on"]}
    monitor["modified_on"] = stamp(state.clock.now())
    state.monitors[old["id"]] = monitor
    return success(monitor)


@route("GET", "/accounts/{account_id}/load_balancers/monitors")
def list_monitors(state: State, hit: Hit) -> Response:
    """List all monitors."""
    state.require_account(hit)
    return success(list(state.monitors.values()))


@route("POST", "/accounts/{account_id}/load_balancers/monitors")
def create_monitor(state: State, hit: Hit) -> Response:
    """Create a monitor."""
    state.require_account(hit)
    checked = _checked(object_body(hit))
    old = {"id": state.ids.hex(), "created_on": stamp(state.clock.now())}
    return _store(state, old, checked)


@route("GET", "/accounts/{account_id}/load_balancers/monitors/{monitor_id}")
def get_monitor(state: State, hit: Hit) -> Response:
    """Show a monitor."""
    return success(_find(state, hit))


@route("PUT", "/accounts/{account_id}/load_balancers/monitors/{monitor_id}")
def replace_monitor(state: State, hit: Hit) -> Response:
    """Replace a monitor; what is not given falls back to its default."""
    return _store(state, _find(state, hit), object_body(hit))


@route("PATCH", "/accounts/{account_id}/load_balancers/monitors/{monitor_id}")
def edit_monitor(state: State, hit: Hit) -> Response:
    """Change parts of a monitor."""
    old, given = _find(state, hit), object_body(hit)
    base = old if given.get("type", old["type"]) == old["type"] else {k: v for k, v in old.items() if k in DEFAULTS}
    return _store(state, old, {**base, **given})


def _referrers(state: State, monitor_id: str) -> list[dict[str, Any]]:
    return [pool for pool in state.pools.values() if pool.get("monitor") == monitor_id]


@route("DELETE", "/accounts/{account_id}/load_balancers/monitors/{monitor_id}")
def delete_monitor(state: State, hit: Hit) -> Response:
    """Delete a monitor that no pool uses."""
    monitor = _find(state, hit)
    if _referrers(state, monitor["id"]):
        raise refusal("lb-referenced")
    del state.monitors[monitor["id"]]
    return success({"id": monitor["id"]})


@route("GET", "/accounts/{account_id}/load_balancers/monitors/{monitor_id}/references")
def list_monitor_references(state: State, hit: Hit) -> Response:
    """List the pools that use a monitor."""
    monitor = _find(state, hit)
    return success(
        [
            {
                "reference_type": "referrer",
                "resource_id": pool["id"],
                "resource_name": pool["name"],
                "resource_type": "pool",
            }
            for pool in _referrers(state, monitor["id"])
        ]
    )

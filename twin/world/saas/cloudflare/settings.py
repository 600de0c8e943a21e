"""Zone settings: every documented one, its default, its valid values, and the plans on which it can be changed."""

from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.body import json_body, matches, object_body
from twin.world.saas.cloudflare.envelope import Refusal, refusal, stamp, success
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import Setting, State, Zone
from twin.world.saas.router import Hit

DEVELOPMENT_SECONDS = 3 * 3600  # developers.cloudflare.com/cache/reference/development-mode


def _rule(name: str) -> dict[str, Any]:
    rule: dict[str, Any] | None = reference("zone_settings", "settings").get(name)
    if rule is None:
        raise refusal("unknown-setting", id=name)
    return rule


def development_seconds(state: State, zone: Zone) -> int:
    """Return for how many seconds development mode stays on; 0 when it is off."""
    setting = zone.settings.get("development_mode")
    if setting is None or setting.value == "off":
        return 0
    elapsed = (state.clock.now() - setting.modified_on).total_seconds()
    return max(0, int(DEVELOPMENT_SECONDS - elapsed))


def setting_value(state: State, zone: Zone, name: str) -> Any:
    """Return the value of a setting as it stands now."""
    if name == "development_mode":
        return "on" if development_seconds(state, zone) else "off"
    setting = zone.settings.get(name)
    return setting.value if setting else _rule(name)["default"]


def _editable(rule: dict[str, Any], plan: str) -> bool:
    return plan in rule.get("plans", (plan,))


def _shown(state: State, zone: Zone, name: str) -> dict[str, Any]:
    rule, setting = _rule(name), zone.settings.get(name)
    shown = {
        "id": name,
        rule.get("key", "value"): setting_value(state, zone, name),
        "modified_on": stamp(setting.modified_on) if setting else None,
        "editable": _editable(rule, zone.plan),
    }
    if name == "development_mode":
        shown["time_remaining"] = development_seconds(state, zone)
    return shown


def _shaped(value: Any, shape: dict[str, Any], current: Any) -> Any:
    """Check an object against its shape; a part left out keeps its value."""
    if not isinstance(value, dict) or not value or set(value) - set(shape):
        return None
    merged = dict(current)
    for name, part in value.items():
        kind = shape[name]
        if isinstance(kind, dict):
            part = _shaped(part, kind, current[name])
            if part is None:
                return None
        elif kind == "texts":
            if not (isinstance(part, list) and all(isinstance(text, str) for text in part)):
                return None
        elif not matches(part, kind):
            return None
        merged[name] = part
    return merged


def _in_limits(value: Any, rule: dict[str, Any], plan: str) -> bool:
    low, high = rule.get("minimum", {}).get(plan), rule.get("maximum", {}).get(plan)
    return (low is None or value >= low) and (high is None or value <= high)


def _valid(value: Any, rule: dict[str, Any], current: Any) -> bool:
    if "values" in rule:
        return any(value == known and type(value) is type(known) for known in rule["values"])
    if "items" in rule:
        return isinstance(value, list) and len(set(map(str, value))) == len(value) and set(value) <= set(rule["items"])
    if "range" in rule:
        low, high = rule["range"]
        return matches(value, "integer") and low <= value <= high
    if "boolean" in rule:
        return matches(value, "boolean")
    if "text" in rule:
        return matches(value, "text")
    return _shaped(value, rule["shape"], current) is not None


def _checked(state: State, zone: Zone, name: str, body: dict[str, Any]) -> Any:
    rule, current = _rule(name), setting_value(state, zone, name)
    if not _editable(rule, zone.plan):
        raise refusal("setting-plan", id=name)
    value = body.get(rule.get("key", "value"))
    if not _valid(value, rule, current):
        raise refusal("setting-value", id=name)
    if "shape" in rule:
        return _shaped(value, rule["shape"], current)
    plans = rule.get("valuePlans", {}).get(value) if isinstance(value, str) else None
    if not _in_limits(value, rule, zone.plan) or (plans is not None and zone.plan not in plans):
        raise refusal("setting-plan", id=name)
    return value


def _change(state: State, zone: Zone, name: str, value: Any) -> None:
    zone.settings[name] = Setting(value, state.clock.now())


@route("GET", "/zones/{zone_id}/settings")
def list_settings(state: State, hit: Hit) -> Response:
    """Show every setting of a zone."""
    zone = state.zone(hit)
    return success([_shown(state, zone, name) for name in reference("zone_settings", "settings")])


@route("GET", "/zones/{zone_id}/settings/{setting_id}")
def get_setting(state: State, hit: Hit) -> Response:
    """Show one setting."""
    return success(_shown(state, state.zone(hit), hit.path["setting_id"]))


@route("PATCH", "/zones/{zone_id}/settings/{setting_id}")
def edit_setting(state: State, hit: Hit) -> Response:
    """Change one setting."""
    zone, name = state.zone(hit), hit.path["setting_id"]
    _change(state, zone, name, _checked(state, zone, name, object_body(hit)))
    return success(_shown(state, zone, name))


def _items(hit: Hit) -> list[dict[str, Any]]:
    body = json_body(hit)
    items = body.get("items") if isinstance(body, dict) else body
    if not isinstance(items, list) or not all(
        isinstance(item, dict) and isinstance(item.get("id"), str) for item in items
    ):
        raise refusal("setting-items")
    names = [item["id"] for item in items]
    for name in names:
        if names.count(name) > 1:
            raise refusal("setting-repeated", id=name)
    return items


@route("PATCH", "/zones/{zone_id}/settings")
def edit_settings(state: State, hit: Hit) -> Response:
    """Change many settings, all or none; the body is a list, or an object with `items`."""
    zone = state.zone(hit)
    values: dict[str, Any] = {}
    refused: list[Refusal] = []
    for item in _items(hit):
        try:
            values[item["id"]] = _checked(state, zone, item["id"], item)
        except Refusal as error:
            refused.append(error)
    if refused:
        raise refused[0]
    for name, value in values.items():
        _change(state, zone, name, value)
    return success([_shown(state, zone, name) for name in values])

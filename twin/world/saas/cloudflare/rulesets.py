"""Rulesets of zones and of the account: their life, their entry points by phase, their versions."""

from functools import partial
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.body import object_body, typed
from twin.world.saas.cloudflare.envelope import refusal, success
from twin.world.saas.cloudflare.listing import whole_number
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.ruleset_store import (
    LEVELS,
    Ruleset,
    Scope,
    built_rules,
    changeable,
    checked_phase,
    create,
    entry_point,
    managed,
    renew,
    scope_of,
    version_of,
    versions_of,
    wrong_value,
)
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

FIELDS = ("id", "name", "description", "kind", "phase", "rules", "version", "last_updated")
CUSTOM_PHASES = ("http_request_firewall_custom", "http_ratelimit", "http_request_firewall_managed")


def _summary(ruleset: Ruleset) -> Ruleset:
    return {name: value for name, value in ruleset.items() if name != "rules"}


def _body(hit: Hit) -> dict[str, Any]:
    body = object_body(hit)
    for name in body:
        if name not in FIELDS:
            raise refusal("rule-field", reason=f"unknown field '{name}'", pointer=f"/{name}")
    for name in ("name", "description", "kind"):
        typed(body, name, "text")
    return body


def _no_content() -> Response:
    return Response(204)


def list_rulesets(level: str, state: State, hit: Hit) -> Response:
    """List rulesets without their rules, in pages joined by a cursor."""
    scope = scope_of(level, state, hit)
    rows = [_summary(versions[-1]) for versions in scope.rulesets.values()] + [_summary(own) for own in managed(scope)]
    size = whole_number(hit, "per_page", 50, (1, 50))
    cursor = hit.query.get("cursor")
    ids = [row["id"] for row in rows]
    if cursor and cursor not in ids:
        raise refusal("bad-page", name="cursor", reason="one that an earlier page gave")
    start = ids.index(cursor) if cursor else 0
    info: dict[str, Any] = {"count": len(rows[start : start + size]), "per_page": size}
    if start + size < len(rows):
        info |= {"cursor": ids[start + size], "cursors": {"after": ids[start + size]}}
    return success(rows[start : start + size], info=info)


def create_ruleset(level: str, state: State, hit: Hit) -> Response:
    """Create a ruleset: the entry point of a phase, or a custom one to be executed from there."""
    scope, body = scope_of(level, state, hit), _body(hit)
    name, kind, phase = body.get("name"), body.get("kind"), checked_phase(scope, body.get("phase"))
    if not name:
        raise wrong_value("name", name or "", "the name cannot be empty")
    if kind not in (scope.entry_kind, "custom"):
        raise wrong_value("kind", kind, f"it must be '{scope.entry_kind}' or 'custom'")
    if kind == "custom" and phase not in CUSTOM_PHASES:
        raise wrong_value("kind", kind, f"custom rulesets are not supported in the {phase} phase")
    if kind != "custom" and entry_point(scope, phase):
        plural = "zone" if level == "zone" else "root"
        raise wrong_value("kind", kind, f"exceeded maximum number of {plural} rulesets for phase {phase}")
    header = {"name": name, "description": body.get("description") or "", "kind": kind, "phase": phase}
    return success(create(scope, header, body.get("rules") or []))


def get_ruleset(level: str, state: State, hit: Hit) -> Response:
    """Show the latest version of a ruleset."""
    return success(versions_of(scope_of(level, state, hit), hit.path["ruleset_id"])[-1])


def _updated(scope: Scope, old: Ruleset, body: dict[str, Any]) -> Ruleset:
    for name in ("kind", "phase"):
        if body.get(name, old[name]) != old[name]:
            raise wrong_value(name, body[name], f"the {name} of a ruleset cannot be changed")
    if "name" in body and not body["name"]:
        raise wrong_value("name", "", "the name cannot be empty")
    changes = {name: body[name] for name in ("name", "description") if body.get(name) is not None}
    if body.get("rules") is None:
        return renew(scope, old, changes)
    return renew(scope, old, {**changes, "rules": built_rules(scope, old["phase"], body["rules"], old)})


def update_ruleset(level: str, state: State, hit: Hit) -> Response:
    """Replace a ruleset's rules, and its name and description when given."""
    scope, body = scope_of(level, state, hit), _body(hit)
    return success(_updated(scope, changeable(scope, hit.path["ruleset_id"]), body))


def _refuse_executed(scope: Scope, ruleset_id: str) -> None:
    for versions in scope.rulesets.values():
        for rule in versions[-1]["rules"]:
            if rule["action"] == "execute" and rule["action_parameters"]["id"] == ruleset_id:
                raise wrong_value("id", ruleset_id, f"it is executed by rule {rule['id']}")


def delete_ruleset(level: str, state: State, hit: Hit) -> Response:
    """Delete a ruleset with all its versions; one that a rule executes stays."""
    scope = scope_of(level, state, hit)
    ruleset = changeable(scope, hit.path["ruleset_id"])
    _refuse_executed(scope, ruleset["id"])
    del scope.rulesets[ruleset["id"]]
    return _no_content()


def list_versions(level: str, state: State, hit: Hit) -> Response:
    """List the versions of a ruleset without their rules, newest first."""
    versions = versions_of(scope_of(level, state, hit), hit.path["ruleset_id"])
    return success([_summary(version) for version in reversed(versions)])


def get_version(level: str, state: State, hit: Hit) -> Response:
    """Show one version of a ruleset."""
    return success(version_of(scope_of(level, state, hit), hit.path["ruleset_id"], hit.path["ruleset_version"]))


def delete_version(level: str, state: State, hit: Hit) -> Response:
    """Delete an old version of a ruleset; the latest stays."""
    scope = scope_of(level, state, hit)
    latest = changeable(scope, hit.path["ruleset_id"])
    version = version_of(scope, latest["id"], hit.path["ruleset_version"])
    if version is latest:
        raise wrong_value("version", version["version"], "the latest version cannot be deleted")
    scope.rulesets[latest["id"]].remove(version)
    return _no_content()


def _entry(scope: Scope, hit: Hit) -> Ruleset:
    phase = checked_phase(scope, hit.path["ruleset_phase"])
    found = entry_point(scope, phase)
    if found is None:
        raise refusal("unknown-entrypoint", phase=phase)
    return found


def get_entry_point(level: str, state: State, hit: Hit) -> Response:
    """Show the entry point of a phase."""
    return success(_entry(scope_of(level, state, hit), hit))


def update_entry_point(level: str, state: State, hit: Hit) -> Response:
    """Replace the entry point of a phase, or create it."""
    scope, body = scope_of(level, state, hit), _body(hit)
    phase = checked_phase(scope, hit.path["ruleset_phase"])
    old = entry_point(scope, phase)
    if old:
        return success(_updated(scope, old, body))
    for name, fixed in (("kind", scope.entry_kind), ("phase", phase)):
        if body.get(name, fixed) != fixed:
            raise wrong_value(name, body[name], f"it must be '{fixed}'")
    header = {
        "name": body.get("name") or "default",
        "description": body.get("description") or "",
        "kind": scope.entry_kind,
        "phase": phase,
    }
    return success(create(scope, header, body.get("rules") or []))


def list_entry_versions(level: str, state: State, hit: Hit) -> Response:
    """List the versions of a phase's entry point; none is an empty list."""
    scope = scope_of(level, state, hit)
    found = entry_point(scope, checked_phase(scope, hit.path["ruleset_phase"]))
    versions = scope.rulesets[found["id"]] if found else []
    return success([_summary(version) for version in reversed(versions)])


def get_entry_version(level: str, state: State, hit: Hit) -> Response:
    """Show one version of a phase's entry point."""
    scope = scope_of(level, state, hit)
    return success(version_of(scope, _entry(scope, hit)["id"], hit.path["ruleset_version"]))


OPERATIONS = {
    ("GET", "/rulesets"): list_rulesets,
    ("POST", "/rulesets"): create_ruleset,
    ("GET", "/rulesets/{ruleset_id}"): get_ruleset,
    ("PUT", "/rulesets/{ruleset_id}"): update_ruleset,
    ("DELETE", "/rulesets/{ruleset_id}"): delete_ruleset,
    ("GET", "/rulesets/{ruleset_id}/versions"): list_versions,
    ("GET", "/rulesets/{ruleset_id}/versions/{ruleset_version}"): get_version,
    ("DELETE", "/rulesets/{ruleset_id}/versions/{ruleset_version}"): delete_version,
    ("GET", "/rulesets/phases/{ruleset_phase}/entrypoint"): get_entry_point,
    ("PUT", "/rulesets/phases/{ruleset_phase}/entrypoint"): update_entry_point,
    ("GET", "/rulesets/phases/{ruleset_phase}/entrypoint/versions"): list_entry_versions,
    ("GET", "/rulesets/phases/{ruleset_phase}/entrypoint/versions/{ruleset_version}"): get_entry_version,
}

for _level, _prefix in LEVELS.items():
    for (_method, _path), _operation in OPERATIONS.items():
        route(_method, _prefix + _path)(partial(_operation, _level))

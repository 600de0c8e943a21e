"""Single rules of a ruleset: added, changed, moved and removed, each time as a new version of the whole."""

from functools import partial
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.body import matches, object_body
from twin.world.saas.cloudflare.envelope import Refusal, refusal, success
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.ruleset_store import (
    LEVELS,
    Rule,
    Ruleset,
    Scope,
    built_rules,
    changeable,
    renew,
    scope_of,
)
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit


def _position_refused(value: Any, reason: str) -> Refusal:
    return refusal("ruleset-value", field="position", value=value, reason=reason, pointer="/position")


def _slot(rules: list[Rule], position: Any) -> int:
    """Turn a position into a slot among the other rules.

    `index` counts from 1; an empty `before` is the first place, an empty `after` the last.
    """
    if not isinstance(position, dict) or len(position) != 1:
        raise _position_refused(position, "exactly one of before, after and index is required")
    ((kind, value),) = position.items()
    ids: list[str] = [rule["id"] for rule in rules]
    if kind == "index" and matches(value, "integer"):
        if not 1 <= value <= len(rules) + 1:
            raise _position_refused(value, "the index is out of range")
        return int(value) - 1
    if kind in ("before", "after") and value == "":
        return 0 if kind == "before" else len(rules)
    if kind in ("before", "after") and value in ids:
        return ids.index(str(value)) + int(kind == "after")
    raise _position_refused(value, "there is no such place")


def _index(ruleset: Ruleset, rule_id: str) -> int:
    for index, rule in enumerate(ruleset["rules"]):
        if rule["id"] == rule_id:
            return index
    raise refusal("unknown-rule", id=rule_id)


def _placed(scope: Scope, ruleset: Ruleset, rule: Rule, slot: int | None, others: list[Rule]) -> Response:
    at = len(others) if slot is None else slot
    arranged = [*others[:at], rule, *others[at:]]
    try:
        rules = built_rules(scope, ruleset["phase"], arranged, ruleset)
    except Refusal as refused:
        _repoint(refused, at)
        raise
    return success(renew(scope, ruleset, {"rules": rules}))


def _repoint(refused: Refusal, at: int) -> None:
    """Make a pointer into the whole list one into the single rule that was sent."""
    source = refused.error.get("source")
    if source and source["pointer"].startswith(f"/rules/{at}/"):
        source["pointer"] = source["pointer"].removeprefix(f"/rules/{at}")


def add_rule(level: str, state: State, hit: Hit) -> Response:
    """Add a rule, at the end unless `position` says otherwise; answers the whole ruleset."""
    scope, rule = scope_of(level, state, hit), object_body(hit)
    ruleset = changeable(scope, hit.path["ruleset_id"])
    others = ruleset["rules"]
    slot = _slot(others, rule.pop("position")) if "position" in rule else None
    if any(rule.get("ref") and other["ref"] == rule["ref"] for other in others) or rule.get("id"):
        raise refusal(
            "ruleset-value",
            field="ref",
            value=rule.get("ref") or rule.get("id"),
            reason="it names a rule that exists",
            pointer="/ref",
        )
    return _placed(scope, ruleset, rule, slot, others)


def edit_rule(level: str, state: State, hit: Hit) -> Response:
    """Replace the definition of a rule, or only move it when nothing but `position` is given."""
    scope, given = scope_of(level, state, hit), object_body(hit)
    ruleset = changeable(scope, hit.path["ruleset_id"])
    index = _index(ruleset, hit.path["rule_id"])
    old = ruleset["rules"][index]
    others = [rule for rule in ruleset["rules"] if rule is not old]
    slot = _slot(others, given.pop("position")) if "position" in given else index
    if given.get("id", old["id"]) != old["id"]:
        raise refusal(
            "ruleset-value", field="id", value=given["id"], reason="the id of a rule cannot be changed", pointer="/id"
        )
    rule = {**given, "id": old["id"]} if given else old
    return _placed(scope, ruleset, rule, slot, others)


def delete_rule(level: str, state: State, hit: Hit) -> Response:
    """Remove a rule; answers the whole ruleset."""
    scope = scope_of(level, state, hit)
    ruleset = changeable(scope, hit.path["ruleset_id"])
    index = _index(ruleset, hit.path["rule_id"])
    rules = [rule for place, rule in enumerate(ruleset["rules"]) if place != index]
    return success(renew(scope, ruleset, {"rules": rules}))


OPERATIONS = {
    ("POST", "/rulesets/{ruleset_id}/rules"): add_rule,
    ("PATCH", "/rulesets/{ruleset_id}/rules/{rule_id}"): edit_rule,
    ("DELETE", "/rulesets/{ruleset_id}/rules/{rule_id}"): delete_rule,
}

for _level, _prefix in LEVELS.items():
    for (_method, _path), _operation in OPERATIONS.items():
        route(_method, _prefix + _path)(partial(_operation, _level))

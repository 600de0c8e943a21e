"""What an execute rule changes in the ruleset that it deploys: for all its rules, for a category, for one rule."""

from collections.abc import Iterator, Mapping
from typing import Any

CHANGED = ("action", "enabled", "sensitivity_level", "score_threshold")


def overridden(rules: list[dict[str, Any]], overrides: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rules as they run: an override of a rule goes before one of a category, that before one of all.

    Of several categories the last in the list wins.
    https://developers.cloudflare.com/ruleset-engine/managed-rulesets/override-managed-ruleset/
    """
    single = {change["id"]: change for change in overrides.get("rules", ())}
    for rule in rules:
        changed = dict(rule)
        _apply(changed, overrides)
        for change in overrides.get("categories", ()):
            if change["category"] in rule.get("categories", ()):
                _apply(changed, change)
        _apply(changed, single.get(rule["id"], {}))
        yield changed


def _apply(rule: dict[str, Any], change: Mapping[str, Any]) -> None:
    rule.update({name: change[name] for name in CHANGED if change.get(name) is not None})

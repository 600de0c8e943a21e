"""Rulesets of a zone or an account as versions: every change makes a new one, and rules keep who they are."""

from dataclasses import dataclass
from typing import Any

from twin.semantics.edge.reference import managed as modelled
from twin.world.saas.cloudflare.envelope import Refusal, refusal, stamp
from twin.world.saas.cloudflare.reference import plan_limits, reference
from twin.world.saas.cloudflare.rule_checks import Place, check_rule
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

Ruleset = dict[str, Any]
Rule = dict[str, Any]

KEPT = ("action", "action_parameters", "expression", "description", "logging", "ratelimit", "exposed_credential_check")
ENTRY_KINDS = {"zone": "zone", "account": "root"}
LEVELS = {"zone": "/zones/{zone_id}", "account": "/accounts/{account_id}"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A level of the account that holds rulesets: one zone, or the account itself."""

    state: State
    level: str
    plan: str
    rulesets: dict[str, list[Ruleset]]

    @property
    def entry_kind(self) -> str:
        """Return the kind of an entry point at this level: `zone` or `root`."""
        return ENTRY_KINDS[self.level]


def scope_of(level: str, state: State, hit: Hit) -> Scope:
    """Return the scope that the path names; a dry run, which the twin lacks, is refused before anything changes."""
    if hit.query.get("dry_run", "false") != "false":
        raise refusal("unsupported", operation=f"{hit.operation}?dry_run")
    if level == "zone":
        zone = state.zone(hit)
        return Scope(state, level, zone.plan, state.rulesets.setdefault(f"zones/{zone.id}", {}))
    state.require_account(hit)
    return Scope(state, level, state.zone_plan, state.rulesets.setdefault(f"accounts/{state.account_id}", {}))


def managed(scope: Scope) -> list[Ruleset]:
    """Return the vendor's own rulesets that the plan can see; those whose rules are modelled tell them.

    As at the vendor, a managed rule shows no expression.
    """
    entitled = plan_limits(scope.plan)["managed_rulesets"]
    return [
        {
            "id": entry["id"],
            "name": entry["name"],
            "description": "",
            "kind": "managed",
            "phase": entry["phase"],
            "version": "1",
            "last_updated": stamp(scope.state.created_on),
            "rules": [_managed_rule(scope, rule) for rule in (modelled(entry["id"]) or {"rules": ()})["rules"]],
        }
        for entry in reference("managed_rulesets", "rulesets")
        if entry["phase"] != "http_request_firewall_managed" or entry["id"] in entitled
    ]


def _managed_rule(scope: Scope, rule: Rule) -> Rule:
    shown = {name: rule[name] for name in ("id", "action", "categories", "description", "enabled")}
    return {**shown, "version": "1", "last_updated": stamp(scope.state.created_on), "ref": rule["id"]}


def versions_of(scope: Scope, ruleset_id: str) -> list[Ruleset]:
    """Return the versions of a ruleset, oldest first."""
    versions = scope.rulesets.get(ruleset_id)
    if versions:
        return versions
    found = [ruleset for ruleset in managed(scope) if ruleset["id"] == ruleset_id]
    if not found:
        raise refusal("unknown-ruleset", id=ruleset_id)
    return found


def changeable(scope: Scope, ruleset_id: str) -> Ruleset:
    """Return the latest version of a ruleset of ours; refuse the vendor's."""
    latest = versions_of(scope, ruleset_id)[-1]
    if latest["kind"] == "managed":
        raise refusal("ruleset-managed")
    return latest


def version_of(scope: Scope, ruleset_id: str, version: str) -> Ruleset:
    """Return one version of a ruleset."""
    for ruleset in versions_of(scope, ruleset_id):
        if ruleset["version"] == version:
            return ruleset
    raise refusal("unknown-ruleset-version", version=version, id=ruleset_id)


def checked_phase(scope: Scope, phase: Any) -> str:
    """Return a phase that exists at this level; refuse any other."""
    phases = reference("phases", "phases")
    if not isinstance(phase, str) or phase not in phases:
        raise wrong_value("phase", phase, "the phase does not exist")
    if scope.level not in phases[phase]["levels"]:
        raise wrong_value("phase", phase, f"the phase does not exist at the {scope.level} level")
    return phase


def wrong_value(field: str, value: Any, reason: str) -> Refusal:
    """Build the vendor's refusal of a field of a ruleset."""
    return refusal("ruleset-value", field=field, value=value, reason=reason, pointer=f"/{field}")


def entry_point(scope: Scope, phase: str) -> Ruleset | None:
    """Return the entry point of a phase, None when there is none."""
    for versions in scope.rulesets.values():
        if versions[-1]["phase"] == phase and versions[-1]["kind"] == scope.entry_kind:
            return versions[-1]
    return None


def _refuse_excess(scope: Scope, phase: str, ruleset_id: str | None, count: int) -> None:
    """Refuse more rules than the plan allows; they count over all rulesets of a phase at this level."""
    limits = plan_limits(scope.plan)
    if scope.level == "account":
        limit = None if limits["account_rules"] is None else limits["account_rules"].get(phase, 0)
    else:
        limit = limits["rules"].get(phase)
    others = [ruleset[-1] for key, ruleset in scope.rulesets.items() if key != ruleset_id]
    total = count + sum(len(ruleset["rules"]) for ruleset in others if ruleset["phase"] == phase)
    if limit is not None and total > limit:
        raise refusal("rule-quota", phase=phase, count=total, limit=limit, pointer="/rules")


def _place(scope: Scope, phase: str) -> Place:
    latest = [versions[-1] for versions in scope.rulesets.values()]
    custom = (ruleset["id"] for ruleset in latest if ruleset["kind"] == "custom" and ruleset["phase"] == phase)
    return Place(phase, scope.plan, scope.level, frozenset(custom))


def _merged(scope: Scope, given: Rule, old: Rule | None) -> Rule:
    content = {name: given[name] for name in KEPT if given.get(name) is not None}
    content["enabled"] = True if given.get("enabled") is None else given["enabled"]
    rule_id = old["id"] if old else scope.state.ids.hex()
    content["ref"] = given.get("ref") or (old["ref"] if old else rule_id)
    if old and content == {name: value for name, value in old.items() if name not in ("id", "version", "last_updated")}:
        return old
    version = str(int(old["version"]) + 1) if old else "1"
    return {"id": rule_id, "version": version, **content, "last_updated": stamp(scope.state.clock.now())}


def _ancestor(given: Rule, olds: list[Rule], pointer: str) -> Rule | None:
    """Find the rule that a given one continues: by its id, else by its ref."""
    if given.get("id"):
        for old in olds:
            if old["id"] == given["id"]:
                return old
        raise refusal(
            "ruleset-value",
            field="id",
            value=given["id"],
            reason="the rule does not exist in the ruleset",
            pointer=f"{pointer}/id",
        )
    for old in olds:
        if given.get("ref") and old["ref"] == given["ref"]:
            return old
    return None


def built_rules(scope: Scope, phase: str, given: Any, old: Ruleset | None) -> list[Rule]:
    """Check a whole list of rules and return it as stored, known rules with their ids."""
    if not isinstance(given, list):
        raise refusal("rule-field", reason="'rules' must be of type list", pointer="/rules")
    place, olds = _place(scope, phase), old["rules"] if old else []
    for index, rule in enumerate(given):
        check_rule(place, rule, f"/rules/{index}")
    _refuse_excess(scope, phase, old["id"] if old else None, len(given))
    ancestors = [_ancestor(rule, olds, f"/rules/{index}") for index, rule in enumerate(given)]
    refs = [rule.get("ref") or (old["ref"] if old else None) for rule, old in zip(given, ancestors, strict=True)]
    for index, ref in enumerate(refs):
        if ref is not None and ref in refs[:index]:
            reason = "it is used by another rule of the ruleset"
            raise refusal("ruleset-value", field="ref", value=ref, reason=reason, pointer=f"/rules/{index}/ref")
    return [_merged(scope, rule, ancestor) for rule, ancestor in zip(given, ancestors, strict=True)]


def create(scope: Scope, header: dict[str, str], rules: Any) -> Ruleset:
    """Store the first version of a ruleset: `header` has name, description, kind and phase."""
    checked = built_rules(scope, header["phase"], rules, None)
    ruleset: Ruleset = {
        "id": scope.state.ids.hex(),
        **header,
        "rules": checked,
        "version": "1",
        "last_updated": stamp(scope.state.clock.now()),
    }
    scope.rulesets[ruleset["id"]] = [ruleset]
    return ruleset


def renew(scope: Scope, old: Ruleset, changes: dict[str, Any]) -> Ruleset:
    """Store a new version of a ruleset; `rules` among the changes are already built."""
    ruleset = {
        **old,
        **changes,
        "version": str(int(old["version"]) + 1),
        "last_updated": stamp(scope.state.clock.now()),
    }
    scope.rulesets[old["id"]].append(ruleset)
    return ruleset

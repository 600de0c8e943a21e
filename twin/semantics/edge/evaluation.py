"""One phase of a request: its rules in order, at the account's level and then at the zone's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from twin.semantics.edge.configuration import Row, Zone
from twin.semantics.edge.expressions import holds
from twin.semantics.edge.outcome import Event, Log
from twin.semantics.edge.overrides import overridden
from twin.semantics.edge.reference import managed
from twin.semantics.edge.skips import Skips
from twin.semantics.rules import RuleError
from twin.semantics.rules.values import Fields

LEVELS = ("account", "zone")
ENTRY_KINDS = {"account": "root", "zone": "zone"}
SOURCES = {
    "http_request_firewall_custom": "firewallCustom",
    "http_ratelimit": "ratelimit",
    "http_request_firewall_managed": "firewallManaged",
}
STOPPING = ("block", "challenge", "js_challenge", "managed_challenge", "redirect", "serve_error")
"""Actions that end the evaluation of every later rule (rules-language/actions, "terminating")."""


@dataclass(frozen=True)
class Matched:
    """A rule that matched, with the ruleset and the level at which it stands."""

    rule: Row
    ruleset: str
    level: str
    phase: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of its action."""
        found: dict[str, Any] = self.rule.get("action_parameters") or {}
        return found


Act = Callable[[Matched], bool]
"""Carries out the action of a rule; True when nothing after it is evaluated."""


@dataclass
class Evaluation:
    """A request on its way through the phases: its fields, what it skipped, and the log."""

    zone: Zone
    known: Callable[[], Fields]
    log: Log
    skips: dict[str, Skips] = field(default_factory=lambda: {level: Skips() for level in LEVELS})
    _fields: Fields | None = None

    @property
    def fields(self) -> Fields:
        """Return what rules see, worked out when the first rule asks."""
        if self._fields is None:
            self._fields = self.known()
        return self._fields

    def renew(self, known: Callable[[], Fields]) -> None:
        """Have later rules see something else."""
        self.known, self._fields = known, None

    def run(self, phase: str, act: Act) -> bool:
        """Evaluate a phase; True when an action ended the request's way."""
        for level in LEVELS:
            ruleset = self._entry(level, phase)
            if ruleset is None:
                continue
            if self.skips[level].passes(phase):
                self.log.add(phase, "skipped", ruleset=str(ruleset["id"]), level=level)
                continue
            if self._rules(ruleset, Place(level, phase), list(ruleset.get("rules") or ()), act) == "stop":
                return True
        return False

    def _entry(self, level: str, phase: str) -> Row | None:
        held = self.zone.account_rulesets if level == "account" else self.zone.rulesets
        kind = ENTRY_KINDS[level]
        return next((row for row in held if row["phase"] == phase and row["kind"] == kind), None)

    def _rules(self, ruleset: Row, place: "Place", rules: list[dict[str, Any]], act: Act) -> str:
        """Evaluate rules in their order; returns `stop`, `phase` (its rest is skipped) or nothing."""
        for matched in self._matching(ruleset, place, rules):
            action = matched.rule["action"]
            said = ""
            if action == "skip":
                said = self._skip(matched)
            elif action == "execute":
                said = self._execute(matched, place, act)
            else:
                self._note(matched)
                said = "stop" if act(matched) else ""
            if said == "ruleset":
                return ""
            if said:
                return said
        return ""

    def _matching(self, ruleset: Row, place: "Place", rules: list[dict[str, Any]]) -> Iterator[Matched]:
        skips = self.skips[place.level]
        named = str(ruleset["id"])
        for rule in rules:
            if not rule.get("enabled", True) or rule.get("id") in skips.rules.get(named, ()):
                continue
            if self._holds(rule, named, place):
                yield Matched(rule, named, place.level, place.phase)

    def _holds(self, rule: Row, ruleset: str, place: "Place") -> bool:
        try:
            return holds(rule.get("expression") or "true", self.fields, self.zone.lists)
        except RuleError as mistake:
            said = f"not evaluated: {mistake.message}"
            self.log.add(place.phase, said, ruleset=ruleset, rule=str(rule.get("id", "")), level=place.level)
            return False

    def _skip(self, matched: Matched) -> str:
        said = self.skips[matched.level].take(matched.parameters, matched.phase)
        if (matched.rule.get("logging") or {}).get("enabled", True):
            self._note(matched)
        else:
            self._step(matched)
        return said

    def _execute(self, matched: Matched, place: "Place", act: Act) -> str:
        """Evaluate the ruleset that a rule deploys: the vendor's, or a custom one of the same level."""
        wanted = str(matched.parameters["id"])
        self._step(matched)
        if wanted in self.skips[place.level].rulesets:
            self.log.add(place.phase, "skipped", ruleset=wanted, level=place.level)
            return ""
        held = self.zone.account_rulesets if place.level == "account" else self.zone.rulesets
        own = next((row for row in held if row["id"] == wanted), None)
        source = managed(wanted) if own is None or own.get("kind") == "managed" else own
        if source is None:
            self.log.add(place.phase, "the rules of this ruleset are not known", ruleset=wanted, level=place.level)
            return ""
        rules = list(overridden(list(source["rules"]), matched.parameters.get("overrides") or {}))
        return self._rules({**source, "id": wanted}, place, rules, act)

    def _step(self, matched: Matched) -> None:
        rule = matched.rule
        self.log.add(
            matched.phase, rule["action"], ruleset=matched.ruleset, rule=str(rule.get("id", "")), level=matched.level
        )

    def _note(self, matched: Matched) -> None:
        """Write a matched rule down; rules of the firewall's phases also stand in its log."""
        self._step(matched)
        source = SOURCES.get(matched.phase)
        if source is not None and matched.phase != "http_ratelimit":
            self.log.events.append(event_of(matched, source))


def event_of(matched: Matched, source: str) -> Event:
    """Return the line of the firewall's log for a rule that acted."""
    rule = matched.rule
    return Event(
        action=rule["action"],
        source=source,
        ruleset=matched.ruleset,
        rule=str(rule.get("id", "")),
        level=matched.level,
        description=str(rule.get("description") or ""),
    )


@dataclass(frozen=True)
class Place:
    """Where rules are evaluated."""

    level: str
    phase: str

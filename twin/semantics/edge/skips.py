"""What a skip takes out of a request's way: the rest of a ruleset or phase, other phases, rulesets, rules.

https://developers.cloudflare.com/waf/custom-rules/skip/options/
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Skips:
    """What has been skipped so far at one level; a skip at the account level does not reach the zone's rules.

    The products that a skip can name are those outside of the Ruleset Engine, none of which stand in the way here.
    """

    phases: set[str] = field(default_factory=set)
    rulesets: set[str] = field(default_factory=set)
    rules: dict[str, set[str]] = field(default_factory=dict)
    products: set[str] = field(default_factory=set)

    def take(self, parameters: dict[str, Any], phase: str) -> str:
        """Apply a skip rule; returns `ruleset` or `phase` when the current one ends here, else nothing."""
        self.phases.update(parameters.get("phases", ()))
        self.products.update(parameters.get("products", ()))
        named = parameters.get("rulesets", ())
        self.rulesets.update(name for name in named if name != "current")
        for ruleset, rules in parameters.get("rules", {}).items():
            self.rules.setdefault(ruleset, set()).update(rules)
        if parameters.get("phase") == "current":
            self.phases.add(phase)
            return "phase"
        return "ruleset" if parameters.get("ruleset") == "current" or "current" in named else ""

    def passes(self, phase: str) -> bool:
        """Tell whether a whole phase is skipped."""
        return phase in self.phases

"""A finding: which rule, about what, how it is seen, and the narrowest change that mends it."""

from dataclasses import dataclass
from typing import Any, Literal

from twin.analysis.passage.passages import Leg

Severity = Literal["high", "medium", "low"]
ORDER: dict[Severity, int] = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `rule` is stable, `about` are ids, `witness` the hops (or facts) that show it."""

    rule: str
    severity: Severity
    message: str
    about: tuple[str, ...]
    witness: tuple[str, ...] = ()
    mend: str = ""

    @property
    def key(self) -> tuple[int, str, tuple[str, ...], str]:
        """Order findings: the gravest first."""
        return ORDER[self.severity], self.rule, self.about, self.message

    def as_data(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "about": list(self.about),
            "witness": list(self.witness),
            "mend": self.mend,
        }


def hops(*legs: Leg) -> tuple[str, ...]:
    """Write the hops of legs as a witness."""
    return tuple(
        f"{hop.at} {hop.does}" + (f": {hop.rule}" if hop.rule else "") for leg in legs for hop in leg.decision.path
    )

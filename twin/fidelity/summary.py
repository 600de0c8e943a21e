"""What probes found, counted: per area, per capability, per line of the fidelity page."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twin.fidelity.run import Answer, Finding


@dataclass(frozen=True, slots=True)
class Tally:
    """How many probes of a group were answered how, and the calls that they made."""

    probes: int
    calls: int
    answers: Mapping[Answer, int]

    def share(self) -> float:
        """Return the share of right answers among the probes that could be run."""
        tested = self.probes - self.answers["untested"]
        return self.answers["right"] / tested if tested else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """The findings and their tallies; `total` over all, the others by name."""

    findings: tuple[Finding, ...]
    total: Tally
    areas: Mapping[str, Tally]
    capabilities: Mapping[str, Tally]
    rows: Mapping[str, Tally]

    def proven(self) -> set[str]:
        """Return the capabilities whose every probe was answered right."""
        return {name for name, tally in self.capabilities.items() if tally.answers["right"] == tally.probes}


def summarise(findings: Iterable[Finding]) -> Summary:
    """Count findings."""
    found = tuple(findings)
    return Summary(
        found,
        _tally(found),
        _grouped([(f.area, f) for f in found]),
        _grouped([(f.capability, f) for f in found if f.capability]),
        _grouped([(f.row, f) for f in found if f.row]),
    )


def _grouped(named: list[tuple[str, Finding]]) -> dict[str, Tally]:
    groups: dict[str, list[Finding]] = {}
    for name, finding in named:
        groups.setdefault(name, []).append(finding)
    return {name: _tally(groups[name]) for name in sorted(groups)}


def _tally(findings: Iterable[Finding]) -> Tally:
    chosen = tuple(findings)
    return Tally(len(chosen), sum(f.calls for f in chosen), Counter(f.answer for f in chosen))

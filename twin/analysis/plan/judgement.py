"""Everything that the proofs say of one environment, each with its place in the spec."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding
from twin.analysis.plan.waivers import IDLE, stale, waived
from twin.analysis.proofs import prove
from twin.codes import explain
from twin.diagnostics import Diagnostic, Span
from twin.resources.declaration import Path
from twin.spec.load import Spec
from twin.spec.model.waivers import Waiver


@dataclass(frozen=True)
class Judged:
    """One finding in one environment: where it stands, and the waiver that lets it pass."""

    finding: Finding
    span: Span
    environment: str
    waiver: Waiver | None = None

    def diagnostic(self) -> Diagnostic:
        """Return the finding as the user is told it."""
        found, entry = self.finding, explain(self.finding.rule)
        assert entry is not None
        source = (f"the rule: {entry.source}",) if entry.source else ()
        return Diagnostic(
            found.rule, found.message, self.span, found.mend or None, (*found.notes, *source), severity=found.level
        )


@dataclass(frozen=True)
class Judgement:
    """What was found, what the waivers have to say for themselves, and what could not be judged."""

    judged: tuple[Judged, ...]
    waivers: tuple[Diagnostic, ...]
    gaps: tuple[str, ...]
    waived_at: frozenset[Span] = frozenset()
    """The places of all waivers of the environment."""


def judge(spec: Spec, case: Case, today: date) -> Judgement:
    """Run all proofs over a plan."""
    findings = prove(case)
    environment = spec.environment or "base"
    waivers = spec.org.waivers
    judged = [Judged(f, locate(spec, f), environment, waived(f, waivers, today)) for f in findings]
    judged.sort(key=lambda one: (*one.diagnostic().sort_key(), one.finding.identity))
    places = frozenset(spec.span(("waivers", index)) for index in range(len(waivers)))
    return Judgement(tuple(judged), tuple(stale(spec, findings, today)), case.org.gaps, places)


def locate(spec: Spec, finding: Finding) -> Span:
    """Return the place of a finding: the statement where the spec has it, else what it was made from."""
    place = (finding.written_in or finding.declaration).place(finding.field)
    return spec.span(next((way for way in _ways(place, finding.within) if spec.root.find(way) is not None), place))


def _ways(place: Path, within: Path) -> Iterable[Path]:
    """Yield where a part of a field may stand: as it is written in a raw resource, or in a section's `statements`."""
    if not within:
        return
    yield (*place, *within)
    if place[-1:] == ("statements",) and isinstance(within[-1], int):
        yield (*place, within[-1])


def merged(judgements: Sequence[Judgement]) -> list[tuple[Judged, tuple[str, ...]]]:
    """Return the findings of several environments, each once with the environments that have it."""
    found: dict[tuple[object, ...], tuple[Judged, list[str]]] = {}
    for one in (one for judgement in judgements for one in judgement.judged):
        key = (*one.finding.identity, one.span, one.finding.level, one.waiver)
        found.setdefault(key, (one, []))[1].append(one.environment)
    return [(one, tuple(names)) for one, names in found.values()]


def stale_waivers(judgements: Sequence[Judgement]) -> list[Diagnostic]:
    """Return what waivers have to say for themselves; idle is one that fits nothing wherever it stands."""
    found = dict.fromkeys(said for one in judgements for said in one.waivers)
    return [one for one in found if one.code != IDLE or all(_idle(one, judgement) for judgement in judgements)]


def _idle(said: Diagnostic, judgement: Judgement) -> bool:
    return said.span not in judgement.waived_at or said in judgement.waivers

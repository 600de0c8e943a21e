"""Which findings are meant: waivers of a spec held against what was found, and what became of them."""

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase

from twin.analysis.plan.finding import Finding
from twin.diagnostics import Diagnostic
from twin.spec.load import Spec
from twin.spec.model.waivers import Waiver

EXPIRED, IDLE = "TW1090", "TW1091"


def waived(finding: Finding, waivers: Sequence[Waiver], today: date) -> Waiver | None:
    """Return the waiver in force that fits a finding."""
    return next((one for one in waivers if one.until >= today and _fits(one, finding)), None)


def _fits(waiver: Waiver, finding: Finding) -> bool:
    return waiver.allow == finding.rule and fnmatchcase(finding.address, waiver.on)


def stale(spec: Spec, findings: Sequence[Finding], today: date) -> Iterator[Diagnostic]:
    """Yield the waivers that have expired, and those that fit nothing."""
    for index, one in enumerate(spec.org.waivers):
        span = spec.span(("waivers", index))
        fits = any(_fits(one, finding) for finding in findings)
        if one.until < today:
            told = "what it was for is found again" if fits else "nothing is found any more either"
            yield Diagnostic(
                EXPIRED, f"the waiver of {one.allow} on {one.on} expired on {one.until}: {told}", span,
                "mend what it was for, or give it a new end" if fits else "take it out", severity="warning",
            )  # fmt: skip
        elif not fits:
            yield Diagnostic(
                IDLE, f"the waiver of {one.allow} on {one.on} fits no finding", span, "take it out", severity="note"
            )

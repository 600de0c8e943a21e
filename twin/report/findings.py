"""Findings over a plan as text, in the manner of the diagnostics, and as JSON."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from twin.analysis.plan.finding import LEVELS
from twin.analysis.plan.judgement import Judged
from twin.diagnostics import Diagnostic
from twin.report.diagnostics import entry

Told = tuple[Judged, tuple[str, ...]]
"""A finding and the environments that have it."""


def reaches(level: str, least: str) -> bool:
    """Return whether a level is at least another; nothing reaches `never`."""
    return least in LEVELS and LEVELS.index(level) >= LEVELS.index(least)


def shown(told: Sequence[Told], environments: int) -> list[Diagnostic]:
    """Return findings as diagnostics; one that only some environments have names them."""
    found = []
    for judged, names in told:
        diagnostic = judged.diagnostic()
        if len(names) < environments:
            where = (f"in {' and '.join(names)} only",)
            diagnostic = Diagnostic(
                diagnostic.code, diagnostic.message, diagnostic.span, diagnostic.help, (*where, *diagnostic.notes),
                diagnostic.severity,
            )  # fmt: skip
        found.append(diagnostic)
    return found


def tally(levels: Iterable[str], waived: int) -> str:
    """Count findings in one phrase: `1 error, 2 notes; 1 waived`."""
    listed = list(levels)
    counts = [(level, listed.count(level)) for level in reversed(LEVELS)]
    parts = [f"{number} {level}{'s' * (number != 1)}" for level, number in counts if number]
    return (", ".join(parts) or "nothing found") + (f"; {waived} waived" if waived else "")


def as_entries(told: Sequence[Told]) -> Iterator[Mapping[str, Any]]:
    """Yield findings as plain data."""
    for judged, names in told:
        finding, waiver = judged.finding, judged.waiver
        yield {
            **entry(judged.diagnostic()),
            "address": finding.address,
            "field": finding.field,
            "statement": finding.statement,
            "environments": list(names),
            "fingerprint": fingerprint(judged),
            "waiver": None if waiver is None else {"why": waiver.why, "until": waiver.until.isoformat()},
        }


def fingerprint(judged: Judged) -> str:
    """Name a finding by what stays the same when the spec's lines move, in hexadecimal."""
    text = "\0".join((judged.finding.rule, judged.finding.address, judged.finding.about))
    return hashlib.sha256(text.encode()).hexdigest()[:32]

"""Findings as SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from twin.codes import codes
from twin.diagnostics import Diagnostic, Span
from twin.report.findings import Told, fingerprint

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
# GitHub's code scanning ranks security findings by a number: over 7.0 is high, over 4.0 medium.
RANK = {"error": "8.0", "warning": "5.0", "note": "2.0"}


def as_sarif(told: Sequence[Told], diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """Return one run: the findings with their waivers, and what is wrong with the spec itself."""
    rules = sorted({code for code, entry in codes().items() if entry.level} | {one.code for one in diagnostics})
    index = {code: place for place, code in enumerate(rules)}
    results = [_finding(one, index) for one in told] + [_diagnostic(one, index) for one in diagnostics]
    driver = {
        "name": "twin",
        "semanticVersion": _version(),
        "rules": [_rule(code) for code in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _version() -> str:
    return version("twin")


def _rule(code: str) -> dict[str, Any]:
    """Describe a rule: those of the proofs stand in every log, whether they found anything or not."""
    explained = codes()[code]
    level, text = explained.level or "error", explained.text.strip()
    rule: dict[str, Any] = {
        "id": code,
        "name": "".join(word.capitalize() for word in explained.title.replace("-", " ").split() if word.isalnum()),
        "shortDescription": {"text": explained.title},
        "fullDescription": {"text": text},
        "help": {"text": f"{text}\n\n`twin explain {code}` tells more."},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["security"], "security-severity": RANK[level]},
    }
    if explained.source:
        rule["helpUri"] = explained.source
    return rule


def _finding(told: Told, index: Mapping[str, int]) -> dict[str, Any]:
    judged, names = told
    finding = judged.finding
    result = _result(judged.diagnostic(), index)
    where = {"fullyQualifiedName": finding.address, "kind": "resource"}
    result["locations"][0]["logicalLocations"] = [where]
    result["partialFingerprints"] = {"twinFinding/v1": fingerprint(judged)}
    result["properties"] = {
        "address": finding.address, "environments": list(names), "statement": finding.statement, "mend": finding.mend,
        "notes": list(finding.notes),
    }  # fmt: skip
    if judged.waiver is not None:
        why = f"{judged.waiver.why} (until {judged.waiver.until})"
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": why}]
    return result


def _diagnostic(diagnostic: Diagnostic, index: Mapping[str, int]) -> dict[str, Any]:
    return _result(diagnostic, index)


def _result(diagnostic: Diagnostic, index: Mapping[str, int]) -> dict[str, Any]:
    help_ = f"\nTo mend it: {diagnostic.help}" if diagnostic.help else ""
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index[diagnostic.code],
        "level": diagnostic.severity,
        "message": {"text": f"{diagnostic.message}{help_}"},
        "locations": [{"physicalLocation": _place(diagnostic.span)}] if diagnostic.span else [],
    }


def _place(span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column,
    }  # fmt: skip
    return {"artifactLocation": _artifact(span.file), "region": region}


def _artifact(file: str) -> dict[str, str]:
    """Name a file as a URI: relative to the working folder where it is under it, so that it is the same everywhere."""
    path = Path(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": ROOT}

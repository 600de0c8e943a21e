"""Scenarios with each channel silent in turn: one as a table, or those that something tells of as a part of a page."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from twin.cli.bundled import spec_beside
from twin.cli.compiled import Compiled, compile_file
from twin.cli.console import data, out, say
from twin.scenario import document as scenarios
from twin.scenario.ablation import Silence, ablate
from twin.scenario.document import Scenario
from twin.scenario.rehearsal import Rehearsal
from twin.spec.shipped import folder

Make = Callable[[Scenario, Compiled], Rehearsal]


def ablate_one(
    path: Path, scenario: Scenario, values: Mapping[str, object], make: Make, *, seeds: Sequence[int], as_json: bool
) -> int:  # fmt: skip
    """Run a scenario with each channel silent in turn; exit 0 when it passes with all of them."""
    from twin.report import ablation as report

    found = _silences(path, scenario, values, make, seeds=seeds)
    if as_json:
        data(report.document(scenario.id, found))
    else:
        out.print(report.table(found))
    if any(result.verdict == "ERROR" for one in found for result in one.results):
        return 3
    return 0 if all(result.verdict == "PASS" for result in found[0].results) else 1


def ablate_all(page: Path, make: Make, *, seeds: int) -> int:
    """Write what each channel is worth into the section of a page; exit 0 when all pass with all their channels."""
    from twin.report import ablation as report

    found = {}
    for path in sorted(folder("scenarios").glob("*.yaml")):
        scenario, values = scenarios.load(path)
        if scenario.findings is not None and scenario.findings.raised:
            chosen = range(scenario.seed, scenario.seed + seeds)
            found[scenario.id] = _silences(path, scenario, values, make, seeds=chosen, heard=True)
    text = report.section(dict(sorted(found.items())))
    old = page.read_text() if page.exists() else ""
    pattern = re.compile(rf"^{re.escape(report.HEADING)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    page.write_text(pattern.sub(lambda _: text, old) if pattern.search(old) else f"{old.rstrip()}\n\n{text}".lstrip())
    say(f"{len(found)} scenarios in {page}")
    return 0 if all(one.verdict == "PASS" for told in found.values() for one in told[0].results) else 1


def _silences(
    path: Path,
    scenario: Scenario,
    values: Mapping[str, object],
    make: Make,
    *,
    seeds: Sequence[int],
    heard: bool = False,
) -> list[Silence]:
    compiled = compile_file(spec_beside(path, scenario.spec), scenario.environment)
    say(f"standing up {compiled.spec.path.name} ({len(compiled.desired)} resources) once for {scenario.id}")
    return list(ablate(values, make(scenario, compiled), seeds, heard=heard))

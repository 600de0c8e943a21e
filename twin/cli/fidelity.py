"""`twin doctor --fidelity`: the probes against a target, as tables, as JSON, or as the page of the documents."""

from collections.abc import Iterable
from pathlib import Path
from time import time_ns

from twin.cli.console import data, out, say
from twin.cli.session import connect, served_endpoints, workspace
from twin.engine import connect as targets
from twin.engine.target import Target
from twin.errors import UsageError
from twin.fidelity.probe import Probe, probes
from twin.fidelity.run import Finding
from twin.report.fidelity import document, failures, markdown, tables
from twin.resources.scope import Scope


def examine_fidelity(
    target: str, areas: Iterable[str], page: Path | None, *, running: bool, as_json: bool
) -> int:  # fmt: skip
    """Run the probes of some areas (of all, when none is named); 0 when every one was answered right."""
    from twin.fidelity.summary import summarise

    chosen = _chosen(areas)
    if page is not None and len(chosen) < len(probes()):
        raise UsageError("--markdown writes the page of all areas; leave --area out")
    say(f"asking {len(chosen)} questions with known answers …")
    summary = summarise(_findings(target, chosen, running=running))
    if page is not None:
        page.write_text(markdown(summary))
        say(f"the page is {page}")
    if as_json:
        data(document(summary, target))
    else:
        for table in tables(summary):
            out.print(table)
            out.print()
        for line in failures(summary):
            out.print(line)
    return 0 if summary.total.answers["right"] == summary.total.probes else 1


def _chosen(areas: Iterable[str]) -> list[Probe]:
    wanted = set(areas)
    known = {probe.area for probe in probes()}
    if unknown := wanted - known:
        raise UsageError(f"there is no area {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    return [probe for probe in probes() if not wanted or probe.area in wanted]


def _findings(target: str, chosen: list[Probe], *, running: bool) -> Iterable[Finding]:
    served = workspace().served()
    if running and (target != "twin" or served is None):
        raise UsageError("--running asks the running twin, and none is running here; start one: twin up")
    if target == "twin" and not running:
        from twin.fidelity.twin_target import run_on_twin

        return run_on_twin(chosen)
    from twin.fidelity.other_target import run_on_target

    account = served.account if served is not None else "123456789012"
    scope = Scope("probe", "probe", account)
    place: Target = (
        targets.twin(scope, served_endpoints(served)) if target == "twin" and served else connect(scope, target)
    )
    return run_on_target(chosen, place, salt=str(time_ns()))

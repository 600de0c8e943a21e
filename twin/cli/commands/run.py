"""`twin run`: a scenario on a copy of the org, or its variants, on which it must fail."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from twin.cli.bundled import find_scenario, folder, scenario_id
from twin.cli.console import data, out, say
from twin.cli.session import Compiled, compile_file, shelf
from twin.cli.stores import LOCALSTACK, address_of
from twin.errors import UsageError
from twin.scenario import document as scenarios
from twin.scenario.document import Scenario
from twin.scenario.kept import stand
from twin.scenario.rehearsal import Rehearsal, build, rehearse, rehearse_anew
from twin.scenario.verdict import Result
from twin.spec.secrets import read_secret

FORMATS = ("junit", "json", "journal")


@click.command("run")
@click.argument("scenario", required=False)
@click.option("--variant", multiple=True, metavar="NAME", help="Run a BAD variant instead; its verdict is what it is.")
@click.option(
    "--variants", "every", is_flag=True, help="Run the scenario and every variant; each must have its verdict."
)
@click.option("--seed", type=int, help="Another seed than the scenario's.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT=FILE", help="Also write junit, json or journal.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option(
    "--target",
    type=click.Choice(("twin", LOCALSTACK)),
    default="twin",
    show_default=True,
    help="The embedded twin, forked for each run; or one with LocalStack beside it, built anew for each.",
)
def command(
    scenario: str | None, variant: tuple[str, ...], seed: int | None, reports: tuple[str, ...], target: str, *,
    every: bool, as_json: bool,
) -> int:  # fmt: skip
    """Run SCENARIO, a file or a catalogue id such as K1; without it, list them.

    Exit 0: PASS (with --variants: each verdict is the wanted one). 1: FAIL, VACUOUS or UNSUPPORTED. 3: ERROR.
    """
    if scenario is None:
        return _list(as_json=as_json)
    outputs = [_output(text) for text in reports]
    path = find_scenario(scenario)
    loaded, values = scenarios.load(path)
    if seed is not None:
        loaded, values = loaded.model_copy(update={"seed": seed}), {**values, "seed": seed}
    chosen = _chosen(loaded, variant, every=every)
    wanted = ["PASS" if name is None or not every else loaded.variants[name].verdict for name in chosen]
    results = _perform(path, loaded, values, chosen, wanted, target=target, quiet=as_json)
    for form, file in outputs:
        file.write_text(_report(form, results, wanted))
        say(f"{form} report in {file}")
    if as_json:
        from twin.report.results import document

        data(document(results, wanted))
    if any(r.verdict == "ERROR" for r in results):
        return 3
    return 0 if all(r.verdict == w for r, w in zip(results, wanted, strict=True)) else 1


def _perform(
    path: Path,
    scenario: Scenario,
    values: Mapping[str, object],
    chosen: Sequence[str | None],
    wanted: Sequence[str],
    *,
    target: str,
    quiet: bool,
) -> list[Result]:
    from twin.report.results import lines

    beside = path.parent.parent / "specs" / scenario.spec
    compiled = compile_file(beside if beside.exists() else Path(scenario.spec), scenario.environment)
    results = []
    for result, want in zip(_results(scenario, values, compiled, chosen, target), wanted, strict=True):
        results.append(result)
        if not quiet:
            for line in lines(result, want):
                out.print(line)
    return results


def _results(
    scenario: Scenario, values: Mapping[str, object], compiled: Compiled, chosen: Sequence[str | None], target: str
) -> Iterator[Result]:
    base = compiled.spec.path.parent
    address = address_of(target, os.environ)
    beside = "embedded twin" if address is None else "embedded twin with LocalStack beside it, anew for each run"
    say(f"standing up {compiled.spec.path.name} ({len(compiled.desired)} resources) on an {beside}")

    def secret(source: str) -> str:
        return read_secret(source, os.environ, base)

    def anew() -> Rehearsal:
        return build(compiled.desired, compiled.scope, seed=scenario.seed, read_secret=secret, localstack=address)

    if address is not None:
        yield from rehearse_anew(scenario, values, anew, chosen)
        return
    stood = stand(compiled.desired, compiled.scope, seed=scenario.seed, read_secret=secret, shelf=shelf())
    yield from rehearse(scenario, values, stood, chosen)


def _chosen(scenario: Scenario, variants: Sequence[str], *, every: bool) -> list[str | None]:
    if every:
        return [None, *scenario.variants]
    unknown = [name for name in variants if name not in scenario.variants]
    if unknown:
        raise UsageError(f"{scenario.id} has no variant {', '.join(unknown)}; it has {', '.join(scenario.variants)}")
    return list(variants) or [None]


def _output(text: str) -> tuple[str, Path]:
    form, _, file = text.partition("=")
    if form not in FORMATS or not file:
        raise UsageError(f"--report {text}: write {' or '.join(f'{f}=FILE' for f in FORMATS)}")
    if not Path(file).parent.is_dir():
        raise UsageError(f"--report {text}: there is no folder {Path(file).parent}")
    return form, Path(file)


def _report(form: str, results: Sequence[Result], wanted: Sequence[str]) -> str:
    if form == "junit":
        from twin.report.junit import junit

        return junit(results, wanted)
    if form == "json":
        from twin.report.results import document

        return json.dumps(document(results, wanted), indent=2) + "\n"
    return "".join(result.journal for result in results)


def _list(*, as_json: bool) -> int:
    found = {}
    for file in sorted(folder("scenarios").glob("*.yaml")):
        loaded, _ = scenarios.load(file)
        found[scenario_id(file) or file.stem] = {"title": loaded.title, "variants": list(loaded.variants)}
    if as_json:
        data({"schema": 1, "scenarios": found})
        return 0
    for name, item in found.items():
        out.print(f"{name:6}{item['title']}")
        out.print(f"      variants: {', '.join(item['variants'])}")
    return 0

"""`twin run`: a scenario on a copy of the org, or its variants, on which it must fail."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from twin.cli.bundled import find_scenario, folder, scenario_id, spec_beside
from twin.cli.console import data, out, say
from twin.cli.never_live import never_live
from twin.cli.session import Compiled, compile_file, shelf
from twin.cli.stores import LOCALSTACK, address_of
from twin.errors import UsageError
from twin.scenario import document as scenarios
from twin.scenario.document import Scenario, spec_patch
from twin.scenario.kept import stand
from twin.scenario.rehearsal import Rehearsal, build, rehearse, rehearse_anew
from twin.scenario.verdict import Result

FORMATS = ("junit", "json", "journal")


@click.command("run")
@never_live
@click.argument("scenario", required=False)
@click.option("--variant", multiple=True, metavar="NAME", help="Run a BAD variant instead; its verdict is what it is.")
@click.option(
    "--variants", "every", is_flag=True, help="Run the scenario and every variant; each must have its verdict."
)
@click.option("--seed", type=int, help="Another seed than the scenario's.")
@click.option(
    "--seeds", type=click.IntRange(1), metavar="N", help="Run under N seeds on one org, and tell how figures spread."
)
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
    scenario: str | None, variant: tuple[str, ...], seed: int | None, seeds: int | None, reports: tuple[str, ...],
    target: str, *, every: bool, as_json: bool,
) -> int:  # fmt: skip
    """Run SCENARIO, a file or a catalogue id such as K1; without it, list them.

    Exit 0: PASS (with --variants: each verdict is the wanted one). 1: FAIL, VACUOUS or UNSUPPORTED. 3: ERROR.
    """
    if scenario is None:
        return _list(as_json=as_json)
    outputs = [_output(text) for text in reports]
    path = find_scenario(scenario)
    loaded, values = scenarios.load(path)
    if seeds is not None:
        first = loaded.seed if seed is None else seed
        return _sweep(path, loaded, values, variant, range(first, first + seeds), as_json=as_json)
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


def _sweep(
    path: Path, scenario: Scenario, values: Mapping[str, object], variant: Sequence[str], seeds: range, *, as_json: bool
) -> int:  # fmt: skip
    """Run one scenario or variant under some seeds; exit 0 when all of them pass."""
    from twin.report import spreads as report
    from twin.scenario.sweep import spreads, sweep

    name = next(iter(_chosen(scenario, variant, every=False)))
    patch = spec_patch(path, name) if name is not None else None
    compiled = compile_file(spec_beside(path, scenario.spec), scenario.environment, patch)
    make = Orgs(scenario, compiled, {}, "twin").maker(compiled, None)
    say(f"standing up {compiled.spec.path.name} ({len(compiled.desired)} resources) once for {len(seeds)} seeds")
    chosen = scenario if name is None else scenarios.vary(values, scenario, name)
    results = list(sweep(chosen, name, make(), seeds))
    found = spreads(results)
    if as_json:
        data(report.document(results, found))
    else:
        out.print(", ".join(f"{verdict} {count}" for verdict, count in report.verdicts(results).items()))
        out.print(report.table(found))
    if any(result.verdict == "ERROR" for result in results):
        return 3
    return 0 if all(result.verdict == "PASS" for result in results) else 1


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

    spec = spec_beside(path, scenario.spec)
    compiled = compile_file(spec, scenario.environment)
    patches = {name: spec_patch(path, name) for name in chosen if name is not None}
    others = {
        name: compile_file(spec, scenario.environment, patch) for name, patch in patches.items() if patch is not None
    }
    results = []
    orgs = Orgs(scenario, compiled, others, target)
    for result, want in zip(orgs.results(values, chosen), wanted, strict=True):
        results.append(result)
        if not quiet:
            for line in lines(result, want):
                out.print(line)
    return results


@dataclass(frozen=True)
class Orgs:
    """The org of a scenario, and those of the variants that patch its spec, by name."""

    scenario: Scenario
    compiled: Compiled
    others: Mapping[str, Compiled]
    target: str

    def results(self, values: Mapping[str, object], chosen: Sequence[str | None]) -> Iterator[Result]:
        """Yield the result of each chosen variant."""
        address = address_of(self.target, os.environ)
        beside = "embedded twin" if address is None else "embedded twin with LocalStack beside it, anew for each run"
        more = f", and {len(self.others)} variants of it" if self.others else ""
        name, count = self.compiled.spec.path.name, len(self.compiled.desired)
        say(f"standing up {name} ({count} resources){more} on an {beside}")
        elsewhere = {name: self.maker(compiled, address) for name, compiled in self.others.items()}
        make = self.maker(self.compiled, address)
        if address is not None:
            yield from rehearse_anew(self.scenario, values, make, chosen, elsewhere)
        else:
            yield from rehearse(self.scenario, values, make(), chosen, elsewhere)

    def stand(self) -> Rehearsal:
        """Return the scenario's own org on an embedded twin."""
        return self.maker(self.compiled, None)()

    def maker(self, compiled: Compiled, address: str | None) -> Callable[[], Rehearsal]:
        """Return what stands an org up."""
        seed = self.scenario.seed
        accounts = tuple(self.scenario.accounts.values())

        if address is not None:
            return partial(
                build,
                compiled.desired,
                compiled.scope,
                seed=seed,
                read_secret=compiled.secret,
                localstack=address,
                accounts=accounts,
            )
        return partial(
            stand,
            compiled.desired,
            compiled.scope,
            seed=seed,
            read_secret=compiled.secret,
            shelf=shelf(),
            accounts=accounts,
        )


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

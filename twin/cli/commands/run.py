"""`twin run`: a scenario on a copy of the org, or its variants, on which it must fail."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from twin.cli.ablating import ablate_all, ablate_one
from twin.cli.bundled import find_scenario, spec_beside
from twin.cli.compiled import Compiled, compile_file
from twin.cli.console import data, out, say
from twin.cli.listed import listed
from twin.cli.never_live import never_live
from twin.cli.places import placed
from twin.cli.session import shelf
from twin.cli.stores import LOCALSTACK, address_of
from twin.engine.seal import seal_key
from twin.errors import UsageError
from twin.observe.happenings import Happening
from twin.report.counted import counted
from twin.scenario import document as scenarios
from twin.scenario.document import Scenario, spec_patch
from twin.scenario.kept import stand
from twin.scenario.recorded import Witness
from twin.scenario.recording.recorder import Film
from twin.scenario.rehearsal import Rehearsal, build, rehearse, rehearse_anew
from twin.scenario.verdict import Result

EVENTS = ("ocsf", "principals")
FORMATS = ("junit", "json", "journal", *EVENTS)


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
@click.option(
    "--from", "kept", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
    help="Play on a twin that `twin snapshot` kept, whatever built it, instead of the scenario's spec.",
)  # fmt: skip
@click.option(
    "--ablate", "ablated", is_flag=True, help="Silence each channel in turn, and tell what tells then, and when."
)
@click.option(
    "--markdown", "page", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="With --ablate and without SCENARIO: of all that something tells of, as a section of a page.",
)  # fmt: skip
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Also write junit, json, journal; or what the (first) run recorded, as ocsf or by principals.",
)
@click.option(
    "--record",
    "film",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also record the org at every instant of the (first) run; `twin tui --run FILE` goes through it.",
)
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
    target: str, kept: Path | None, *, every: bool, ablated: bool, as_json: bool, film: Path | None,
    page: Path | None,
) -> int:  # fmt: skip
    """Run SCENARIO, a file or a catalogue id such as K1; without it, list them.

    Exit 0: PASS (with --variants: each verdict is the wanted one). 1: FAIL, VACUOUS or UNSUPPORTED. 3: ERROR.
    """
    if page is not None:
        if scenario is not None or not ablated:
            raise UsageError("--markdown is of all scenarios: with --ablate, and without SCENARIO")
        return ablate_all(page, _made, seeds=seeds or 1)
    if scenario is None:
        return listed(as_json=as_json)
    outputs = [_output(text) for text in reports]
    path = find_scenario(scenario)
    loaded, values = scenarios.load(path)
    if kept is not None and (ablated or seeds is not None or film is not None or target != "twin"):
        raise UsageError("--from plays on the one twin that was kept: without --seeds, --ablate, --record and --target")
    first = loaded.seed if seed is None else seed
    if ablated and (variant or every):
        raise UsageError("--ablate is about the scenario itself: leave --variant and --variants out")
    told = [one for one in outputs if one[0] in EVENTS]
    if told and (ablated or seeds is not None):
        raise UsageError(f"--report {told[0][0]} is of one run: without --seeds and --ablate")
    for _, file in told:
        file.write_text("")  # a run that does not take place recorded nothing: no old report may be taken for its own
    if ablated:
        chosen_seeds = range(first, first + (seeds or 1))
        return ablate_one(path, loaded, values, _made, seeds=chosen_seeds, as_json=as_json)
    if seeds is not None:
        return _sweep(path, loaded, values, variant, range(first, first + seeds), as_json=as_json)
    if seed is not None:
        loaded, values = loaded.model_copy(update={"seed": seed}), {**values, "seed": seed}
    chosen = _chosen(loaded, variant, every=every)
    wanted = ["PASS" if name is None or not every else loaded.variants[name].verdict for name in chosen]
    if kept is None:
        to = Film(film, chosen[0]) if film is not None else None
        hears = _witness(chosen[0], told)
        results = _perform(path, loaded, values, chosen, wanted, target=target, quiet=as_json, film=to, witness=hears)
    else:
        results = _on_kept(kept, path, loaded, values, chosen, wanted, quiet=as_json, witness=_witness(chosen[0], told))
    for form, file in outputs:
        if form not in EVENTS:  # which the run itself wrote
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
    count = counted(len(compiled.desired), "resource")
    say(f"standing up {compiled.spec.path.name} ({count}) once for {counted(len(seeds), 'seed')}")
    chosen = scenario if name is None else scenarios.vary(values, scenario, name)
    results = list(placed(sweep(chosen, name, make(), seeds), path))
    found = spreads(results)
    if as_json:
        data(report.document(results, found))
    else:
        out.print(", ".join(f"{verdict} {count}" for verdict, count in report.verdicts(results).items()))
        for line in report.reasons(results):
            out.print(line)
        out.print(report.table(found))
    if any(result.verdict == "ERROR" for result in results):
        return 3
    return 0 if all(result.verdict == "PASS" for result in results) else 1


def _made(scenario: Scenario, compiled: Compiled) -> Rehearsal:
    return Orgs(scenario, compiled, {}, "twin").stand()


def _perform(
    path: Path,
    scenario: Scenario,
    values: Mapping[str, object],
    chosen: Sequence[str | None],
    wanted: Sequence[str],
    *,
    target: str,
    quiet: bool,
    film: Film | None = None,
    witness: Witness | None = None,
) -> list[Result]:
    spec = spec_beside(path, scenario.spec)
    compiled = compile_file(spec, scenario.environment)
    patches = {name: spec_patch(path, name) for name in chosen if name is not None}
    others = {
        name: compile_file(spec, scenario.environment, patch) for name, patch in patches.items() if patch is not None
    }
    orgs = Orgs(scenario, compiled, others, target, film, witness)
    return _told(placed(orgs.results(values, chosen), path), wanted, quiet=quiet)


def _on_kept(
    kept: Path, path: Path, scenario: Scenario, values: Mapping[str, object], chosen: Sequence[str | None],
    wanted: Sequence[str], *, quiet: bool, witness: Witness | None = None,
) -> list[Result]:  # fmt: skip
    """Run on a twin as it was kept; a variant that wants another spec has no org here."""
    from twin.scenario.kept import found

    others = [name for name in chosen if name is not None and scenario.variants[name].spec]
    if others:
        raise UsageError(f"{', '.join(others)} patch the scenario's spec, and {kept} was built by none")
    say(f"playing on the twin that {kept} holds")
    rehearsal = replace(found(kept.read_bytes(), seal_key(os.environ)), witness=witness)
    return _told(placed(rehearse(scenario, values, rehearsal, chosen), path), wanted, quiet=quiet)


def _witness(variant: str | None, outputs: Sequence[tuple[str, Path]]) -> Witness | None:
    """Return who writes what a run recorded; nobody when there is no file for it."""

    def tell(found: Sequence[Happening]) -> None:
        from twin.observe.principals import deeds, principals
        from twin.report import ocsf
        from twin.report.principals import lines

        for form, file in outputs:
            told = ocsf.lines(found) if form == "ocsf" else map(str, lines(principals(deeds(found))))
            file.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")

    return Witness(variant, tell) if outputs else None


def _told(found: Iterator[Result], wanted: Sequence[str], *, quiet: bool) -> list[Result]:
    from twin.report.results import lines

    results = []
    for result, want in zip(found, wanted, strict=True):
        results.append(result)
        if not quiet:
            for line in lines(result, want):
                out.print(line)
    if len(results) > 1 and not quiet:
        right = sum(result.verdict == want for result, want in zip(results, wanted, strict=True))
        say(f"{right} of {len(results)} came to the verdict that they must come to")
    return results


@dataclass(frozen=True)
class Orgs:
    """The org of a scenario, and those of the variants that patch its spec, by name."""

    scenario: Scenario
    compiled: Compiled
    others: Mapping[str, Compiled]
    target: str
    film: Film | None = None
    witness: Witness | None = None

    def results(self, values: Mapping[str, object], chosen: Sequence[str | None]) -> Iterator[Result]:
        """Yield the result of each chosen variant."""
        address = address_of(self.target, os.environ)
        beside = "embedded twin" if address is None else "embedded twin with LocalStack beside it, anew for each run"
        more = f", and {counted(len(self.others), 'variant')} of it" if self.others else ""
        name, count = self.compiled.spec.path.name, counted(len(self.compiled.desired), "resource")
        say(f"standing up {name} ({count}){more} on an {beside}")
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
        film = self._film(compiled)

        def made() -> Rehearsal:
            desired, scope, seed = compiled.desired, compiled.scope, self.scenario.seed
            accounts, secret = tuple(self.scenario.accounts.values()), compiled.secret
            if address is not None:
                rehearsal = build(
                    desired, scope, seed=seed, read_secret=secret, localstack=address, accounts=accounts
                )  # fmt: skip
            else:
                rehearsal = stand(desired, scope, seed=seed, read_secret=secret, shelf=shelf(), accounts=accounts)
            return replace(rehearsal, film=film, witness=self.witness)

        return made

    def _film(self, compiled: Compiled) -> Film | None:
        """Return what is to be recorded, with the lines of the spec that is played."""
        if self.film is None:
            return None
        spec = compiled.spec
        return replace(self.film, spec_file=str(spec.path), spec_digest=spec.digest, locate=compiled.locate)


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

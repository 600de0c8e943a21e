"""`twin check`: everything that can be known to be wrong without touching a target."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twin.cli.compiled import Compiled, environments, recall_file
from twin.cli.console import data, out, say
from twin.cli.options import spec_options
from twin.clock import WallClock
from twin.diagnostics import Diagnostic
from twin.errors import SpecError, UsageError

if TYPE_CHECKING:
    from twin.analysis.plan.judgement import Judgement
    from twin.analysis.plan.usage import Usage
    from twin.report.findings import Told

LEVELS = ("note", "warning", "error")
NO = 1


@dataclass(frozen=True)
class Checked:
    """What came of the proofs: the findings that count, those that are waived, and what waivers have to say."""

    told: "Sequence[Told]"
    waived: "Sequence[Told]"
    waivers: Sequence[Diagnostic]
    gaps: Sequence[str]

    @property
    def levels(self) -> list[str]:
        """The level of everything that counts."""
        return [*(one.finding.level for one, _ in self.told), *(one.severity for one in self.waivers)]


@click.command("check")
@spec_options
@click.option("--format", "form", type=click.Choice(("text", "json", "sarif")), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--fail-on", type=click.Choice((*reversed(LEVELS), "never")), default="error", show_default=True,
    help="Exit 1 when a finding is at least as grave.",
)  # fmt: skip
@click.option(
    "--severity", type=click.Choice(LEVELS), default="note", show_default=True, help="The least that is shown."
)
@click.option(
    "--used", type=click.Path(path_type=Path), metavar="FILE",
    help="CloudTrail's events, by which unused grants are found: a log file, a reply of LookupEvents or JSON lines.",
)  # fmt: skip
def command(
    spec: Path, environment: str | None, *, form: str, as_json: bool, fail_on: str, severity: str, used: Path | None
) -> int:
    """Check a spec: its form, its references, the vendors' constraints, and what its policies allow.

    Nothing is contacted. Without --env every environment is checked. Exit 2: the spec is wrong; exit 1: it is right,
    and the proofs found something as grave as --fail-on says. A finding that is meant is waived in the spec:
    `waivers: [{allow: TW1002, on: aws.s3.bucket.shared, why: …, until: 2027-06-30}]`.
    """
    from twin.report.findings import reaches

    form = "json" if as_json else form
    usage = _usage(used)
    good, problems = _check(spec, [environment] if environment else environments(spec))
    if problems and form == "text":
        raise SpecError(problems)
    checked = _prove(good, usage) if not problems else Checked((), (), (), ())
    for gap in checked.gaps:
        say(f"not judged: {gap}", style="yellow")
    if form == "text":
        _text(good, checked, (severity, fail_on))
    else:
        data(_document(form, checked, problems, severity))
    if problems:
        return SpecError.exit_code
    return NO if any(reaches(level, fail_on) for level in checked.levels) else 0


def _check(path: Path, names: list[str | None]) -> tuple[list[Compiled], list[Diagnostic]]:
    """Compile each environment; what is wrong in several of them is told once."""
    good: list[Compiled] = []
    problems: dict[Diagnostic, None] = {}
    for name in names:
        try:
            good.append(recall_file(path, name))
        except SpecError as error:
            problems |= dict.fromkeys(error.diagnostics)
    return good, list(problems)


def _usage(path: Path | None) -> "Usage | None":
    from twin.analysis.plan.usage import UsageMistake, read_usage

    if path is None:
        return None
    try:
        return read_usage(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--used {path}: {getattr(error, 'strerror', None) or error}") from error
    except UsageMistake as error:
        raise UsageError(f"--used {path}: {error}") from error


def _prove(good: Sequence[Compiled], usage: "Usage | None") -> Checked:
    from twin.analysis.plan.case import Case
    from twin.analysis.plan.judgement import judge, merged, stale_waivers
    from twin.analysis.plan.planned import Planned

    today = WallClock().now().date()
    judgements: list[Judgement] = [judge(one.spec, Case(Planned(one.desired, one.scope), usage), today) for one in good]
    told = merged(judgements)
    gaps = [gap for one in judgements for gap in one.gaps]
    if usage is None:
        gaps.append("unused grants (TW1005), as there is no record of use; give one with --used FILE")
    return Checked(
        [one for one in told if one[0].waiver is None],
        [one for one in told if one[0].waiver is not None],
        stale_waivers(judgements),
        list(dict.fromkeys(gaps)),
    )


def _text(good: Sequence[Compiled], checked: Checked, levels: tuple[str, str]) -> None:
    from twin.analysis.proofs import proofs
    from twin.report.counted import counted
    from twin.report.diagnostics import rendered_all
    from twin.report.findings import reaches, shown, tally

    severity, fail_on = levels
    diagnostics = [*shown(checked.told, len(good)), *checked.waivers]
    for line in rendered_all([one for one in diagnostics if reaches(one.severity, severity)]):
        out.print(line, soft_wrap=True)
    bad = any(reaches(level, fail_on) for level in checked.levels)
    for compiled in good:
        types = {declaration.address.type for declaration in compiled.desired}
        name = compiled.spec.environment or "base"
        verdict = "" if bad else "good. "
        made = f"{counted(len(compiled.desired), 'resource')} of {counted(len(types), 'type')}"
        out.print(f"{compiled.spec.path}: {verdict}{name}: {made}")
    hidden = sum(not reaches(level, severity) for level in checked.levels)
    more = f" ({hidden} not shown)" if hidden else ""
    out.print(f"{len(proofs())} proofs: {tally(checked.levels, len(checked.waived))}{more}")


def _document(form: str, checked: Checked, problems: Sequence[Diagnostic], severity: str) -> dict[str, Any]:
    from twin.report.diagnostics import as_json as document
    from twin.report.findings import as_entries, reaches
    from twin.report.sarif import as_sarif

    told = [one for one in checked.told if reaches(one[0].finding.level, severity)]
    waivers = [one for one in checked.waivers if reaches(one.severity, severity)]
    if form == "sarif":
        return as_sarif([*told, *checked.waived], [*problems, *waivers])
    return {
        **document([*problems, *waivers]),
        "findings": list(as_entries([*told, *checked.waived])),
        "not_judged": list(checked.gaps),
    }

"""`twin check`: everything that can be known to be wrong without touching a target."""

from pathlib import Path

import click

from twin.cli.console import data, out
from twin.cli.session import Compiled, compile_file, environments, spec_options
from twin.diagnostics import Diagnostic
from twin.errors import SpecError


@click.command("check")
@spec_options
@click.option("--json", "as_json", is_flag=True, help="Print the diagnostics as JSON.")
def command(spec: Path, environment: str | None, *, as_json: bool) -> int:
    """Check a spec: its form, its references, the vendors' constraints. Nothing is contacted.

    Without --env every environment is checked.
    """
    from twin.report.diagnostics import as_json as document

    good, problems = _check(spec, [environment] if environment else environments(spec))
    if as_json:
        data(document(problems))
        return SpecError.exit_code if problems else 0
    if problems:
        raise SpecError(problems)
    for compiled in good:
        types = {declaration.address.type for declaration in compiled.desired}
        name = compiled.spec.environment or "base"
        out.print(f"{compiled.spec.path}: good. {name}: {len(compiled.desired)} resources of {len(types)} types")
    return 0


def _check(path: Path, names: list[str | None]) -> tuple[list[Compiled], list[Diagnostic]]:
    """Compile each environment; what is wrong in several of them is told once."""
    good: list[Compiled] = []
    problems: dict[Diagnostic, None] = {}
    for name in names:
        try:
            good.append(compile_file(path, name))
        except SpecError as error:
            problems |= dict.fromkeys(error.diagnostics)
    return good, list(problems)

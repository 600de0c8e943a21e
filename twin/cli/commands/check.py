"""`twin check`: everything that can be known to be wrong without touching a target."""

from pathlib import Path

import click

from twin.cli.console import data, out
from twin.cli.session import compile_file, spec_options
from twin.errors import SpecError


@click.command("check")
@spec_options
@click.option("--json", "as_json", is_flag=True, help="Print the diagnostics as JSON.")
def command(spec: Path, environment: str | None, *, as_json: bool) -> int:
    """Check a spec: its form, its references, the vendors' constraints. Nothing is contacted."""
    from twin.report.diagnostics import as_json as document

    try:
        compiled = compile_file(spec, environment)
    except SpecError as error:
        if not as_json:
            raise
        data(document(error.diagnostics))
        return error.exit_code
    if as_json:
        data(document(()))
    else:
        types = {declaration.address.type for declaration in compiled.desired}
        name = compiled.spec.environment or "base"
        out.print(f"{compiled.spec.path}: good. {name}: {len(compiled.desired)} resources of {len(types)} types")
    return 0

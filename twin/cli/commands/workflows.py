"""`twin workflows`: the GitHub workflow files of a spec's pipeline."""

from pathlib import Path

import click

from twin.cli.console import data, out, say
from twin.errors import UsageError


@click.command("workflows")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", "folder", type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write them to; without it they are printed.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the files by their names as JSON.")
def command(spec: Path, folder: Path | None, *, as_json: bool) -> int:
    """Write the GitHub workflows that plan, rehearse and apply a spec, gate by gate (delivery.pipeline)."""
    from twin.blueprints.workflow_files import workflow_files
    from twin.cli.compiled import compile_file, environments

    compiled = {name: compile_file(spec, name).spec for name in environments(spec) if name is not None}
    try:
        files = workflow_files(compiled)
    except ValueError as lacking:
        raise UsageError(f"{spec}: {lacking}") from lacking
    if as_json:
        data({"schema": 1, "files": files})
    for name, text in files.items():
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
            say(f"wrote {folder / name}")
        elif not as_json:
            out.print(text, markup=False, highlight=False, soft_wrap=True)
    return 0

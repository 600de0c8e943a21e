"""`twin snapshot`: keeps the running twin in a file, from which `twin up --from` goes on."""

from pathlib import Path

import click

from twin.cli.console import data, out
from twin.cli.controlled import ask


@click.command("snapshot")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(file: Path, *, as_json: bool) -> int:
    """Keep the running twin in FILE, sealed with your own key; it holds the twin's secrets."""
    kept = ask("POST", "snapshot", {"file": str(file.resolve())})
    if as_json:
        data(kept)
    else:
        out.print(
            f"{file}: the twin as of {kept['time']}, {kept['bytes']:,} bytes; go on from it: twin up --from {file}"
        )
    return 0

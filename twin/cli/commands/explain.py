"""`twin explain`: what a diagnostic's code means and what to do."""

import difflib

import click

from twin.cli.console import data, out
from twin.codes import codes, explain
from twin.errors import UsageError


@click.command("explain")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(code: str | None, *, as_json: bool) -> int:
    """Explain a code such as TW0104; without CODE, list them all."""
    if code is None:
        if as_json:
            data({"schema": 1, "codes": {name: entry.title for name, entry in codes().items()}})
        else:
            for name, entry in codes().items():
                out.print(f"{name}  {entry.title}")
        return 0
    found = explain(code)
    if found is None:
        near = difflib.get_close_matches(code.upper(), codes(), 1)
        raise UsageError(
            f"{code} is no code" + (f"; did you mean {near[0]}?" if near else "; `twin explain` lists them")
        )
    if as_json:
        told = {"title": found.title, "text": found.text, "example": found.example, "source": found.source}
        data({"schema": 1, "code": code.upper(), **told})
        return 0
    out.print(f"{code.upper()}: {found.title}\n\n{found.text.strip()}")
    if found.example:
        out.print(f"\n{found.example.strip()}")
    if found.source:
        out.print(f"\nThe rule: {found.source}")
    return 0

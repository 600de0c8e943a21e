"""`twin decide rules`: what an expression of Cloudflare's rules language says of a request."""

from pathlib import Path

import click

from twin.cli import jsonlines
from twin.semantics.rules import decide


@click.command("rules")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.pass_context
def command(context: click.Context, source: Path | None) -> None:
    """Evaluate expressions of Cloudflare's rules language.

    Each line of SOURCE (or of the standard input) is {"id", "expression", "fields": {name: value}}; the answer is
    {"id", "value"}, or {"id", "error": {"message", "offset"}} where the offset counts characters from 0. Optional:
    "lists" {name: items}, "phase", "form" (filter or value).
    """
    context.exit(jsonlines.run(decide, source))

"""`twin decide iam`: whether AWS lets a principal do something, under the policies given."""

from pathlib import Path

import click

from twin.cli.jsonlines import run


@click.command("iam")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def command(file: Path | None) -> int:
    """Decide AWS requests: one question per line of FILE (or stdin), one decision per line out, in the same order.

    \b
    in   {"id", "request": {"principal", "action", "resource", "resource_account", "context"},
          "policies": {"identity", "resource", "boundaries", "session", "scps", "rcps", "vpc_endpoint"}}
    out  {"id", "decision": "allow" | "implicit_deny" | "explicit_deny", "because": [reason]}
    """  # noqa: D301 - \b is click's mark for lines that are not rewrapped
    from twin.semantics.iam.question import answer

    return run(answer, file)

"""`twin schema`: the JSON Schema of a spec, for editors."""

import click

from twin.cli.console import data


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of a spec file."""
    from twin.spec.schema import schema

    data(schema())
    return 0

"""`twin key`: the public key by which this machine's rehearsals and approvals are known."""

import os

import click

from twin.cli.console import data, out
from twin.cli.session import workspace


@click.command("key")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(*, as_json: bool) -> int:
    """Print the public key of this machine, made at first use; a spec names it under delivery.promotion."""
    from twin.attestation.envelope import key_id, public_text
    from twin.attestation.signing import signing_key

    public = public_text(signing_key(workspace().root, os.environ).public_key())
    if as_json:
        data({"schema": 1, "public": public, "id": key_id(public)})
    else:
        out.print(public)
    return 0

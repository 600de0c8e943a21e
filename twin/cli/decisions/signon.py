"""`twin decide signon`: which Okta policy and rule decide a sign-in, and what they demand."""

from pathlib import Path

import click

from twin.cli import jsonlines
from twin.semantics.signon import decide


@click.command("signon")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.pass_context
def command(context: click.Context, source: Path | None) -> None:
    """Decide sign-ins to Okta.

    Each line of SOURCE (or of the standard input) is {"id", "policies", "app_policy", "zones", "context"}: global
    session policies and the app's authentication policy in the API's own JSON, each with its "rules". The answer is
    {"id", "policy", "rule", "access": "ALLOW" | "DENY", "demands", "session", "because"}, and "app" beside it where
    both kinds of policy are given.
    """
    context.exit(jsonlines.run(decide, source))

"""`twin decide token`: whether a careful API accepts a JSON Web Token."""

from pathlib import Path

import click

from twin.cli import jsonlines
from twin.clock import WallClock
from twin.semantics.tokens import decide


@click.command("token")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.pass_context
def command(context: click.Context, source: Path | None) -> None:
    """Validate JSON Web Tokens.

    Each line of SOURCE (or of the standard input) is {"id", "token", "jwks", "expectations", "now"}; the answer is
    {"id", "accepted": true, "claims", "algorithm", "key_id"} or {"id", "accepted": false, "reason", "message"}.
    Expectations: issuer, audience, algorithms (RS256), leeway (0 s), scopes, required, types. Without "now", in
    seconds since 1970, the machine's time counts.
    """
    clock = WallClock()
    context.exit(jsonlines.run(lambda question: decide(question, clock.now().timestamp()), source))

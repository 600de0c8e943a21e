"""`twin decide containment`: whether new policies allow anything that the old ones did not."""

from pathlib import Path

import click

from twin.cli.jsonlines import run


@click.command("containment")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def command(file: Path | None) -> int:
    """Compare policies: one pair per line of FILE (or stdin), one verdict per line out, in the same order.

    \b
    in   {"id", "old": [document], "new": [document]}
    out  {"id", "contained": true | false | null, "counterexample": {"request", "new", "old"} | null, "because"}

    The documents of a side belong to one principal (identity policies) or to one resource (they name principals).
    null: it cannot be decided, and `because` says why. A counterexample was confirmed by the decision procedure, as
    `twin decide iam` would answer it.
    """  # noqa: D301 - \b is click's mark for lines that are not rewrapped
    from twin.resources.aws.policy_actions import published
    from twin.semantics.iam.containment.question import answer

    return run(lambda question: answer(question, published), file)

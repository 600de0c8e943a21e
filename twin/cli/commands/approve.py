"""`twin approve`: signs that somebody has looked at a saved plan and lets it go live."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from twin.cli.conforming import held
from twin.cli.console import data, say, show
from twin.cli.session import workspace
from twin.engine import plan as plans
from twin.errors import UsageError


@click.command("approve")
@click.argument("plan", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.option("--reason", default="", help="What was looked at.")
@click.option("--json", "as_json", is_flag=True, help="Print what was signed as JSON, and not the plan.")
def command(plan: Path, reason: str, *, as_json: bool) -> int:
    """Approve a plan with the key of this machine, which its spec must name among the approvers."""
    from twin.attestation import attestations
    from twin.attestation.demands import promotion_of
    from twin.attestation.envelope import Statement, public_text, seal
    from twin.attestation.signing import signing_key
    from twin.report.plan import lines

    saved = plans.load(plan)
    key = signing_key(workspace().root, os.environ)
    public = public_text(key.public_key())
    names = [name for name, known in promotion_of(saved).approvers.items() if known == public]
    if not names:
        raise UsageError("the plan's spec does not name this machine's key among its approvers: twin key")
    if wrong := held(saved):
        raise UsageError(f"the plan is not what {saved.spec_file} makes: {'; '.join(wrong)}; plan again")
    if not as_json:
        for line in lines(saved):
            show(line)
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "approver": names[0], "reason": reason}
    file = attestations.file_of(plan)
    attestations.add(file, seal(Statement(saved.digest, attestations.APPROVAL, told), key))
    say(f"approved as {names[0]} in {file}")
    if as_json:
        data({"schema": 1, "digest": saved.digest, **told, "signed": str(file)})
    return 0

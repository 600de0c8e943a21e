"""`twin verify`: whether a saved plan may go live now, demand by demand."""

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from twin.cli.conforming import differing, meant_by
from twin.cli.console import data, out
from twin.cli.session import workspace
from twin.engine import plan as plans


@click.command("verify")
@click.argument("plan", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.option("--attestations", "file", type=click.Path(path_type=Path), help="PLAN.intoto.jsonl without it.")
@click.option("--json", "as_json", is_flag=True, help="Print the demands as JSON.")
def command(plan: Path, file: Path | None, *, as_json: bool) -> int:
    """Hold a plan's rehearsals, approvals and the clock to what its spec demands. Exit 0: it may go. 1: it may not."""
    from twin.attestation import attestations
    from twin.attestation.demands import Demand, examine, needs_own_key
    from twin.attestation.signing import own_public

    saved = plans.load(plan)
    own = own_public(workspace().root, os.environ) if needs_own_key(saved) else ""
    compiled = meant_by(saved)
    found = examine(saved, attestations.read(file or attestations.file_of(plan)), own_key=own, at=datetime.now(UTC))
    if compiled is not None and (wrong := differing(saved, compiled)):
        found.append(Demand("what the spec makes", held=False, found="; ".join(wrong)))
    if as_json:
        data(
            {
                "schema": 1,
                "digest": saved.digest,
                "good": all(d.held for d in found),
                "demands": [asdict(d) for d in found],
            }
        )
    else:
        for demand in found:
            sign = "✓" if demand.held else "✗"
            out.print(f"{sign} {demand.name}: {demand.found}", style="" if demand.held else "red", markup=False)
        if not found:
            out.print("the plan's spec demands nothing")
    return 0 if all(demand.held for demand in found) else 1

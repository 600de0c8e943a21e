"""`twin demo`: the bundled org on an embedded twin, a scenario on it, and what to try next."""

import time
from collections import Counter
from pathlib import Path

import click
from rich.table import Table

from twin.cli.bundled import find_scenario
from twin.cli.compiled import Compiled, compile_file
from twin.cli.console import out, say
from twin.report.results import lines
from twin.scenario import document as scenarios
from twin.scenario.rehearsal import build, rehearse

NEXT = """
What to try next:
  twin plan specs/mini-org.yaml              every change, with the spec line that caused it
  twin up specs/mini-org.yaml                a twin that stays, for the AWS CLI and the vendors' SDKs
  eval "$(twin env)"; aws s3 ls              (from another shell: .venv/bin/twin)
  twin run K1 --variants                     the scenario and the mistakes on which it must fail
  edit specs/mini-org.yaml, then             twin plan specs/mini-org.yaml
  twin destroy; twin down"""
SYSTEMS = {
    "auth0": "Auth0", "aws": "AWS", "cloudflare": "Cloudflare", "datadog": "Datadog", "github": "GitHub",
    "okta": "Okta", "pagerduty": "PagerDuty",
}  # fmt: skip
BAD = "inactive-before-refresh"


@click.command("demo")
def command() -> int:
    """Build the bundled org on an embedded twin and rehearse a key rotation on it."""
    began = time.monotonic()
    compiled = compile_file(Path("specs/mini-org.yaml"), None)
    scenario, values = scenarios.load(find_scenario("K1"))
    say(f"applying {compiled.spec.path.name} ({compiled.spec.environment}) through the vendors' APIs …")
    rehearsal = build(compiled.desired, compiled.scope, seed=scenario.seed, read_secret=compiled.secret)
    out.print(_built(compiled))
    out.print(f"{len(compiled.desired)} resources, {rehearsal.target.calls} calls, {time.monotonic() - began:.1f} s\n")
    say(f"{scenario.title}: once as the runbook says, once with a mistake …")
    good, bad = rehearse(scenario, values, rehearsal, [None, BAD])
    for result, wanted in ((good, "PASS"), (bad, scenario.variants[BAD].verdict)):
        for line in lines(result, wanted):
            out.print(line)
    out.print(NEXT)
    return 0 if (good.verdict, bad.verdict) == ("PASS", "FAIL") else 1


def _built(compiled: Compiled) -> Table:
    """Return the resources by system and family."""
    table = Table("system", "family", "resources", box=None, padding=(0, 2, 0, 0))
    counts: Counter[tuple[str, str]] = Counter()
    for declaration in compiled.desired:
        parts = declaration.address.type.split(".")
        counts[SYSTEMS[parts[0]], parts[1] if parts[0] == "aws" else ""] += 1
    for (system, family), count in sorted(counts.items()):
        table.add_row(system, family, str(count))
    return table

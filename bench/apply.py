"""Counts the API calls per resource of apply, no-op plan and destroy, and the time against the bare calls.

    python bench/apply.py [--sizes 200,1000,5000] [--json]
    python bench/apply.py --terraform 1000 [--mix plain]

The bare calls are the very same calls: the CPU time inside the vendors' clients and the store, against all of it.
Terraform 1.11 with its AWS provider on the same moto server, for comparison: apply
5.2, no-op 2.7, destroy 4.6 calls per resource (1,001 resources, medians on 2 quiet cores).
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from against_terraform import MIXES, compare, lacking
from rich.console import Console
from rich.table import Table
from team_org import UNIT, org

from twin.clock import WallClock
from twin.engine import connect
from twin.engine.apply import Means, apply
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.resources.call import Call
from twin.resources.scope import Scope
from twin.scenario.embedded import endpoints, make_world

SCOPE = Scope("bench", "test", "123456789012", region="us-east-1")
SINGLE = ("s3", "kms", "sns", "sqs")
"""Services that describe one object a call."""


class Recorded:
    """A system that remembers what was sent, and how long the vendor's client and the store took for it."""

    def __init__(self, inner, log):
        self.inner, self.log, self.seconds = inner, log, 0.0

    @property
    def calls(self):
        return self.inner.calls

    def execute(self, call: Call):
        self.log.append(call)
        began = time.process_time()
        try:
            return self.inner.execute(call)
        finally:
            self.seconds += time.process_time() - began


def world() -> Target:
    """Return an empty twin; moto's one-time loading is done already."""
    made = make_world(SCOPE, seed=1, clock=WallClock())
    return connect.twin(SCOPE, endpoints(made))


def warm() -> None:
    """Load what moto and botocore load once per process, which no call after the first pays for."""
    target = world()
    for call in (Call("aws", "ec2", "DescribeVpcs"), Call("aws", "ec2", "DescribeSubnets")):
        target.systems["aws"].execute(call)


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Return the seconds of CPU time that some work takes, and its result."""
    gc.collect()
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def bare_seconds(target: Target) -> float:
    """Return the time spent in the vendors' clients and the store so far."""
    return sum(system.seconds for system in target.systems.values())


def measure(size: int) -> list[dict]:
    """Return a row for apply, no-op plan and destroy."""
    desired = org(size)
    log: list[Call] = []
    plain = world()
    target = Target("twin", {n: Recorded(s, log) for n, s in plain.systems.items()}, SCOPE)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))

        def run(decide=plan, *, carry_out: bool = True):
            state = store.load()
            planned = decide(Request(desired, refresh(desired, target, state), state, target)).plan
            if carry_out:
                outcome = apply(planned, target, store, Means(lambda _: None, str))
                assert outcome.good, outcome.failed
            return planned

        parts: list[tuple[str, float, float, list[Call]]] = []
        for name, work in (
            ("apply", run),
            ("no-op plan", lambda: run(carry_out=False)),
            ("destroy", lambda: run(plan_destroy)),
        ):
            log.clear()
            before = bare_seconds(target)
            seconds, planned = timed(work)
            if name == "no-op plan":
                assert not planned.pending, planned.pending[:3]
            parts.append((name, seconds, bare_seconds(target) - before, list(log)))
    kinds = {d.address.type for d in desired}
    rows = []
    for name, seconds, bare, calls in parts:
        per_type = Counter(d.address.type for d in desired)
        rows.append(
            {
                "resources": size,
                "types": len(kinds),
                "what": name,
                "calls": len(calls),
                "calls_per_resource": round(len(calls) / size, 3),
                "batch_calls_per_type": round(
                    batch(calls) / len([t for t in kinds if t.split(".")[1] not in SINGLE]), 3
                )
                if name == "no-op plan"
                else None,
                "per_bucket": round(singles(calls, "s3") / per_type["aws.s3.bucket"], 2)
                if name == "no-op plan"
                else None,
                "per_key": round(singles(calls, "kms") / per_type["aws.kms.key"], 2) if name == "no-op plan" else None,
                "seconds": round(seconds, 2),
                "bare_seconds": round(bare, 2),
                "overhead": round(seconds / bare - 1, 3),
            }
        )
    return rows


def singles(calls: list[Call], service: str) -> int:
    """Count the reads of one object each, for services without a batch read."""
    return sum(c.service == service and not c.operation.startswith("List") for c in calls)


def batch(calls: list[Call]) -> int:
    """Count the reads of services that have batch reads; S3, KMS, SNS and SQS have none."""
    return sum(c.service not in SINGLE for c in calls)


def main() -> int:
    """Measure every size and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="200,1000,5000")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--terraform", type=int, metavar="SIZE", help="the same resources by Terraform, and the ratio")
    parser.add_argument("--mix", choices=MIXES, default="team", help="of what, against Terraform")
    options = parser.parse_args()
    if options.terraform:
        if missing := lacking():
            sys.stderr.write(f"skipped: {missing}\n")
            return 0
        show(compare(options.terraform, options.mix), as_json=options.json)
        return 0
    warm()
    measure(2 * UNIT)  # and what twin loads once
    rows = [row for size in options.sizes.split(",") for row in measure(int(size))]
    show(rows, as_json=options.json)
    return 0


def show(rows: list[dict], *, as_json: bool) -> None:
    """Print rows as a table, or as JSON."""
    if as_json:
        print(json.dumps({"schema": 1, "rows": rows}, indent=1))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(width=160).print(table)


if __name__ == "__main__":
    sys.exit(main())

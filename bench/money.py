"""Measures money: `python bench/money.py [--json]`: metering, alarms and bills of the bundled org, in CPU time.

A quiet month: nobody does anything for thirty days, then one bill. A busy month: each hour traffic tells its bytes,
each morning four services are called and an order is lost, which an alarm tells and the evening mends, and each night
somebody asks for the bill by day. A month whose alarm did not go off and end each day, or that costs nothing, fails.
"""

import argparse
import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from time import process_time

from twin.cli.compiled import compile_file
from twin.scenario.kept import stand
from twin.scenario.rehearsal import Rehearsal
from twin.semantics.pricing.months import month_start
from twin.spec.secrets import read_secret
from twin.world.metering.bills import bill_of

SPEC = Path(__file__).parents[1] / "specs" / "mini-org.yaml"
HOUR, DAYS, MORNING, EVENING = 3600.0, 30, 8, 18
QUEUE = "https://sqs.us-east-1.amazonaws.com/111122223333/acme-prod-orders"
LOST = f"{QUEUE}-lost"
BUSY_GOAL, QUIET_GOAL = 5.0, 1.0
CALLS = (
    ("s3:PutObject", {"Bucket": "acme-prod-lake-111122223333", "Key": "k", "Body": b"x" * 1000}),
    ("sqs:SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x"}),
    ("sqs:SendMessage", {"QueueUrl": LOST, "MessageBody": "x"}),
    ("dynamodb:PutItem", {"TableName": "acme-prod-sessions", "Item": {"id": {"S": "1"}}}),
    ("cloudwatch:PutMetricData", {"Namespace": "app", "MetricData": [{"MetricName": "m", "Value": 1.0}]}),
)
DAY = {MORNING: CALLS, EVENING: (("sqs:PurgeQueue", {"QueueUrl": LOST}),)}
WAYS = (("nat", 10 * 2**30), ("internet", 5 * 2**30), ("zones", 20 * 2**30), ("lcu", 2), ("dns", 10_000))


def built() -> Rehearsal:
    """Return the bundled org on an embedded twin."""
    compiled = compile_file(SPEC, "prod")
    base = SPEC.parent
    return stand(
        compiled.desired, compiled.scope, seed=0, read_secret=lambda s: read_secret(s, os.environ, base), shelf=None
    )


def quiet(rehearsal: Rehearsal) -> tuple[float, float]:
    """Let thirty days pass; returns the seconds that they and a bill of them took."""
    timeline, scene = rehearsal.timeline, rehearsal.world.scene
    started = process_time()
    timeline.run(timeline.elapsed + DAYS * 24 * HOUR)
    passed = process_time()
    bill_of(scene, None, month_start(timeline.start), end=scene.now())
    return passed - started, process_time() - passed


def busy(rehearsal: Rehearsal) -> tuple[float, int, Decimal]:
    """Live through thirty days, each with its bill; returns the seconds, the alarms' changes, and the last bill."""
    timeline, world = rehearsal.timeline, rehearsal.world
    aws, account = rehearsal.target.systems["aws"], world.accounts[0]
    told, cost, started = len(world.scene.happenings), Decimal(0), process_time()
    for hour in range(DAYS * 24):
        timeline.run(timeline.elapsed + HOUR)
        for operation, params in DAY.get(hour % 24, ()):
            service, _, name = operation.partition(":")
            aws.client(service)._make_api_call(name, dict(params))
        for way, quantity in WAYS:
            world.scene.emit("traffic.carried", account=account, region=world.region, way=way, quantity=quantity)
        if hour % 24 == 23:
            now = world.scene.now()
            cost = bill_of(world.scene, None, month_start(now), end=now).total
    seconds = process_time() - started
    rung = sum(happening.kind == "cloudwatch.alarm.changed" for happening in world.scene.happenings[told:])
    return seconds, rung, cost


def main() -> int:
    """Measure, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rehearsal = built()
    idle, bill = quiet(rehearsal)
    lived, rung, cost = busy(rehearsal)
    if asked.json:
        told = {"quiet_month": idle, "bill": bill, "busy_month": lived, "alarms": rung, "cost": float(cost)}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        sys.stdout.write(f"a quiet month: {idle:.2f} s (goal {QUIET_GOAL:g}), its bill: {bill * 1000:.0f} ms\n")
        sys.stdout.write(f"a busy month, billed each day: {lived:.2f} s (goal {BUSY_GOAL:g}), ")
        sys.stdout.write(f"{rung} changes of alarms, {cost:.2f} USD to date\n")
    return 0 if idle <= QUIET_GOAL and lived <= BUSY_GOAL and rung >= 2 * DAYS and cost > 0 else 1


if __name__ == "__main__":
    sys.exit(main())

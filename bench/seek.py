"""Measures a seek in a recording of 100,000 events over 10,000 resources: `python bench/seek.py`.

The goal is the org of any instant, as a plan, within 100 ms.
"""

import random
import time

from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.resources.scope import Scope
from twin.scenario.recording.recording import Recording

RESOURCES, EVENTS, SEEKS, GOAL = 10_000, 100_000, 40, 0.1


def recording(resources: int = RESOURCES, events: int = EVENTS) -> Recording:
    """Make a recording in which each event changes one resource."""
    chance = random.Random(7)
    addresses = [Address("aws.sqs.queue", f"q{number}") for number in range(resources)]
    plan = Plan(Scope("acme", "prod"), "", "", tuple(Change(a, "no-op", id=a.name) for a in addresses))
    made = Recording.from_plan(plan, {})
    for t in range(1, events + 1):
        address = chance.choice(addresses)
        made.put(float(t), {str(address): Change(address, "update", id=address.name, reason=f"event {t}")})
    return made


def main() -> None:
    """Print the slowest and the usual seek."""
    made, chance, taken = recording(), random.Random(8), []
    for _ in range(SEEKS):
        t = chance.uniform(0.0, made.end)
        start = time.perf_counter()
        made.plan(t)
        taken.append(time.perf_counter() - start)
    usual, slowest = sorted(taken)[SEEKS // 2], max(taken)
    print(f"a seek: {usual * 1000:.1f} ms, the slowest {slowest * 1000:.1f} ms (goal {GOAL * 1000:.0f} ms)")


if __name__ == "__main__":
    main()

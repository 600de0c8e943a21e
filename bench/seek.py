"""Measures a seek in a recording of 100,000 events over 10,000 resources: `python bench/seek.py`.

The goal is the org of any instant, as a plan, within 100 ms; and the state of a ledger that changed 2,000 times, which
a thread works out, in the same time once the recording was gone through.
"""

import random
import time
from collections.abc import Callable

from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.resources.scope import Scope
from twin.scenario.recording.ledger import Delta, Ledger
from twin.scenario.recording.recording import Recording

RESOURCES, EVENTS, SEEKS, GOAL = 10_000, 100_000, 40, 0.1
LINES = 2_000


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


def ledger(keys: int = LINES, changes: int = LINES) -> Ledger:
    """Make a ledger of so many policies, of which one changes at a time."""
    texts = {f"arn:aws:iam::111122223333:role/r{number}": "{}" for number in range(keys)}
    kept, chance = Ledger("rights"), random.Random(7)
    kept.take(0.0, Delta(texts))
    for t in range(1, changes + 1):
        kept.take(float(t), Delta({f"arn:aws:iam::111122223333:role/r{chance.randrange(keys)}": f"{t}"}))
    return Ledger("rights", kept.times, kept.digests, kept.deltas)


def measure(name: str, seek: Callable[[float], object], end: float) -> None:
    """Print the first, the slowest other and the usual seek, in CPU time."""
    chance, taken = random.Random(8), []
    for number in range(SEEKS):
        t = chance.uniform(0.0, end) if number else end
        start = time.process_time()
        seek(t)
        taken.append((time.process_time() - start) * 1000)
    first, *rest = taken
    usual, slowest = sorted(rest)[len(rest) // 2], max(rest)
    print(f"{name}: first {first:.1f} ms, usual {usual:.1f} ms, slowest {slowest:.1f} ms (goal {GOAL * 1000:.0f} ms)")


def main() -> None:
    """Measure both."""
    made, kept = recording(), ledger()
    measure("the resources", made.plan, made.end)
    measure("a ledger", kept.texts, kept.times[-1])


if __name__ == "__main__":
    main()

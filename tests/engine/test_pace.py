"""A vendor that throttles: the applier finds the speed that it lets through, and is refused less often."""

from collections import Counter
from dataclasses import replace

import pytest
from rig import Rig, desired

from twin.engine.apply import Means, apply
from twin.engine.pace import Pace
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.resources.aws.sns import Topic
from twin.resources.aws.sqs import Queue
from twin.resources.call import Refused, aws

TOPICS = 80


class Watched:
    """A system that counts what was refused because there was too much of it."""

    def __init__(self, inner):
        self.inner, self.calls, self.refused = inner, 0, Counter()

    def execute(self, call):
        try:
            return self.inner.execute(call)
        except Refused as refused:
            self.refused[refused.code] += refused.transient
            raise


def throttled_run(rig, *, paced):
    """Apply topics to a service that lets four calls a second through; returns the outcome, refusals and seconds."""
    org = desired(**{f"t{n}": Topic(name=f"t{n}") for n in range(TOPICS)}, queue=Queue(name="q"))
    snapshot = refresh(org, rig.target, rig.store.load())
    planned = plan(Request(org, snapshot, rig.store.load(), rig.target)).plan
    rig.world.faults.inject("throttling", {"services": ["sns"], "rate": 4, "burst": 10})
    watched = Watched(rig.target.systems["aws"])
    target = replace(rig.target, systems={**rig.target.systems, "aws": watched})
    spent = []

    def sleep(seconds):
        spent.append(seconds)
        rig.clock.advance(seconds)

    now = (lambda: sum(spent)) if paced else None
    outcome = apply(planned, target, rig.store, Means(sleep, str, now=now))
    return outcome, watched.refused.total(), sum(spent)


def test_a_throttled_apply_converges_with_fewer_refusals_at_its_own_pace(tmp_path):
    """Everything is made in either way; with a pace less than a third of the calls are sent in vain."""
    found = {}
    for paced in (False, True):
        rig = Rig(tmp_path / str(paced))
        outcome, refused, seconds = throttled_run(rig, paced=paced)
        assert (outcome.good, len(outcome.done)) == (True, TOPICS + 1)
        found[paced] = refused, seconds
        rig.world.close()
    assert found[False][0] > 20
    assert found[True][0] * 3 < found[False][0]
    assert found[True][1] < found[False][1] * 1.5


@pytest.fixture
def clock():
    """Seconds that pass only in sleep."""
    return [0.0]


def test_only_the_service_that_throttles_is_slowed_down(clock):
    """No call waits before the first refusal; afterwards each of that service in that Region has its turn."""

    def sleep(seconds):
        clock[0] += seconds

    pace = Pace(lambda: clock[0], sleep)
    topics, queues = pace.of(aws("sns", "CreateTopic")), pace.of(aws("sqs", "CreateQueue"))
    assert pace.of(aws("sns", "DeleteTopic")) is topics
    assert pace.of(aws("sns", "CreateTopic", region="eu-west-1")) is not topics
    for _ in range(50):
        topics.take()
        topics.passed()
    assert clock == [0.0]
    topics.throttled()
    for _ in range(3):
        queues.take()
    assert clock == [0.0]
    topics.take()
    assert clock[0] > 0

"""The way back is rehearsed from every wave, and what it cannot bring back is found there and not in production."""

from dataclasses import replace

import pytest
from rig import Rig, desired

from twin.engine.waves import waves
from twin.errors import TargetError
from twin.promote.way_back import returns
from twin.resources.aws.kms import Key
from twin.resources.aws.sns import Topic
from twin.resources.aws.sqs import Queue
from twin.spec.model.waves import Waves

OLD = {"key": Key(description="data"), "jobs": Queue(name="jobs", kms_key="${aws.kms.key.key.arn}")}


def returned(tmp_path, old, new, *, change=lambda plan: plan):
    """Stand up one org, plan towards another, and return the rehearsed ways back."""
    rig = Rig(tmp_path / "state")
    rig.build(old)
    plan = rig.plan(new).plan
    plan = change(replace(plan, waves=waves(plan.changes, new, Waves(), home="us-east-1"), promotion={"waves": {}}))
    rig.world.close()
    return list(returns(plan, new, read_secret=lambda source: source, shelf=None))


def test_every_wave_is_taken_back(tmp_path):
    """A plan of three waves has three ways back, each longer than the one before."""
    new = desired(**{**OLD, "key": Key(description="data changed")}, alone=Queue(name="alone", delay=5))
    old = desired(**OLD, alone=Queue(name="alone"), old=Queue(name="old"))
    found = returned(tmp_path, old, new)
    assert [(one.wave, one.changes, one.left) for one in found] == [
        ("radius 1", 1, ()),
        ("radius 10", 2, ()),
        ("removals", 3, ()),
    ]


def test_what_cannot_be_brought_back_is_told(tmp_path):
    """A queue had no key of its own; taking the key off again is nothing that a spec could ask for."""
    old = desired(key=OLD["key"], jobs=Queue(name="jobs"))
    (one,) = returned(tmp_path, old, desired(**OLD))
    assert [line.partition(" was ")[0] for line in one.left] == ["aws.sqs.queue.jobs: kms_key"]


def test_a_plan_that_does_something_else_on_the_twin_is_not_rehearsed(tmp_path):
    """Its accounts have what the plan's own reading left out."""
    with pytest.raises(TargetError, match=r"something else: create aws\.sns\.topic\.news"):
        returned(
            tmp_path,
            desired(**OLD),
            desired(**OLD, news=Topic(name="news")),
            change=lambda plan: replace(plan, waves=()),
        )

"""What stands in on a twin for what only a plan's accounts have: a plan that needs it can be rehearsed by default."""

from dataclasses import replace

import pytest
from rig import Rig, desired

from twin.address import Address
from twin.engine.waves import waves
from twin.errors import TargetError
from twin.promote.budget import Meter
from twin.promote.way_back import returns
from twin.resources.aws.kms import Key
from twin.resources.aws.secretsmanager import Secret
from twin.resources.aws.sqs import Queue
from twin.resources.declaration import Treatment
from twin.scenario.plan_walk import arrival
from twin.scenario.stand_ins import unnamed
from twin.semantics.pricing.book import standard_book
from twin.spec.model.waves import Waves

JOBS = {"jobs": Queue(name="jobs"), "safe": Secret(name="safe", value="env:OLD", recovery_window=0)}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A queue and a secret, built once, and a queue that nobody owns."""
    made = Rig(tmp_path_factory.mktemp("kept") / "state")
    made.build(desired(**JOBS))
    made.ask("sqs", "CreateQueue", QueueName="legacy")
    world = made.keep()
    made.world.close()
    return world, made.folder


def only(*known):
    """Return a reader of secrets that has these alone."""

    def read(source):
        assert source in known, f"{source} was read"
        return f"the secret of {source}"

    return read


def waved(plan, wanted):
    """Return a plan with waves."""
    return replace(plan, waves=waves(plan.changes, wanted, Waves(), home="us-east-1"), promotion={"waves": {}})


@pytest.mark.parametrize("delay", [0, 5], ids=["as it is", "and changed"])
def test_what_is_taken_over_can_be_rehearsed(rig, delay):
    """The owner's tag is written on the twin, too, alone or with what else differs, and the way back is gone."""
    wanted = desired(**JOBS, legacy=Queue(name="legacy", delay=delay))
    plan = rig.plan(wanted, adopt=True).plan
    (change,) = plan.pending
    assert (change.action, change.claims, bool(change.differences)) == ("update", True, bool(delay))
    found = arrival(plan, read_secret=only("env:OLD"), shelf=None)
    assert (found.changes, found.left) == (1, ())
    plan = waved(plan, wanted)
    ways = list(returns(plan, wanted, read_secret=only("env:OLD"), shelf=None))
    assert ([one.wave for one in ways], [one.left for one in ways]) == ([one.name for one in plan.waves], [()])


def test_what_was_moved_can_be_rehearsed(tmp_path):
    """A key has no name by which it would be found under its new address."""
    rig = Rig(tmp_path / "state")
    rig.build(desired(old=Key(description="data")))
    wanted, new = desired(new=Key(description="data")), Address("aws.kms.key", "new")
    former = Treatment(former=Address("aws.kms.key", "old"))
    wanted.declarations[new] = replace(wanted[new], treatment=former)
    found = arrival(rig.plan(wanted).plan, read_secret=only(), shelf=None)
    assert (found.changes, found.left) == (1, ())
    rig.world.close()


def test_what_was_cut_short_is_made_anew_on_the_twin_too(rig, monkeypatch):
    """The journal says that its creation never ended."""
    monkeypatch.setattr(Queue, "INCOMPLETE", "replace")
    state = rig.store.load()
    jobs = Address("aws.sqs.queue", "jobs")
    del state.entries[jobs]
    state.pending.add(jobs)
    rig.store.save(state)
    plan = rig.plan(desired(**JOBS)).plan
    assert [(c.key, c.action, c.reason) for c in plan.pending] == [(str(jobs), "replace", "its creation was cut short")]
    found = arrival(plan, read_secret=only("env:OLD"), shelf=None)
    assert (found.changes, found.left) == (1, ())


@pytest.mark.parametrize(
    "safe",
    [{}, {"safe": Secret(name="safe", value="env:NEW", recovery_window=0)}],
    ids=["removed", "from elsewhere"],
)
def test_secrets_that_the_spec_no_longer_names_are_made_up(rig, safe):
    """They may be gone; those that it names are read, and which ones a way back needs is told."""
    wanted = desired(jobs=JOBS["jobs"], **safe)
    plan = rig.plan(wanted).plan
    assert len(plan.pending) == 1
    assert unnamed(plan, wanted) == {"env:OLD"}
    assert arrival(plan, read_secret=only("env:NEW"), shelf=None).left == ()
    cost = Meter(standard_book(), only("env:NEW"), None).monthly(plan, wanted)
    assert (cost.before > cost.after) is (not safe)
    ways = list(returns(waved(plan, wanted), wanted, read_secret=only("env:NEW"), shelf=None))
    assert [one.left for one in ways] == [()]


def test_what_stands_otherwise_on_the_twin_is_still_refused(rig):
    """Not each update passes as one that takes something over."""
    plan = rig.plan(desired(**JOBS)).plan
    (jobs,) = (change for change in plan.changes if change.address.name == "jobs")
    forged = tuple(replace(c, action="update") if c is jobs else c for c in plan.changes)
    with pytest.raises(TargetError, match=r"something else: update aws\.sqs\.queue\.jobs"):
        arrival(replace(plan, changes=forged), read_secret=only("env:OLD"), shelf=None)

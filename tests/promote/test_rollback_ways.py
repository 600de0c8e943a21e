"""The way back after the fact at the engine: what is kept of runs, what is wished for again, and its rehearsal."""

from dataclasses import dataclass, replace

import pytest
from rig import Rig, desired

from twin.address import Address
from twin.engine.history import KEPT, History, Page, last_forth
from twin.engine.inverse import after, together
from twin.engine.lock import Holder
from twin.engine.plan import LeftOut, Plan
from twin.engine.state import Store
from twin.errors import StaleError, StateError, TargetError
from twin.promote.contents import emptied, losses
from twin.promote.rollout import way_back
from twin.resources.aws.kms import Key
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.aws.sqs import Queue
from twin.resources.call import Refused
from twin.resources.declaration import Treatment
from twin.scenario.plan_walk import arrival

OLD = {
    "key": Key(description="data"),
    "jobs": Queue(name="jobs", kms_key="${aws.kms.key.key.arn}"),
    "news": Topic(name="news"),
    "letters": Subscription(topic="${aws.sns.topic.news.arn}", protocol="sqs", endpoint="${aws.sqs.queue.jobs.arn}"),
}
NEW = {**OLD, "news": Topic(name="other"), "more": Topic(name="more"), "key": Key(description="changed")}


@dataclass
class Kept:
    """What stands in a folder, the plan that led there, the way back from it, and one that makes what holds data."""

    rig: Rig
    plan: Plan
    back: Plan
    made: Plan


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """An org, and the plan that made it another one."""
    rig = Rig(tmp_path_factory.mktemp("rollback") / "state")
    rig.store.recorded = True
    rig.build(desired(**OLD))
    plan = rig.plan(desired(**NEW)).plan
    assert rig.carry_out(plan).good
    full = {"a": Bucket(bucket="a", force_destroy=True), "b": Bucket(bucket="b"), "k": Key(description="k")}
    made = rig.plan(desired(**full)).plan
    found = Kept(rig, plan, way_back(plan, rig.target, rig.store).plan, made)
    rig.world.close()
    return found


def test_the_way_back_is_gone_on_a_twin_of_what_is_there_now(kept):
    """A topic that was replaced has another id, and what subscribes to it follows; nothing is left to do."""
    back = kept.back
    assert {c.key: c.action for c in back.pending} == {
        "aws.kms.key.key": "update", "aws.sns.topic.more": "delete", "aws.sns.topic.news": "replace",
        "aws.sns.subscription.letters": "replace",
    }  # fmt: skip
    assert back.undoes == kept.plan.digest
    found = arrival(back, read_secret=lambda source: source, shelf=None)
    assert (found.wave, found.changes, found.left) == ("way back", 4, ())


def test_a_way_back_that_leaves_something_undone_is_told(kept, monkeypatch):
    """One of its changes fails on the twin: the rehearsal says which."""
    monkeypatch.setattr(Key, "update", lambda *_: iter(()))
    found = arrival(kept.back, read_secret=lambda source: source, shelf=None)
    assert found.left == ("aws.kms.key.key is still to update",)


def test_what_is_lost_is_told_by_what_it_held(kept):
    """A bucket that empties itself loses its objects, one that does not had none; a key is given back by its id."""
    made = replace(kept.made, changes=tuple(c for c in kept.made.changes if c.action == "create"))
    ids = {Address("aws.kms.key", "k"): "1234"}
    found = {one.key: one for one in losses(made, ids)}
    assert sorted(found) == ["aws.kms.key.k", "aws.s3.bucket.a"]
    assert "cancel-key-deletion --key-id 1234 --region us-east-1" in found["aws.kms.key.k"].restore
    assert list(losses(replace(made, changes=()), {})) == []
    gone = replace(made, changes=tuple(replace(c, action="delete", observed=c.fields) for c in made.changes))
    assert sorted(change.key for change, _ in emptied(gone)) == ["aws.kms.key.k", "aws.s3.bucket.a"]
    assert list(after(gone)) == []


def test_every_run_is_kept_with_its_plan(kept):
    """In the order in which they began, as they were made."""
    rig, plan = kept.rig, kept.plan
    runs = rig.store.history.runs()
    assert [run.number for run in runs] == [1, 2]
    assert rig.store.history.plan(runs[1]) == plan
    file = rig.folder / "runs" / "0002.json"
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    text = file.read_text()
    file.write_text(text.replace('"changed"', '"changes"'))
    with pytest.raises(StaleError, match="was changed after it was saved"):
        rig.store.history.plan(runs[1])
    file.write_text(text)


def paper(texts):
    """Return a history on a mapping."""
    return History(
        lambda name: Page(name, lambda: texts.get(name), lambda text: texts.update({name: text}),
                          lambda: texts.pop(name, None))
    )  # fmt: skip


def test_the_oldest_plans_are_forgotten(kept):
    """The list and the plans have the same length, and numbers go on."""
    texts, plan = {}, kept.plan
    empty = replace(plan, changes=())
    for _ in range(KEPT + 3):
        paper(texts).add(empty, Holder(who="ana"))
    runs = paper(texts).runs()
    assert (len(runs), runs[0].number, runs[-1].number) == (KEPT, 4, KEPT + 3)
    assert len(texts) == KEPT + 1


def test_the_last_run_that_stands_is_found_behind_ways_back(kept):
    """One that was taken back counts as what it took back, so that asking twice changes nothing."""
    texts, history = {}, []

    def run(spec, undoes=""):
        paper(texts).add(replace(kept.plan, changes=(), spec_digest=spec, undoes=undoes), Holder())
        history[:] = paper(texts).runs()
        return history[-1].plan

    run("1")
    two = run("2")
    assert [r.number for r in last_forth(history)] == [2]
    run("2", two)
    assert [r.number for r in last_forth(history)] == [2, 3]
    run("3")
    assert [r.number for r in last_forth(history)] == [4]
    assert last_forth([]) == []


def test_what_was_left_out_of_the_first_run_is_as_the_next_one_found_it(kept):
    """Together they tell what the first alone does not."""
    plan = kept.plan
    part = tuple(c for c in plan.changes if c.key != "aws.kms.key.key")
    first = replace(plan, changes=part, left_out=(LeftOut("aws.kms.key.key", "update", "left out by name"),))
    assert {c.key for c in together([first, plan]).changes} == {c.key for c in plan.changes}
    assert together([first]).left_out == first.left_out


def test_a_run_that_cannot_be_kept_sends_nothing(tmp_path):
    """Without its plan there would be no way back to before it."""
    rig = Rig(tmp_path / "state")
    store = Store(tmp_path / "state", recorded=True)
    rig.store = store
    plan = rig.plan(desired(news=Topic(name="news"))).plan
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "runs").write_text("a file where the folder should be")
    with pytest.raises(StateError, match="cannot be written"):
        rig.carry_out(plan)
    assert rig.pending(desired(news=Topic(name="news"))) == {"aws.sns.topic.news": "create"}
    rig.world.close()


def test_what_had_another_address_has_it_again(tmp_path):
    """The object stays: its mark alone is written."""
    rig = Rig(tmp_path / "state")
    rig.build(desired(news=Topic(name="news")))
    moved = desired(letters=Topic(name="news"))
    new = Address("aws.sns.topic", "letters")
    former = Treatment(former=Address("aws.sns.topic", "news"))
    moved.declarations[new] = replace(moved[new], treatment=former)
    plan = rig.plan(moved).plan
    assert rig.carry_out(plan).good
    back = way_back(plan, rig.target, rig.store).plan
    assert [(c.key, c.action, c.reason, c.former) for c in back.pending] == [
        ("aws.sns.topic.news", "update", "ownership", "aws.sns.topic.letters")
    ]
    assert rig.carry_out(back).good
    assert rig.pending(desired(news=Topic(name="news"))) == {}
    rig.world.close()


def test_what_was_taken_over_since_is_not_removed_with_what_was_made(tmp_path):
    """It was there before both runs; what the second one changed of it goes back, and that it stays ours is told."""
    rig = Rig(tmp_path / "state")
    rig.store.recorded = True
    rig.build(desired(news=Topic(name="news")))
    queues = rig.aws.client("sqs")
    queues.create_queue(QueueName="hand", Attributes={"VisibilityTimeout": "60"})
    jobs = Queue(name="jobs")
    assert rig.apply(desired(news=Topic(name="news"), jobs=jobs)).good
    hand = Queue(name="hand", visibility_timeout=90)
    assert rig.apply(desired(news=Topic(name="news"), jobs=jobs, hand=hand), adopt=True).good
    plans = [rig.store.history.plan(run) for run in rig.store.history.runs()]
    back = way_back(together(plans[1:]), rig.target, rig.store)
    assert {c.key: c.action for c in back.plan.pending} == {
        "aws.sqs.queue.jobs": "delete", "aws.sqs.queue.hand": "update",
    }  # fmt: skip
    assert "keeps our mark" in back.stays["aws.sqs.queue.hand"]
    assert rig.carry_out(back.plan).good
    url = queues.get_queue_url(QueueName="hand")["QueueUrl"]
    found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert found == {"VisibilityTimeout": "60"}
    rig.world.close()


def test_a_target_that_refuses_to_be_read_shows_no_way_back(tmp_path):
    """It is told as a failure of the target, with what it said."""
    rig = Rig(tmp_path / "state")
    rig.store.recorded = True
    rig.build(desired(news=Topic(name="news")))
    plan = rig.store.history.plan(rig.store.history.runs()[0])

    def denied(call):
        raise Refused(call, "AccessDenied", "not for you", status=403)

    rig.faulty(denied)
    with pytest.raises(TargetError, match=r"the target refused to be read.*not for you"):
        way_back(plan, rig.target, rig.store)
    rig.world.close()

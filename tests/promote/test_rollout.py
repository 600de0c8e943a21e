"""A plan in waves: in which order they go, what stops them, and that the way back leads to where they began."""

import json
from dataclasses import replace

import pytest
from rig import READ, TRUST, Rig, desired

from twin.engine.apply import Means, apply
from twin.engine.execution import nodes
from twin.engine.going_on import rest_of
from twin.engine.history import last_forth
from twin.engine.inverse import together
from twin.engine.plan import load, save
from twin.engine.staleness import refuse_stale
from twin.engine.waves import CANARY, REMOVALS, waves
from twin.errors import GuardError, StaleError, StateError, TargetError
from twin.promote.health import Watch
from twin.promote.restored import differences, read
from twin.promote.rollout import HALTED, Course, roll_out, way_back
from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.kms import Alias, Key
from twin.resources.aws.secretsmanager import Secret
from twin.resources.aws.security_group import SecurityGroup
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.aws.sqs import Queue
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import Vpc
from twin.resources.call import Refused, aws, okta
from twin.resources.okta.group import Group
from twin.spec.model.waves import Health, Waves

NETWORK = {
    "net": Vpc(cidr_block="10.0.0.0/16"),
    "a": Subnet(vpc="${aws.ec2.vpc.net.id}", cidr_block="10.0.0.0/24", availability_zone="us-east-1a"),
    "b": Subnet(vpc="${aws.ec2.vpc.net.id}", cidr_block="10.0.1.0/24", availability_zone="us-east-1b"),
    "front": SecurityGroup(vpc="${aws.ec2.vpc.net.id}", name="front", description="front"),
}
RINGS = Alarm(
    name="depth", namespace="AWS/SQS", metric="ApproximateNumberOfMessagesVisible", dimensions={"QueueName": "jobs"},
    statistic="Maximum", period=60, threshold=10, comparison="GreaterThanThreshold", treat_missing_data="ignore",
)  # fmt: skip


def org(*, wait=0, text="", extra=True, delay=0, **more):
    """Return an org; its options are what changes."""
    parts = {
        **NETWORK,
        "key": Key(description=f"data{text}"),
        "alias": Alias(name="alias/data", key="${aws.kms.key.key.id}"),
        "jobs": Queue(name="jobs", kms_key="${aws.kms.key.key.arn}", receive_wait=wait),
        "canary": Queue(name="canary", delay=delay),
        "news": Topic(name="news", display_name=text),
        "letters": Subscription(
            topic="${aws.sns.topic.news.arn}", protocol="sqs", endpoint="${aws.sqs.queue.jobs.arn}"
        ),
        "worker": Role(name="worker", trust=TRUST, description=text),
        "reads": Policy(name="reads", policy=READ),
        "may": Attachment(role="${aws.iam.role.worker.id}", policy="${aws.iam.policy.reads.arn}"),
        "team": Group(name="team", description=text),
        "depth": RINGS,
    }
    if extra:
        parts["old"] = Queue(name="old", kms_key="${aws.kms.key.key.arn}")
    return desired(**{**parts, **more})


AFTER = {
    "wait": 5, "text": "changed", "extra": False, "delay": 7,
    "fresh": Queue(name="fresh"), "more": Topic(name="more"), "vault": Secret(name="vault", recovery_window=0),
}  # fmt: skip
ASKED = Waves(canary=("aws.sqs.queue.canary",), steps=(1, 3), health=Health(alarms=("depth",)))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The org, built once: its world and its state."""
    made = Rig(tmp_path_factory.mktemp("kept") / "state")
    made.build(org())
    ring(made, "OK")
    world = made.keep()
    made.world.close()
    return world, made.folder


def waved(rig, wanted, asked=ASKED):
    """Return a plan with waves, saved and read again."""
    planned = rig.plan(wanted)
    assert planned.problems == []
    plan = planned.plan
    plan = replace(plan, waves=waves(plan.changes, wanted, asked, home="us-east-1"))
    rig.folder.mkdir(exist_ok=True)
    save(plan, rig.folder / "plan.json")
    assert load(rig.folder / "plan.json") == plan
    return plan


@pytest.fixture
def course(rig):
    """Return a maker of courses: who watches, and what happens while they sleep."""

    def make(asked=ASKED, *, meanwhile=lambda: None, run=None):
        def sleep(seconds):
            rig.slept.append(seconds)
            rig.clock.advance(seconds)
            meanwhile()

        means = Means(sleep, lambda source: f"the secret of {source}")
        said = rig.events
        return Course(rig.target, rig.store, means, Watch(asked.health, rig.target, sleep, run), said.append)

    return make


def ring(rig, state="ALARM"):
    """Have the alarm say something."""
    params = {"AlarmName": "depth", "StateValue": state, "StateReason": "a test"}
    rig.aws.execute(aws("cloudwatch", "SetAlarmState", params))


def test_no_step_comes_before_one_that_it_needs(rig):
    """Every pair of the execution graph, over creations, updates, replacements and removals."""
    new = org(**AFTER, front=SecurityGroup(vpc="${aws.ec2.vpc.net.id}", name="front", description="another"))
    plan = waved(rig, new)
    place = {step: number for number, wave in enumerate(plan.waves) for step in wave.steps}
    pairs = [(node, need) for node, wanted in nodes(plan.pending).items() for need in wanted]
    assert {c.action for c in plan.pending} == {"create", "update", "replace", "delete"}
    assert (len(place), len(pairs) >= 1) == (len(nodes(plan.pending)), True)
    assert [p for p in pairs if place[p[0].key, p[0].action] < place[p[1].key, p[1].action]] == []


def test_the_fewest_things_rely_on_what_goes_first(rig):
    """The canary by name, then by radius; the key, on which queues rely, after them; what is removed at the end."""
    plan = waved(rig, org(**AFTER))
    names = [wave.name for wave in plan.waves]
    assert (names[0], names[-1]) == (CANARY, REMOVALS)
    assert plan.waves[0].steps == (("aws.sqs.queue.canary", "update"),)
    assert plan.waves[-1].steps == (("aws.sqs.queue.old", "delete"),)
    of = {key: wave.name for wave in plan.waves for key, _ in wave.steps}
    assert (of["okta.group.team"], of["aws.sns.topic.news"]) == ("radius 1", "radius 3")
    assert of["aws.kms.key.key"] == "everything else"  # jobs, letters, old and the alias rely on it


def test_what_a_canary_needs_of_what_is_new_comes_with_it_and_changes_are_waited_for(rig):
    """A new topic is pulled forward; a key that is changed is not."""
    asked = Waves(canary=("aws.sns.subscription.*", "aws.sqs.queue.locked"))
    new = org(
        text="changed",
        more=Topic(name="more"),
        echo=Subscription(topic="${aws.sns.topic.more.arn}", protocol="sqs", endpoint="${aws.sqs.queue.jobs.arn}"),
        locked=Queue(name="locked", kms_key="${aws.kms.key.key.arn}"),
    )
    of = {key: wave.name for wave in waved(rig, new, asked).waves for key, _ in wave.steps}
    assert (of["aws.sns.subscription.echo"], of["aws.sns.topic.more"]) == (CANARY, CANARY)
    assert of["aws.sqs.queue.locked"] == of["aws.kms.key.key"] != CANARY


def test_zones_go_one_by_one(rig):
    """What lies in one zone is a wave of its own; what lies in several, or in none, comes after."""
    new = org(text="changed", a=NETWORK["a"].model_copy(update={"tags": {"new": "1"}}),
              b=NETWORK["b"].model_copy(update={"tags": {"new": "1"}}))  # fmt: skip
    plan = waved(rig, new, Waves(by="zone"))
    assert [wave.name for wave in plan.waves] == ["us-east-1a", "us-east-1b", "everything else"]
    assert plan.waves[1].steps == (("aws.ec2.subnet.b", "update"),)


WEST = {"rest@us-west-2": Queue(name="rest"), "deep@us-west-2": RINGS.model_copy(update={"name": "deep"})}


def abroad(**more):
    """Return the org with a queue and an alarm in another Region, and with what changes."""
    found = org(**more)
    for name, resource in WEST.items():
        found.add(name, resource, ())
    return found


def test_regions_go_one_by_one(rig):
    """In the order of the spec, else the one first on which least relies; what is global comes after them."""
    names = [wave.name for wave in waved(rig, abroad(**AFTER), Waves(by="region")).waves]
    assert names == ["us-west-2", "us-east-1", "everything else", REMOVALS]
    asked = Waves(by="region", regions=("us-east-1", "us-west-2"), canary=("aws.sqs.queue.canary",))
    plan = waved(rig, abroad(**AFTER), asked)
    assert [wave.name for wave in plan.waves] == [CANARY, "us-east-1", "us-west-2", "everything else", REMOVALS]
    of = {key: wave.name for wave in plan.waves for key, _ in wave.steps}
    assert (of["aws.sqs.queue.rest@us-west-2"], of["aws.sqs.queue.fresh"]) == ("us-west-2", "us-east-1")
    assert of["aws.iam.role.worker"] == of["okta.group.team"] == "everything else"


def test_an_alarm_of_another_region_stops_the_next_one(rig, course):
    """The Region that goes first is ill after its wave: nothing is sent to the org's own, and it is as before."""
    was = read(org(), rig.target, rig.store)
    plan = waved(rig, abroad(**AFTER), Waves(by="region"))
    looking = course(Waves(by="region", health=Health(alarms=("deep",))))
    looking.watch.regions = ("", "us-west-2")
    begin, after = looking.watch.begin, looking.watch.after
    tell = {"AlarmName": "deep", "StateValue": "ALARM", "StateReason": "west"}
    looking.watch.after = lambda *, last: (
        rig.aws.execute(aws("cloudwatch", "SetAlarmState", tell, region="us-west-2")), after(last=last)
    )[1]  # fmt: skip
    begin()
    done = roll_out(plan, looking)
    assert done.outcome.halted == (
        f"wave 1 of {len(plan.waves)}, us-west-2: the alarm deep@us-west-2 is in ALARM: west"
    )
    assert {key.rpartition("@")[2] for key in done.outcome.done} == {"us-west-2"}
    assert list(differences(was, read(org(), rig.target, rig.store))) == []


def test_all_is_done_where_all_is_well(rig, course):
    """Wave by wave, each looked at; nothing is left to do."""
    plan = waved(rig, org(**AFTER))
    done = roll_out(plan, course())
    assert (done.outcome.good, done.back, rig.pending(org(**AFTER))) == (True, None, {})
    assert sum("is done" in said for said in rig.events if isinstance(said, str)) == len(plan.waves)


def test_an_alarm_in_the_second_wave_brings_back_what_was_before(rig, course):
    """It rings while the second wave soaks; nothing later was sent, and the account reads as it did."""
    was = read(org(), rig.target, rig.store)
    asked = ASKED.model_copy(update={"health": Health(alarms=("depth",), soak="1m")})
    plan = waved(rig, org(**AFTER), asked)

    def meanwhile():
        if len(rig.slept) == 6:
            ring(rig)

    done = roll_out(plan, course(asked, meanwhile=meanwhile))
    first, second = ({key for key, _ in wave.steps} for wave in plan.waves[:2])
    assert done.outcome.halted.startswith("wave 2 of ")
    assert "the alarm depth is in ALARM: a test" in done.outcome.halted
    assert set(done.outcome.done) == first | second
    assert done.back.good, done.back
    assert list(differences(was, read(org(), rig.target, rig.store))) == []
    assert rig.pending(org()) == {}
    told = [json.loads(line) for line in (rig.folder / HALTED).read_text().splitlines()]
    assert [line["phase"] for line in told if "wave" in line] == ["begin", "end", "begin", "halted"]


def test_a_way_back_whose_journal_finds_no_place_is_not_begun(rig, course):
    """Exit 3, as for any journal that cannot be written: the waves that were done stand."""
    asked = ASKED.model_copy(update={"health": Health(alarms=("depth",), soak="1m")})
    (rig.folder / HALTED).mkdir()
    with pytest.raises(StateError, match=f"{HALTED} cannot be written"):
        roll_out(waved(rig, org(**AFTER), asked), course(asked, meanwhile=lambda: ring(rig)))
    assert not any("taking it back" in said for said in rig.events if isinstance(said, str))


def test_without_the_way_back_the_account_is_another_one(rig, course, monkeypatch):
    """The comparison sees what the waves did, so that it can miss none of it."""
    was = read(org(), rig.target, rig.store)
    monkeypatch.setattr("twin.promote.rollout.take_back", lambda plan, course: None)
    roll_out(waved(rig, org(**AFTER)), course(run=None, meanwhile=lambda: None))
    found = list(differences(was, read(org(), rig.target, rig.store)))
    assert any(line.startswith("aws.sqs.queue.old is gone") for line in found)
    assert any(line.startswith("aws.sqs.queue.fresh is there") for line in found)
    assert any(line.startswith("aws.sqs.queue.jobs: receive_wait was 0") for line in found)


def test_what_was_removed_and_replaced_comes_back(rig, course):
    """The alarm rings after the last wave: even what has other ids now is what it was, and who names it knows."""
    was = read(org(), rig.target, rig.store)
    new = org(**AFTER, front=SecurityGroup(vpc="${aws.ec2.vpc.net.id}", name="front", description="another"))
    plan = waved(rig, new)
    watching = course()
    after = watching.watch.after
    watching.watch.after = lambda *, last: (ring(rig), after(last=last))[1] if last else after(last=last)
    done = roll_out(plan, watching)
    assert done.outcome.halted.startswith(f"wave {len(plan.waves)} of ")
    assert done.back.good, done.back
    assert list(differences(was, read(org(), rig.target, rig.store))) == []
    assert rig.pending(org()) == {}


def guarded(**more):
    """Return the org of which the spec guards two queues."""
    found = org(**more)
    found.protections = [("aws.sqs.queue.jobs", "orders lie in it", ()), ("aws.sqs.queue.canary", "it sings", ())]
    return found


def test_what_was_protected_still_is_after_the_way_back(rig, course):
    """One queue is brought back, the other stayed as it was; a plan of a spec that drops the protection ends it."""
    rig.build(guarded())
    kept = {"aws.sqs.queue.jobs": "orders lie in it", "aws.sqs.queue.canary": "it sings"}
    assert {str(a): why for a, why in rig.store.load().protected.items()} == kept
    watching = course()
    watching.watch.after = lambda *, last: "it is not well" if last else None
    done = roll_out(waved(rig, guarded(wait=5)), watching)
    assert (done.back.done, done.back.good) == (["aws.sqs.queue.jobs"], True)
    assert {str(a): why for a, why in rig.store.load().protected.items()} == kept
    assert rig.apply(org()).good
    assert rig.store.load().protected == {}


def test_a_first_apply_is_taken_back_to_nothing(rig, course):
    """Everything is new again: everything goes."""
    assert rig.destroy(org()).good
    plan = waved(rig, org())
    watching = course()
    watching.watch.after = lambda *, last: "it is not well" if last else None
    done = roll_out(plan, watching)
    assert (done.back.good, rig.owned()) == (True, [])


def test_a_change_that_fails_stops_its_wave_and_is_taken_back(rig, course):
    """The vendor refuses one change of the second wave."""
    was = read(org(), rig.target, rig.store)
    plan = waved(rig, org(**AFTER))

    def refuse(call):
        if str(call) == "sns:CreateTopic":
            raise Refused(call, "InternalFailure", "no", status=500)

    rig.faulty(refuse)
    done = roll_out(plan, course())
    assert done.outcome.halted == f"wave 2 of {len(plan.waves)}, radius 1: 1 of its changes failed"
    assert list(differences(was, read(org(), rig.target, rig.store))) == []


def test_nothing_begins_while_an_alarm_rings(rig, course):
    """Who is ill already is not operated on."""
    ring(rig)
    plan = waved(rig, org(**AFTER))
    with pytest.raises(GuardError, match="depth is in ALARM"):
        roll_out(plan, course())
    assert rig.pending(org()) == {}


def test_an_alarm_that_falls_silent_is_waited_for_and_then_counts(rig, course):
    """It had data before; without any for so long as a wave may take, it is not well."""
    watching = course()
    after = watching.watch.after
    watching.watch.after = lambda *, last: (ring(rig, "INSUFFICIENT_DATA"), after(last=last))[1]
    done = roll_out(waved(rig, org(**AFTER)), watching)
    assert "the alarm depth has no data any more, after 0:05:00" in done.outcome.halted
    assert sum(rig.slept) == 300


def test_a_command_that_fails_is_an_alarm(rig, course):
    """It is tried again as long as a wave may take; its exit code is told."""
    asked = ASKED.model_copy(update={"health": Health(commands=("./smoke",), within="30s")})
    codes = iter([0, 1, 1, 1])
    done = roll_out(waved(rig, org(**AFTER), asked), course(asked, run=lambda _: next(codes)))
    assert "`./smoke` ended with 1, after 0:00:30" in done.outcome.halted


def test_a_pattern_that_names_no_alarm_watches_nothing_and_counts(rig, course):
    """Told after the last wave, since a plan may make the alarm itself."""
    asked = ASKED.model_copy(update={"health": Health(alarms=("dpeth",))})
    plan = waved(rig, org(**AFTER), asked)
    done = roll_out(plan, course(asked))
    assert "no alarm is called dpeth" in done.outcome.halted
    assert done.outcome.halted.startswith(f"wave {len(plan.waves)} of ")


def test_an_endpoint_that_does_not_answer_between_waves_stops_them(rig, course):
    """Whether all is well cannot be asked for as long as a wave may take, so nothing goes on."""
    plan = waved(rig, org(**AFTER))
    watching = course()
    asked = iter([None])

    def complaints(*, last):
        if next(asked, "down") == "down":
            raise TargetError("nobody answers")
        return iter(())

    watching.watch._complaints = complaints
    assert "cannot be asked: nobody answers, after 0:05:00" in roll_out(plan, watching).outcome.halted


def closing(course, *, before):
    """Return a course on which the window closes before the wave of a number."""
    asked = []

    def closed():
        asked.append(None)
        return "the window is closed" if len(asked) >= before else None

    return replace(course, means=replace(course.means, closed=closed))


def recorded(rig):
    """Keep the plans of runs, as the real accounts' state does."""
    rig.store.recorded = True


def test_a_window_that_closes_stops_the_run_before_the_next_wave(rig, course):
    """The wave in flight is finished, nothing is taken back, and the journal says why the next one did not begin."""
    recorded(rig)
    plan = waved(rig, org(**AFTER))
    done = roll_out(plan, closing(course(), before=3))
    first, second = ({key for key, _ in wave.steps} for wave in plan.waves[:2])
    told = f"before wave 3 of {len(plan.waves)}, {plan.waves[2].name}: the window is closed"
    assert (done.outcome.paused, done.outcome.halted, done.outcome.good, done.back) == (told, "", False, None)
    assert set(done.outcome.done) == first | second
    assert set(rig.pending(org(**AFTER))) == {change.key for change in plan.pending} - first - second
    lines = [json.loads(line) for line in rig.store.previous_file.read_text().splitlines()]
    assert [line["phase"] for line in lines if "wave" in line] == ["begin", "end", "begin", "end", "paused"]


def test_the_same_plan_goes_on_where_it_stopped(rig, course):
    """What is done is not done again, and nothing is left to do."""
    recorded(rig)
    plan = waved(rig, org(**AFTER))
    paused = roll_out(plan, closing(course(), before=3))
    rest = rest_of(plan, rig.target, rig.store)
    refuse_stale(rest, rig.target, rig.store.load())
    assert {c.key for c in rest.pending} == {c.key for c in plan.pending} - set(paused.outcome.done)
    again = roll_out(rest, closing(course(), before=2))
    assert again.outcome.paused.startswith(f"before wave 2 of {len(rest.waves)}, {plan.waves[3].name}")
    done = roll_out(rest_of(plan, rig.target, rig.store), course())
    assert (done.outcome.good, rig.pending(org(**AFTER))) == (True, {})
    assert rest_of(plan, rig.target, rig.store).pending == ()


def test_a_window_that_closes_before_the_first_wave_leaves_no_run_to_take_back(rig, course):
    """Nothing was sent: what ran last before it is still what is taken back."""
    recorded(rig)
    done = roll_out(waved(rig, org(**AFTER)), closing(course(), before=1))
    assert (done.outcome.paused.startswith("before wave 1 of "), done.outcome.done, done.back) == (True, [], None)
    assert rig.store.history.runs() == []
    lines = [json.loads(line) for line in rig.store.previous_file.read_text().splitlines()]
    assert [line["phase"] for line in lines if "wave" in line] == ["paused"]


def test_a_plan_that_went_on_is_taken_back_as_a_whole(rig, course):
    """From the run that began it, also where the last part alone was taken back already; a part can be named."""
    recorded(rig)
    was = read(org(), rig.target, rig.store)
    plan = waved(rig, org(**AFTER))
    roll_out(plan, closing(course(), before=2))
    first = len(rig.store.history.runs())
    assert roll_out(rest_of(plan, rig.target, rig.store), course()).outcome.good
    history = rig.store.history
    runs = history.runs()
    assert ([run.goes_on for run in runs], last_forth(runs)) == (["", plan.digest], runs)
    assert [history.plan(run).goes_on for run in runs] == ["", plan.digest]
    last = way_back(history.plan(runs[first]), rig.target, rig.store).plan
    assert apply(last, rig.target, rig.store, course().means).good
    assert list(differences(was, read(org(), rig.target, rig.store))) != []
    assert [run.number for run in last_forth(history.runs())] == [1, 2, 3]
    back = way_back(together([history.plan(run) for run in history.runs()]), rig.target, rig.store).plan
    assert apply(back, rig.target, rig.store, course().means).good
    assert list(differences(was, read(org(), rig.target, rig.store))) == []


def test_a_replacement_that_stopped_half_way_wants_a_new_plan(rig, course):
    """The new one is there and the old one is not removed yet: no part of the plan says that alone."""
    recorded(rig)
    plan = waved(rig, org(news=Topic(name="letters")), Waves(canary=("aws.sns.topic.news",)))
    steps = [number for number, wave in enumerate(plan.waves, 1) for key, _ in wave.steps if key.endswith(".news")]
    assert roll_out(plan, closing(course(), before=max(steps))).outcome.paused
    with pytest.raises(StaleError, match=r"news is replaced, and the old one is still there; plan again"):
        rest_of(plan, rig.target, rig.store)


def by_hand(rig, name, **attributes):
    """Change a queue behind the applier's back."""
    url = rig.ask("sqs", "GetQueueUrl", QueueName=name)["QueueUrl"]
    rig.ask("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=attributes)


@pytest.mark.parametrize(
    ("name", "attribute"), [("canary", "DelaySeconds"), ("jobs", "MaximumMessageSize")], ids=["done", "not done"]
)
def test_a_plan_does_not_go_on_over_what_was_changed_meanwhile(rig, course, name, attribute):
    """Neither over what it did, nor over what it has still to do."""
    recorded(rig)
    plan = waved(rig, org(**AFTER))
    roll_out(plan, closing(course(), before=2))
    by_hand(rig, name, **{attribute: "200" if name == "canary" else "2048"})
    with pytest.raises(StaleError, match="plan is stale"):
        refuse_stale(rest_of(plan, rig.target, rig.store), rig.target, rig.store.load())


def test_a_plan_does_not_go_on_where_what_it_has_still_to_change_is_gone(rig, course):
    """It is refused with nothing sent, and not found out by a call that fails."""
    recorded(rig)
    plan = waved(rig, org(**AFTER))
    roll_out(plan, closing(course(), before=2))
    rest = rest_of(plan, rig.target, rig.store)
    assert "okta.group.team" in {change.key for change in rest.pending if change.action == "update"}
    (team,) = (change.id for change in plan.changes if change.key == "okta.group.team")
    rig.by_hand(okta("DELETE", f"/api/v1/groups/{team}"))
    with pytest.raises(StaleError, match=r"stale: okta\.group\.team is gone; plan again"):
        refuse_stale(rest_of(plan, rig.target, rig.store), rig.target, rig.store.load())


def test_a_target_that_refuses_to_be_read_again_is_told_as_that(rig):
    """Whether a plan still fits it cannot be told; that is the target's failure."""
    plan = waved(rig, org(**AFTER))

    def denied(call):
        raise Refused(call, "AccessDenied", "not for you", status=403)

    rig.faulty(denied)
    with pytest.raises(TargetError, match=r"the target refused to be read.*not for you"):
        refuse_stale(plan, rig.target, rig.store.load())


def test_a_plan_that_nobody_began_here_does_not_go_on(rig, course):
    """What stands there is not taken for its own doing."""
    plan = waved(rig, org(**AFTER))
    roll_out(plan, closing(course(), before=2))
    assert rest_of(plan, rig.target, rig.store) is plan

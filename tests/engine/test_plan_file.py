"""A saved plan: what is loaded is what was saved, and nothing else is accepted."""

import json
import stat
from dataclasses import replace

import pytest
from rig import READ, TRUST, desired

from twin.address import Address
from twin.engine import plan as plans
from twin.engine.planner import observed_digest
from twin.engine.refresh import refresh
from twin.engine.staleness import refuse_stale
from twin.errors import StaleError, UsageError
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.sns import Topic
from twin.resources.declaration import Treatment
from twin.resources.okta.group import Group


def org(**more):
    """Return an org with references."""
    return desired(
        role=Role(name="r", trust=TRUST),
        policy=Policy(name="p", policy=READ),
        both=Attachment(role="${aws.iam.role.role.id}", policy="${aws.iam.policy.policy.arn}"),
        topic=Topic(name="t"),
        bucket=Bucket(bucket="acme-t", versioning=True),
        team=Group(name="team"),
        **more,
    )


@pytest.fixture
def saved(rig, tmp_path):
    """A saved plan."""
    file = tmp_path / "plan.json"
    plans.save(rig.plan(org()).plan, file)
    return file


def test_a_plan_survives_saving(rig, saved):
    """Digest, order and every value are the same; others may not read the file."""
    plan = rig.plan(org()).plan
    loaded = plans.load(saved)
    assert loaded.document() == json.loads(saved.read_text()) == json.loads(json.dumps(plan.document()))
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_a_plan_over_one_that_all_could_read_is_its_owners_alone(rig, tmp_path):
    """The mode of the file that was there does not stay."""
    file = tmp_path / "plan.json"
    file.touch(mode=0o666)
    file.chmod(0o666)
    plans.save(rig.plan(org()).plan, file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_loaded_plan_can_be_carried_out(rig, saved):
    """It does the same as the plan in memory."""
    assert rig.carry_out(plans.load(saved)).good
    assert rig.pending(org()) == {}


def changed_field(data):
    """Change a value that apply would send."""
    data["changes"][0]["fields"]["name"] = "other"


def changed_scope(data):
    """Point the plan at another account."""
    data["scope"]["account"] = "999999999999"


def changed_order(data):
    """Let everything go at once."""
    for change in data["changes"]:
        change["after"] = []


def changed_action(data):
    """Leave one out."""
    data["changes"][0]["action"] = "no-op"


def changed_target(data):
    """Send what was planned on the twin to the real accounts."""
    data["target"] = "live"


def changed_file(data):
    """Take the checks of its waves, and the files of its secrets, from another folder."""
    data["spec"]["file"] = "/tmp/other/org.yaml"


def changed_summary(data):
    """Show whoever approves it less than it does."""
    data["summary"]["create"] = 0


def changed_digest(data):
    """Sign something else."""
    data["digest"] = "0" * 64


def changed_strangers(data):
    """Show whoever approves it a stranger less, or one more: it is what a way back goes by too."""
    data["unmanaged"].append({"type": "aws.sqs.queue", "id": "q-2", "name": "two"})


def changed_blindness(data):
    """Hide that something could not be read."""
    data["unreadable"] = {"aws.kms.key": "AccessDenied"}


TAMPERINGS = (
    changed_field, changed_scope, changed_order, changed_action, changed_target, changed_file, changed_summary,
    changed_digest, changed_strangers, changed_blindness,
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_a_plan_that_was_changed_is_refused(saved, tamper):
    """The digest covers all that decides what apply does."""
    data = json.loads(saved.read_text())
    tamper(data)
    saved.write_text(json.dumps(data))
    with pytest.raises(UsageError, match="digest"):
        plans.load(saved)


def test_a_plan_of_an_earlier_twin_is_told_as_one(saved):
    """Its digest was that of its effect alone, and fits; what it shows besides was signed by nobody."""
    data = json.loads(saved.read_text())
    data["digest"] = data.pop("effect")
    saved.write_text(json.dumps(data))
    with pytest.raises(StaleError, match=r"saved by an earlier twin, whose digest left out .*; plan again"):
        plans.load(saved)


def test_strangers_change_what_a_plan_shows_and_not_its_effect(rig, saved):
    """Two plans that do the same are told to be the same deed; each is signed with what its reader was shown."""
    rig.aws.client("sns").create_topic(Name="elsewhere")
    before, after = plans.load(saved), rig.plan(org()).plan
    assert (before.effect, len(before.unmanaged)) == (after.effect, len(after.unmanaged) - 1)
    assert before.digest != after.digest


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe\x00", b'{"changes": [1]}', b"null"])
def test_a_file_that_is_no_plan_is_refused(tmp_path, content):
    """Whatever it is, the user is told that it is no plan."""
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="not a plan"):
        plans.load(file)


@pytest.mark.parametrize("part", ["promotion", "changes", "waves"])
def test_a_plan_with_a_part_that_is_none_is_refused(saved, part):
    """What stands there is no mapping and no list of them."""
    saved.write_text(json.dumps({**json.loads(saved.read_text()), part: ["x"]}))
    with pytest.raises(UsageError, match="not a plan"):
        plans.load(saved)


def test_a_plan_is_fresh_while_nothing_changed(rig, saved):
    """An unmanaged object elsewhere does not make it stale."""
    rig.aws.client("sns").create_topic(Name="elsewhere")
    refuse_stale(plans.load(saved), rig.target, rig.store.load())


def test_a_plan_is_stale_when_what_it_creates_came_meanwhile(rig, saved):
    """Carrying it out would collide."""
    rig.aws.client("sns").create_topic(Name="t")
    with pytest.raises(UsageError, match=r"stale.*aws\.sns\.topic\.topic"):
        refuse_stale(plans.load(saved), rig.target, rig.store.load())


def changed(client):
    """Change what the plan saw."""
    client.set_topic_attributes(
        TopicArn="arn:aws:sns:us-east-1:123456789012:t", AttributeName="DisplayName", AttributeValue="x"
    )


def removed(client):
    """Remove what the plan saw."""
    client.delete_topic(TopicArn="arn:aws:sns:us-east-1:123456789012:t")


@pytest.mark.parametrize("meanwhile", [changed, removed])
def test_a_plan_is_stale_when_what_it_saw_changed_or_went(rig, tmp_path, meanwhile):
    """It was decided on what is no more."""
    rig.build(org())
    plans.save(rig.plan(org(more=Topic(name="more"))).plan, tmp_path / "plan.json")
    plan = plans.load(tmp_path / "plan.json")
    refuse_stale(plan, rig.target, rig.store.load())
    meanwhile(rig.aws.client("sns"))
    with pytest.raises(UsageError, match="stale"):
        refuse_stale(plan, rig.target, rig.store.load())


THEIRS = "arn:aws:sns:us-east-1:123456789012:theirs"


def another_id(change, theirs):
    """Mean a topic of somebody's by the address of ours."""
    return replace(change, id=THEIRS, observed=dict(theirs.fields), outputs=dict(theirs.outputs))


def removal(change, theirs):
    """Remove a topic of somebody's."""
    return replace(another_id(change, theirs), action="delete", surplus=True)


@pytest.mark.parametrize(("tamper", "says"), [(another_id, "is not what it tells"), (removal, "is not ours")])
def test_a_plan_is_about_what_is_ours(rig, tamper, says):
    """Whoever writes one by hand knows what the target holds, and how a digest is made."""
    rig.build(org())
    rig.aws.client("sns").create_topic(Name="theirs")
    plan, state = rig.plan(org()).plan, rig.store.load()
    wanted, topic = org(), Address("aws.sns.topic", "topic")
    wanted.declarations[topic] = replace(wanted[topic], treatment=Treatment(adopt=THEIRS))
    seen = refresh(wanted, rig.target, state)
    (theirs,) = [one for one in seen.objects["aws.sns.topic"] if one.id == THEIRS]
    changes = tuple(tamper(c, theirs) if c.address == topic else c for c in plan.changes)
    ids = {(c.address.type, c.id) for c in changes if c.id}
    refuse_stale(plan, rig.target, state)
    with pytest.raises(StaleError, match=says):
        refuse_stale(replace(plan, changes=changes, observed_digest=observed_digest(seen, ids)), rig.target, state)


def test_a_plan_carried_out_is_stale(rig, saved):
    """The same plan does not go twice."""
    rig.carry_out(plans.load(saved))
    with pytest.raises(UsageError, match="stale"):
        refuse_stale(plans.load(saved), rig.target, rig.store.load())


@pytest.mark.parametrize("keep_state", [True, False])
def test_a_saved_removal_is_fresh_with_and_without_a_state(rig, tmp_path, keep_state):
    """The state is a cache: without it the same objects are read again."""
    rig.build(org())
    if not keep_state:
        rig.store.state_file.unlink()
        (rig.folder / "journal.previous.jsonl").unlink()
    plans.save(rig.plan_destroy(org()).plan, tmp_path / "plan.json")
    plan = plans.load(tmp_path / "plan.json")
    refuse_stale(plan, rig.target, rig.store.load())
    assert rig.carry_out(plan).good
    assert rig.owned() == []

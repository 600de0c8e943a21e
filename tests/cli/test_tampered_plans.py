"""A plan that was written by hand, under a digest that fits: who can write a plan can write that too."""

from dataclasses import replace
from pathlib import Path

import pytest
from live_accounts import ACCOUNT, ALIAS, client, groups, spec, topics

from twin.address import Address
from twin.cli import conforming
from twin.cli.conforming import differing, meant_by
from twin.diagnostics import Diagnostic
from twin.engine import plan as plans
from twin.engine.plan import Change, Plan, Wave
from twin.errors import SpecError

DEMANDS = "delivery: {promotion: {scenarios: [F1]}}\n"
STATE = "state: {s3: {bucket: acme-states}}\n"
NEWS = "aws.sns.topic.news"


def planned(twin, *more):
    """Save a live plan."""
    status, _, err = twin("plan", "spec.yaml", "--live", "-o", "plan.json", *more)
    assert status == 0, err


def tampered(tamper):
    """Change the saved plan, and give it the digest of what it is now."""
    file = Path("plan.json")
    plans.save(tamper(plans.load(file)), file)


def each(change_of):
    """Return a tampering with the topic's change."""
    return lambda plan: replace(
        plan, changes=tuple(change_of(c) if str(c.address) == NEWS else c for c in plan.changes)
    )


def another_name(change: Change) -> Change:
    """Make a topic of another name."""
    return replace(change, fields={**change.fields, "name": "evil"})


def one_more(plan: Plan) -> Plan:
    """Make what no spec says."""
    more = Change(Address.parse("aws.sns.topic.evil"), "create", fields={"name": "evil"})
    return replace(plan, changes=(*plan.changes, more))


def one_less(plan: Plan) -> Plan:
    """Make less than the spec says."""
    return replace(plan, changes=tuple(c for c in plan.changes if str(c.address) != NEWS))


def twice(plan: Plan) -> Plan:
    """Make something else first, under the same address."""
    (news,) = [change for change in plan.changes if str(change.address) == NEWS]
    return replace(plan, changes=(another_name(news), *plan.changes))


WRITTEN = {
    "a field": (each(another_name), f"{NEWS}: the spec wants another name"),
    "one more": (one_more, "aws.sns.topic.evil: the spec does not want it"),
    "one less": (one_less, f"{NEWS}: the spec wants it, and the plan does not tell of it"),
    "one twice": (twice, f"{NEWS}: the plan tells of it twice"),
    "waves": (lambda plan: replace(plan, waves=(Wave("all", (), 0),)), "waves other than its spec makes"),
    "no demands": (lambda plan: replace(plan, promotion={}), "delivery.promotion other than its spec's"),
    "another state": (lambda plan: replace(plan, state={}), "state other than its spec's"),
    "another owner": (lambda p: replace(p, scope=replace(p.scope, org="rival")), "accounts other than its spec's"),
    "a protection": (each(lambda c: replace(c, protect="so")), f"{NEWS}: the spec protects it otherwise"),
}


@pytest.fixture
def demanding(live, real, twin):
    """A plan whose spec demands a scenario and keeps its state in a bucket."""
    (live / "spec.yaml").write_text(spec(delivery=DEMANDS) + STATE)
    client(real)("s3").create_bucket(Bucket="acme-states")
    planned(twin)


def test_a_plan_is_held_to_its_spec(demanding):
    """To all that it says; as it was made it has nothing against it."""
    plan = plans.load(Path("plan.json"))
    compiled = meant_by(plan)
    assert differing(plan, compiled) == []
    for tamper, says in WRITTEN.values():
        assert says in "; ".join(differing(tamper(plan), compiled))


@pytest.mark.parametrize("name", ["a field", "no demands"])
def test_a_plan_that_is_none_of_its_spec_goes_nowhere(demanding, real, twin, name):
    """It is neither rehearsed nor carried out, and whoever verifies it is told."""
    tamper, says = WRITTEN[name]
    tampered(tamper)
    assert twin("rehearse", "plan.json")[0] == 2
    status, out, _ = twin("verify", "plan.json")
    assert (status, says in out) == (1, True), out
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, says in err, topics(real), groups(real)) == (4, True, [], []), err


LISTENS = """\
  aws.sqs.queue:
    jobs: {name: jobs}
  aws.sns.subscription:
    jobs: {topic: "${aws.sns.topic.news.arn}", protocol: sqs, endpoint: "${aws.sqs.queue.jobs.arn}"}
"""


def test_what_was_left_out_hides_nothing_else(live, real, twin):
    """What refers to it was resolved by what the plan does not tell: that may be anything, and nothing besides."""
    (live / "spec.yaml").write_text(spec() + LISTENS)
    planned(twin)
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    (live / "spec.yaml").write_text(spec(topic="news, display_name: News") + LISTENS)
    planned(twin, "--except", NEWS)
    (left,) = plans.load(Path("plan.json")).left_out
    assert (left.key, twin("verify", "plan.json")[0]) == (NEWS, 0)

    def other(change, **fields):
        mine = str(change.address) == "aws.sns.subscription.jobs"
        return replace(change, fields={**change.fields, **fields}) if mine else change

    for fields, says in (({"raw": True}, "raw"), ({"topic": 'x","y":"z'}, "topic")):
        tampered(lambda plan, more=fields: replace(plan, changes=tuple(other(c, **more) for c in plan.changes)))
        status, out, _ = twin("verify", "plan.json")
        assert (status, f"aws.sns.subscription.jobs: the spec wants another {says}" in out) == (1, True), out
        planned(twin, "--except", NEWS)
    sqs = client(real)("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="jobs")["QueueUrl"])


def test_who_approves_a_plan_is_told_that_it_is_another(live, real, twin):
    """What a plan makes is shown by its address alone; its fields are those of the spec."""
    mine = twin("key")[1].strip()
    (live / "spec.yaml").write_text(
        spec(delivery=f"delivery: {{promotion: {{approvers: {{me: {mine}}}, approvals: 1}}}}\n")
    )
    planned(twin)
    tampered(each(another_name))
    status, out, err = twin("approve", "plan.json")
    assert (status, out, f"{NEWS}: the spec wants another name" in err) == (2, "", True), err
    assert not (live / "plan.intoto.jsonl").exists()


@pytest.mark.parametrize("gone", [False, True], ids=["changed", "gone"])
def test_a_plan_whose_spec_is_not_here_goes_by_name_alone(live, real, twin, gone):
    """It says itself what is demanded of it, and who writes a plan writes that, too; whoever knows better says so."""
    (live / "spec.yaml").write_text(spec(delivery=""))
    planned(twin)
    tampered(lambda plan: replace(plan, promotion={"rehearsal": "waived"}))
    (live / "spec.yaml").unlink() if gone else (live / "spec.yaml").write_text(spec(topic="other"))
    go = ("apply", "plan.json", "--live", "--confirm", ALIAS)
    status, _, err = twin(*go)
    told = "spec.yaml is not here as the plan was made from it"
    assert (status, told in err, "--without-spec" in err, topics(real)) == (4, True, True, []), err
    status, _, err = twin(*go, "--without-spec")
    assert (status, "warning: spec.yaml is not here" in err, topics(real)) == (0, True, ["news"]), err


VAULT = "  aws.secretsmanager.secret:\n    vault: {name: vault, value: env:VAULT, recovery_window: 0}\n"


def test_a_plan_is_held_to_its_spec_where_a_secret_is_not(live, real, twin, monkeypatch):
    """What is compared names where a secret is; only what is made or changed with one needs it, and says which."""
    go = ("apply", "plan.json", "--live", "--confirm", ALIAS)
    monkeypatch.setenv("VAULT", "s3cret")
    (live / "spec.yaml").write_text(spec() + VAULT)
    planned(twin)
    monkeypatch.delenv("VAULT")
    status, _, err = twin(*go)
    assert (status, "the environment variable VAULT is not set" in err, topics(real)) == (2, True, []), err
    monkeypatch.setenv("VAULT", "s3cret")
    assert twin(*go)[0] == 0
    (live / "spec.yaml").write_text(spec(topic="letters") + VAULT)
    planned(twin)
    made = Path("plan.json").read_bytes()
    monkeypatch.delenv("VAULT")
    tampered(each(another_name))
    status, _, err = twin(*go, "--allow-delete")
    assert (status, f"{NEWS}: the spec wants another name" in err, topics(real)) == (4, True, ["news"]), err
    Path("plan.json").write_bytes(made)
    status, _, err = twin(*go, "--allow-delete")
    assert (status, "warning" in err, topics(real)) == (0, False, ["letters"]), err
    client(real)("secretsmanager").delete_secret(SecretId="vault", ForceDeleteWithoutRecovery=True)


def test_a_spec_that_has_errors_here_is_not_told_to_be_another(live, twin, monkeypatch):
    """Its values are those of the plan: what is wrong with them is said, and no way around it."""
    planned(twin)
    wrong = SpecError([Diagnostic("TW0111", "planted")])

    def compile_again(*_):
        raise wrong

    monkeypatch.setattr(conforming, "recall_file", compile_again)
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "planted" in err, "--without-spec" in err) == (2, True, False), err
    (live / "spec.yaml").write_text(spec(topic="other"))
    assert meant_by(plans.load(Path("plan.json"))) is None


def another_output(change: Change) -> Change:
    """Tell those that refer to the topic of another one."""
    return replace(change, outputs={**change.outputs, "arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:theirs"})


def another_sight(change: Change) -> Change:
    """Pretend that something else was seen."""
    return replace(change, observed={**change.observed, "display_name": "Theirs"})


FOUND = {
    "an output": (another_output, f"{NEWS} is not what it tells"),
    "a field": (another_sight, f"{NEWS} is not what it tells"),
}


@pytest.mark.parametrize(("tamper", "says"), FOUND.values(), ids=FOUND)
def test_a_plan_is_held_to_what_there_is(live, real, twin, tamper, says):
    """What it says that it found is looked at again, not only that nothing changed since."""
    planned(twin)
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    planned(twin)
    tampered(each(tamper))
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--allow-delete")
    assert (status, says in err, topics(real)) == (4, True, ["news"]), err

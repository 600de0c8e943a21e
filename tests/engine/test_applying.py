"""Carrying out a plan: failures stay with their dependants, throttling is waited out, a stop writes the state."""

import itertools
import json
from dataclasses import replace

import pytest
from rig import READ, TRUST, desired

from twin.address import Address
from twin.engine.staleness import refuse_stale
from twin.errors import Interrupted, TargetError, UsageError
from twin.events import Failed, Finished, Skipped, Started
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.nat import ElasticIp, NatGateway
from twin.resources.aws.route_table import RouteTable
from twin.resources.aws.secretsmanager import Generated, Secret
from twin.resources.aws.security_group import SecurityGroup
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.aws.sqs import Queue
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway, Vpc
from twin.resources.call import Refused
from twin.resources.okta.group import Group

ZONES = ("us-east-1a", "us-east-1b")


def org():
    """Return an org in two independent halves, and one group elsewhere."""
    return desired(
        role=Role(name="r", trust=TRUST),
        policy=Policy(name="p", policy=READ),
        both=Attachment(role="${aws.iam.role.role.id}", policy="${aws.iam.policy.policy.arn}"),
        topic=Topic(name="t"),
        queue=Queue(name="q"),
        letters=Subscription(topic="${aws.sns.topic.topic.arn}", protocol="sqs", endpoint="${aws.sqs.queue.queue.arn}"),
        team=Group(name="team"),
    )


def refuse(operation, code="AccessDenied", *, times=None, transient=False):
    """Return a check that refuses a call by its operation, always or the first few times."""
    left = itertools.count() if times is None else iter(range(times))

    def before(call):
        if call.operation == operation and next(left, None) is not None:
            raise Refused(call, code, "no", status=400, transient=transient)

    return before


def test_a_failure_stays_with_what_needs_it(rig):
    """The topic's subscription is skipped by name, everything else is made; the next run does the rest."""
    healthy = rig.target
    rig.faulty(refuse("CreateTopic"))
    outcome = rig.apply(org())
    assert list(outcome.failed) == ["aws.sns.topic.topic"]
    assert "AccessDenied" in outcome.failed["aws.sns.topic.topic"]
    assert outcome.skipped == {"aws.sns.subscription.letters": "aws.sns.topic.topic"}
    assert len(outcome.done) == 5
    assert not outcome.good
    rig.target = healthy
    assert rig.pending(org()) == {"aws.sns.topic.topic": "create", "aws.sns.subscription.letters": "create"}
    rig.build(org())


def test_what_happens_is_told_in_order(rig):
    """Each change begins, and ends once: finished, failed, or skipped with its cause."""
    rig.faulty(refuse("CreateTopic"))
    rig.apply(org())
    topic = [e for e in rig.events if e.address == "aws.sns.topic.topic"]
    assert [type(e) for e in topic] == [Started, Failed]
    assert topic[1].code == "AccessDenied"
    assert [e for e in rig.events if isinstance(e, Skipped)] == [
        Skipped("aws.sns.subscription.letters", "create", "aws.sns.topic.topic")
    ]
    begun = [e.address for e in rig.events if isinstance(e, Started)]
    assert sorted(begun) == sorted(e.address for e in rig.events if isinstance(e, Finished | Failed))


def test_throttling_is_waited_out(rig):
    """The same call is sent again after growing pauses, and the plan succeeds."""
    rig.faulty(refuse("CreateTopic", "Throttling", times=3, transient=True))
    assert rig.apply(org()).good
    assert rig.slept == [0.5, 1.0, 2.0]


def test_throttling_without_end_is_a_failure(rig):
    """After nine tries the change fails as any other."""
    rig.faulty(refuse("CreateTopic", "Throttling", transient=True))
    assert list(rig.apply(org()).failed) == ["aws.sns.topic.topic"]
    assert len(rig.slept) == 8
    assert rig.slept == sorted(rig.slept)
    assert max(rig.slept) <= 20


def test_an_unreachable_vendor_fails_its_changes_only(rig):
    """What goes to the others is made."""

    def before(call):
        if call.system == "okta" and call.operation != "GET":
            raise TargetError("connection refused")

    rig.faulty(before)
    outcome = rig.apply(org())
    assert outcome.failed == {"okta.group.team": "connection refused"}
    assert len(outcome.done) == 6


@pytest.mark.parametrize("after", range(7))
def test_a_stopped_run_writes_its_state_and_the_next_one_goes_on(rig, after):
    """Whenever it is stopped, what is under way ends, nothing new begins, and the state knows."""
    finished = lambda: sum(isinstance(e, Finished) for e in rig.events)  # noqa: E731
    with pytest.raises(Interrupted):
        rig.carry_out(rig.plan(org()).plan, stop=lambda: finished() >= after)
    assert finished() == after
    state = rig.store.load()
    assert (len(state.entries), state.pending) == (after, set())
    assert not rig.store.journal_file.exists()
    assert len(rig.pending(org())) == 7 - after
    rig.build(org())


def test_a_bug_in_a_verb_ends_the_run_with_the_state_written(rig):
    """What is no refusal is not swallowed."""

    def before(call):
        if call.operation == "CreateTopic":
            raise ZeroDivisionError

    rig.faulty(before)
    plan = rig.plan(org()).plan
    with pytest.raises(ZeroDivisionError):
        rig.carry_out(plan)
    assert rig.store.state_file.exists()
    assert len(rig.store.load().entries) == sum(isinstance(e, Finished) for e in rig.events)


def test_a_refused_creation_does_not_make_a_foreign_object_ours(rig):
    """Somebody takes the name between plan and apply: the next plan reports it and takes nothing over."""
    wanted = desired(topic=Topic(name="t", display_name="ours"))
    plan = rig.plan(wanted).plan
    rig.aws.client("sns").create_topic(Name="t")
    rig.faulty(refuse("CreateTopic", "InvalidParameter"))
    assert not rig.carry_out(plan).good
    assert [p.code for _, p in rig.plan(wanted).problems] == ["TW0701"]


def test_a_creation_that_failed_half_way_is_ours(rig):
    """A second call failed: the next run finds the object and brings it to its end, without a second one."""
    wanted = desired(
        vpc=Vpc(cidr_block="10.0.0.0/16"),
        group=SecurityGroup(
            vpc="${aws.ec2.vpc.vpc.id}",
            name="g",
            description="g",
            ingress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8"}],
        ),
    )
    healthy = rig.target
    rig.faulty(refuse("AuthorizeSecurityGroupIngress"))
    assert list(rig.apply(wanted).failed) == ["aws.ec2.security_group.group"]
    rig.target = healthy
    assert rig.pending(wanted) == {"aws.ec2.security_group.group": "update"}
    rig.build(wanted)
    assert len(rig.aws.client("ec2").describe_security_groups(GroupNames=["g"])["SecurityGroups"]) == 1


def test_a_blind_field_of_a_creation_cut_short_is_written_again(rig):
    """The vendor does not show a secret's value, so that after a failed second call it must not count as written."""
    wanted = desired(secret=Secret(name="s", generate=Generated(length=20)))
    rig.build(desired(other=Topic(name="t")))
    rig.aws.client("secretsmanager").create_secret(
        Name="s",
        Tags=[
            {"Key": "twin:owner", "Value": "acme/test"},
            {"Key": "twin:address", "Value": "aws.secretsmanager.secret.secret"},
        ],
    )
    state = rig.store.load()
    assert "aws.secretsmanager.secret.secret" not in rig.pending(wanted), "the variant: a whole one is unchanged"
    state.pending.add(Address.parse("aws.secretsmanager.secret.secret"))
    rig.store.save(state)
    (change,) = [c for c in rig.plan(wanted).plan.pending if c.action == "update"]
    assert "generate" in change.changed


SECRET = "correct horse battery staple"


def test_secrets_are_read_at_apply_and_written_nowhere(rig, tmp_path):
    """Plan, journal and state hold the source; the value is at the vendor only."""
    wanted = desired(secret=Secret(name="s", value="env:THE_SECRET"))
    plan = rig.plan(wanted).plan
    assert SECRET not in json.dumps(plan.document())
    rig.carry_out(plan, read_secret=lambda source: {"env:THE_SECRET": SECRET}[source])
    files = [f for f in rig.folder.rglob("*") if f.is_file()]
    assert len(files) >= 2
    assert any("env:THE_SECRET" in f.read_text() for f in files)
    assert not any(SECRET in f.read_text() for f in files)
    client = rig.aws.client("secretsmanager")
    assert client.get_secret_value(SecretId="s")["SecretString"] == SECRET
    assert rig.pending(wanted) == {}


def test_a_missing_secret_stops_the_run_before_it_begins(rig):
    """Nothing is sent, although other resources could be made."""

    def missing(source):
        raise UsageError(f"{source}: the environment variable is not set")

    wanted = desired(topic=Topic(name="t"), secret=Secret(name="s", value="env:NONE"))
    plan = rig.plan(wanted).plan
    systems = rig.faulty(lambda call: None)
    with pytest.raises(UsageError):
        rig.carry_out(plan, read_secret=missing)
    assert systems["aws"].sent == []


def test_the_journal_is_written_ahead_of_every_call(rig):
    """When a call is sent its line is on disk already, and so is that of its change."""
    seen = []

    def before(call):
        lines = [json.loads(line) for line in rig.store.journal_file.read_text().splitlines()]
        seen.append(lines[-1]["call"] == str(call) and lines[-1]["phase"] == "begin")

    plan = rig.plan(org()).plan
    rig.faulty(before)
    rig.carry_out(plan)
    assert len(seen) >= 7
    assert all(seen)


def network(zone, cidr="10.0.1.0/24", vpc="10.0.0.0/16"):
    """Return a VPC with a subnet."""
    return desired(
        vpc=Vpc(cidr_block=vpc),
        net=Subnet(vpc="${aws.ec2.vpc.vpc.id}", cidr_block=cidr, availability_zone=zone),
    )


def test_a_replacement_that_needs_the_same_name_removes_first(rig):
    """A subnet in another zone takes the range of the old one."""
    rig.build(network(ZONES[0]))
    (change,) = rig.plan(network(ZONES[1])).plan.pending
    assert (change.action, change.create_first) == ("replace", False)
    rig.events.clear()
    rig.build(network(ZONES[1]))
    assert [(e.address, e.action) for e in rig.events if isinstance(e, Finished)] == [
        ("aws.ec2.subnet.net", "delete"),
        ("aws.ec2.subnet.net", "create"),
    ]


def test_a_replacement_with_users_is_made_first_and_drags_them_over(rig):
    """A VPC with another range: new VPC, new subnet, then the old ones go, subnet before VPC."""
    rig.build(network(ZONES[0]))
    rig.events.clear()
    rig.build(network(ZONES[0], cidr="10.9.1.0/24", vpc="10.9.0.0/16"))
    done = [(e.address, e.action) for e in rig.events if isinstance(e, Finished)]
    assert done.index(("aws.ec2.vpc.vpc", "create")) < done.index(("aws.ec2.subnet.net", "create"))
    assert done.index(("aws.ec2.subnet.net", "delete")) < done.index(("aws.ec2.vpc.vpc", "delete"))
    assert done.index(("aws.ec2.vpc.vpc", "create")) < done.index(("aws.ec2.vpc.vpc", "delete"))


def test_what_left_the_spec_is_removed_users_first(rig):
    """An emptied spec removes everything in an order that the vendor accepts."""
    rig.build(network(ZONES[0]))
    outcome = rig.apply(desired())
    assert outcome.good
    assert outcome.done == ["aws.ec2.subnet.net", "aws.ec2.vpc.vpc"]
    assert rig.owned() == []


def test_a_policy_that_was_attached_by_hand_is_seen_without_another_call(rig):
    """Also where the spec attaches none; one on a role of somebody else's is theirs."""
    wanted = desired(role=Role(name="r", trust=TRUST), queue=Queue(name="q"))
    rig.build(wanted)
    rig.ask("iam", "CreateRole", RoleName="theirs", AssumeRolePolicyDocument=json.dumps(TRUST))
    systems = rig.faulty(lambda _: None)
    rig.plan(wanted)
    before = [str(call) for call in systems["aws"].sent]
    for role in ("r", "theirs"):
        rig.ask("iam", "AttachRolePolicy", RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    systems["aws"].sent.clear()
    (change,) = rig.plan(wanted).plan.pending
    assert (change.action, change.reason) == ("delete", "undeclared member of aws.iam.role.r")
    assert [str(call) for call in systems["aws"].sent] == before
    refuse_stale(rig.plan(wanted).plan, rig.target, rig.store.load())
    assert rig.apply(wanted).good
    assert rig.pending(wanted) == {}


def test_a_deleted_state_is_rebuilt(rig):
    """Without the folder the plan is empty, and applying it writes the state again."""
    rig.build(org())
    before = rig.store.load().entries
    for file in rig.folder.iterdir():
        file.unlink()
    assert rig.apply(org()).done == []
    assert rig.store.load().entries == before


def test_what_is_gone_and_no_longer_wanted_is_forgotten(rig):
    """A run that died between a removal and its line in the journal leaves an entry, which the next run drops."""
    rig.build(org())
    rig.aws.client("sns").delete_topic(TopicArn="arn:aws:sns:us-east-1:123456789012:t")
    assert rig.apply(desired()).good
    assert rig.store.load().entries == {}


def test_what_is_gone_is_told_from_what_is_new(rig):
    """A topic that was deleted by hand is created again, and the plan says why."""
    rig.build(org())
    rig.aws.client("sns").delete_topic(TopicArn="arn:aws:sns:us-east-1:123456789012:t")
    assert {c.key: c.reason for c in rig.plan(org()).plan.pending}["aws.sns.topic.topic"] == "it is gone"


def test_a_queue_that_went_a_moment_ago_is_made_again_once_its_name_is_free(rig):
    """SQS keeps the name for a minute, which the applier waits out rather than fail."""
    wanted = desired(queue=Queue(name="q"))
    rig.build(wanted)
    assert rig.destroy(wanted).good
    rig.slept = type("Sleep", (), {"append": lambda _, seconds: rig.clock.advance(seconds)})()
    began = rig.clock.now()
    rig.build(wanted)
    assert 60 <= (rig.clock.now() - began).total_seconds() < 90


def test_a_wait_that_never_ends_fails_the_change_and_the_next_run_goes_on(rig, monkeypatch):
    """What is made is known although it was not ready; its users are skipped, and made once it is."""
    monkeypatch.setattr("twin.engine.apply.READY_POLLS", 3)
    rig.target = replace(rig.target, waits=True)
    wanted = desired(
        vpc=Vpc(cidr_block="10.0.0.0/16"),
        net=Subnet(vpc="${aws.ec2.vpc.vpc.id}", cidr_block="10.0.0.0/24", availability_zone=ZONES[0]),
        out=InternetGateway(vpc="${aws.ec2.vpc.vpc.id}"),
        address=ElasticIp(),
        nat=NatGateway(
            subnet="${aws.ec2.subnet.net.id}",
            elastic_ip="${aws.ec2.elastic_ip.address.id}",
            internet_gateway="${aws.ec2.internet_gateway.out.id}",
        ),
        table=RouteTable(
            vpc="${aws.ec2.vpc.vpc.id}",
            routes=[{"destination": "0.0.0.0/0", "nat_gateway": "${aws.ec2.nat_gateway.nat.id}"}],
        ),
    )
    ready = NatGateway.ready

    def never(scope, id_):
        yield from ready(scope, id_)
        return False

    monkeypatch.setattr(NatGateway, "ready", never)
    outcome = rig.apply(wanted)
    assert outcome.failed == {
        "aws.ec2.nat_gateway.nat": "aws.ec2.nat_gateway.nat, or what it is made of, did not become ready in 5 s"
    }
    assert outcome.skipped == {"aws.ec2.route_table.table": "aws.ec2.nat_gateway.nat"}
    monkeypatch.setattr(NatGateway, "ready", ready)
    assert rig.apply(wanted).done == ["aws.ec2.route_table.table"]
    assert rig.pending(wanted) == {}
    assert len(rig.aws.client("ec2").describe_nat_gateways()["NatGateways"]) == 1

"""What a spec says of single resources: protection, former names, what is left alone, what is taken over."""

import json
from dataclasses import replace

import pytest
from rig import READ, TRUST, Rig

from tests.blueprints.built import build, refused
from twin.address import Address
from twin.attestation.conformity import Meant, unlike
from twin.engine.plan import load, save
from twin.engine.planner import Planned, Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.staleness import refuse_stale
from twin.errors import StaleError, UsageError
from twin.promote.rollout import way_back
from twin.report.plan import lines
from twin.resources.call import okta
from twin.resources.scope import ADDRESS_TAG, OWNER_TAG

ALIAS = "aws.iam.account_alias.main"
"""What every spec wants."""
TOPIC = "resources:\n  aws.sns.topic:\n    {name}: {{name: acme-{real}}}\n"
VPC = 'resources:\n  aws.ec2.vpc:\n    {name}: {{cidr_block: "{cidr}", tags: {{team: a}}}}\n'
GROUP = "resources:\n  okta.group:\n    {name}: {{name: crew}}\n"
MEMBER = """
resources:
  aws.sqs.queue: {jobs: {name: jobs}}
  aws.sns.topic: {news: {name: news}}
  aws.sns.subscription:
    jobs: {topic: "${aws.sns.topic.news.arn}", protocol: sqs, endpoint: "${aws.sqs.queue.jobs.arn}"}
"""


class Office:
    """A twin on which specs are planned and applied."""

    def __init__(self, folder):
        self.rig = Rig(folder, build("").scope)

    def request(self, text, **options):
        """Return what a plan of a spec is made from."""
        desired, state = build(text).desired, self.rig.store.load()
        snapshot = refresh(desired, self.rig.target, state, every_type=False)
        return Request(desired, snapshot, state, self.rig.target, **options)

    def plan(self, text, **options):
        """Plan a spec."""
        return plan(self.request(text, **options))

    def apply(self, text, **options):
        """Apply a spec; afterwards nothing is left to do."""
        planned = self.plan(text, **options)
        assert planned.problems == []
        assert self.rig.carry_out(planned.plan).good
        assert self.plan(text).plan.pending == ()
        return planned.plan


@pytest.fixture
def office(tmp_path):
    """One on which nothing is but what every spec wants."""
    made = Office(tmp_path / "state")
    made.apply("")
    yield made
    made.rig.world.close()


def actions(planned):
    """Return what is done, by key."""
    return {c.key: c.action for c in planned.plan.pending if c.key != ALIAS}


def codes(planned):
    """Return the codes of what is wrong."""
    return [problem.code for _, problem in planned.problems]


GUARD = "overrides: {aws.ec2.vpc.main: {protect: the office hangs on it}}\n"


@pytest.mark.parametrize(
    ("after", "verb"),
    [("", "delete"), (VPC.format(name="main", cidr="10.1.0.0/16"), "replace")],
    ids=["no longer in the spec", "must be replaced"],
)
def test_what_is_protected_is_neither_removed_nor_replaced(office, after, verb):
    """The reason is told; by name it may go, and the plan says that it was protected."""
    office.apply(VPC.format(name="main", cidr="10.0.0.0/16") + GUARD)
    planned = office.plan(after + GUARD)
    assert codes(planned) == ["TW0743"]
    message = planned.problems[0][1].message
    assert "the office hangs on it" in message
    assert f"would {verb} it" in message
    freed = office.plan(after + GUARD, unprotect=("aws.ec2.vpc.main",))
    assert (codes(freed), actions(freed)) == ([], {"aws.ec2.vpc.main": verb})
    assert "protected (the office hangs on it), overridden" in freed.plan.pending[0].reason
    assert codes(office.plan(after)) == []


def test_a_protection_is_not_dropped_with_what_it_protects(office):
    """The state remembers it, also of what did not change when the override came; a spec without, applied, ends it."""
    vpc = VPC.format(name="main", cidr="10.0.0.0/16")
    office.apply(vpc)
    assert codes(office.plan("", remembered=office.rig.store.load().protected)) == []
    office.apply(vpc + GUARD)
    kept = office.rig.store.load().protected
    assert kept == {Address("aws.ec2.vpc", "main"): "the office hangs on it"}
    planned = office.plan("", remembered=kept)
    assert codes(planned) == ["TW0743"]
    assert "the office hangs on it; so said the spec that was applied last" in planned.problems[0][1].message
    freed = office.plan("", remembered=kept, unprotect=("aws.ec2.vpc.main",))
    assert (codes(freed), freed.plan.pending[0].reason.endswith("overridden")) == ([], True)
    office.apply(vpc)
    assert office.rig.store.load().protected == {}


@pytest.mark.parametrize(
    "after",
    ["", VPC.format(name="main", cidr="10.1.0.0/16")],
    ids=["no longer in the spec", "must be replaced"],
)
def test_a_plan_is_stale_where_what_it_takes_away_was_protected_meanwhile(office, tmp_path, after):
    """One that knows of the protection, and was told that it may go, is not."""
    vpc = VPC.format(name="main", cidr="10.0.0.0/16")
    office.apply(vpc)

    def saved(**options):
        save(office.plan(after, **options).plan, tmp_path / "plan.json")
        return load(tmp_path / "plan.json")

    early = saved()
    refuse_stale(early, office.rig.target, office.rig.store.load())
    office.apply(vpc + GUARD)
    kept = office.rig.store.load()
    with pytest.raises(StaleError, match=r"stale: aws.ec2.vpc.main \(the office hangs on it\) was protected since"):
        refuse_stale(early, office.rig.target, kept)
    freed = saved(remembered=kept.protected, unprotect=("aws.ec2.vpc.main",))
    refuse_stale(freed, office.rig.target, kept)
    assert office.rig.carry_out(freed).good
    assert office.rig.store.load().protected == {}


@pytest.mark.parametrize("early", [VPC, VPC.replace("team: a", "team: b")], ids=["nothing to do", "an update"])
def test_a_protection_that_came_since_a_plan_was_made_holds(office, tmp_path, early):
    """What others said meanwhile is not taken back by who did not know of it; a plan that knows says that it ends."""
    vpc = VPC.format(name="main", cidr="10.0.0.0/16")
    office.apply(vpc)
    save(office.plan(early.format(name="main", cidr="10.0.0.0/16")).plan, tmp_path / "plan.json")
    office.apply(vpc + GUARD)
    kept = office.rig.store.load().protected
    plan = load(tmp_path / "plan.json")
    refuse_stale(plan, office.rig.target, office.rig.store.load())
    assert office.rig.carry_out(plan).good
    assert office.rig.store.load().protected == kept != {}
    ends = "! aws.ec2.vpc.main is protected no longer (the office hangs on it)"
    assert ends not in map(str, lines(plan))
    assert ends in map(str, lines(office.plan(vpc).plan))
    assert ends not in map(str, lines(office.plan(vpc + GUARD).plan))
    office.apply(vpc)
    assert office.rig.store.load().protected == {}


def test_what_came_into_the_state_since_a_plan_was_made_stays_in_it(office, tmp_path):
    """Else whoever protects something new would see it removed, as "no longer in the spec", by who did not know."""
    office.apply("")
    save(office.plan("").plan, tmp_path / "plan.json")
    office.apply(VPC.format(name="main", cidr="10.0.0.0/16") + GUARD)
    assert office.rig.carry_out(load(tmp_path / "plan.json")).good
    state = office.rig.store.load()
    assert state.protected == {Address("aws.ec2.vpc", "main"): "the office hangs on it"}
    assert codes(office.plan("", remembered=state.protected)) == ["TW0743"]


def test_what_was_lost_by_hand_is_forgotten(office):
    """The state tells of it no more once a plan without it was carried out, unless it came back under another id."""
    vpc = VPC.format(name="main", cidr="10.0.0.0/16")
    office.apply(vpc)
    (id_,) = [e.id for a, e in office.rig.store.load().entries.items() if a.type == "aws.ec2.vpc"]
    office.rig.ask("ec2", "DeleteVpc", VpcId=id_)
    gone = office.plan("").plan
    assert gone.forgets == {"aws.ec2.vpc.main": id_}
    office.apply(vpc)
    assert office.rig.carry_out(gone).good
    assert Address("aws.ec2.vpc", "main") in office.rig.store.load().entries
    office.rig.destroy(build(vpc).desired)
    assert office.rig.store.load().entries.keys().isdisjoint({Address("aws.ec2.vpc", "main")})


def test_a_plan_is_stale_where_what_is_never_shown_was_applied_meanwhile(office, tmp_path):
    """The vendor shows no secret, so that the state alone tells that another one was put in its place."""
    secret = "resources: {{aws.secretsmanager.secret: {{key: {{name: acme-key, value: env:{}}}}}}}\n"
    office.apply(secret.format("OLD"))
    save(office.plan(secret.format("OLD")).plan, tmp_path / "plan.json")
    refuse_stale(load(tmp_path / "plan.json"), office.rig.target, office.rig.store.load())
    office.apply(secret.format("NEW"))
    with pytest.raises(StaleError, match=r"stale: aws.secretsmanager.secret.key was applied since"):
        refuse_stale(load(tmp_path / "plan.json"), office.rig.target, office.rig.store.load())


def test_a_protection_that_a_plan_ended_is_back_when_it_is_taken_back(office):
    """The way back leads to what was protected before."""
    vpc = VPC.format(name="main", cidr="10.0.0.0/16")
    office.apply(vpc + GUARD)
    kept = office.rig.store.load().protected
    ended = office.apply(vpc)
    assert office.rig.store.load().protected == {}
    assert office.rig.carry_out(way_back(ended, office.rig.target, office.rig.store).plan).good
    assert office.rig.store.load().protected == kept


RIVALS = {OWNER_TAG: "rival/prod", ADDRESS_TAG: "aws.iam.user.robot"}


def test_what_others_own_is_told_by_its_own_tags(office):
    """An IAM user too, which the tagging API does not know; what bears a name that only ends alike is free."""
    users = "resources: {aws.iam.user: {robot: {name: robot}}, aws.logs.group: {news: {name: news}}}\n"
    ask = office.rig.ask
    ask("iam", "CreateUser", UserName="robot", Tags=[{"Key": k, "Value": v} for k, v in RIVALS.items()])
    ask("logs", "CreateLogGroup", logGroupName="news")
    ask("logs", "CreateLogGroup", logGroupName="app/news", tags=RIVALS)
    planned = office.plan(users, adopt=True)
    assert [problem.message for _, problem in planned.problems] == [
        "aws.iam.user.robot: robot exists already and is owned by rival/prod"
    ]
    ask("iam", "UntagUser", UserName="robot", TagKeys=[OWNER_TAG])
    office.apply(users, adopt=True)
    ask("iam", "TagUser", UserName="robot", Tags=[{"Key": OWNER_TAG, "Value": "rival/prod"}])
    assert codes(office.plan(users)) == ["TW0701"]
    assert actions(office.plan("")) == {"aws.logs.group.news": "delete"}


def test_a_policy_whose_description_stays_is_let_go_by_a_tag_without_a_value(office):
    """What made it wrote its name there for good."""
    mine = """resources: {aws.iam.policy: {read: {name: read, policy: {Version: "2012-10-17", Statement: []}}}}\n"""
    told = office.rig.ask("iam", "CreatePolicy", PolicyName="read", PolicyDocument=json.dumps(READ),
                          Description="[twin rival/prod aws.iam.policy.read]")  # fmt: skip
    assert codes(office.plan(mine, adopt=True)) == ["TW0701"]
    arn = told["Policy"]["Arn"]
    office.rig.ask("iam", "TagPolicy", PolicyArn=arn, Tags=[{"Key": OWNER_TAG, "Value": ""}])
    assert codes(office.plan(mine)) == ["TW0701"]
    assert codes(office.plan(mine, adopt=True)) == []


def test_what_is_protected_may_change_in_place(office):
    """Protection is about loss."""
    office.apply(VPC.format(name="main", cidr="10.0.0.0/16") + GUARD)
    changed = VPC.replace("team: a", "team: b").format(name="main", cidr="10.0.0.0/16")
    assert actions(office.plan(changed + GUARD)) == {"aws.ec2.vpc.main": "update"}


def test_destruction_spares_what_is_protected(office):
    """Also under a pattern."""
    spec = VPC.format(name="main", cidr="10.0.0.0/16") + "overrides: {aws.ec2.*: {protect: it is the network}}\n"
    office.apply(spec)
    assert codes(plan_destroy(office.request(spec))) == ["TW0743"]


def test_an_override_of_protection_must_have_something_to_override(office):
    """A typing error does not pass for consent."""
    office.apply(VPC.format(name="main", cidr="10.0.0.0/16") + GUARD)
    with pytest.raises(UsageError, match=r"--unprotect aws.ec2.vpc.mian"):
        office.plan(GUARD, unprotect=("aws.ec2.vpc.mian",))
    with pytest.raises(UsageError, match="nothing protected"):
        office.plan("", unprotect=("aws.ec2.vpc.main",))


@pytest.mark.parametrize("text", [VPC.replace("{cidr}", "10.0.0.0/16"), GROUP], ids=["by its tag", "by the state"])
def test_a_renamed_resource_keeps_its_object(office, text):
    """One update at most instead of a removal and a creation; the state has the new address alone."""
    old, new = text.format(name="old"), text.format(name="new")
    type_ = text.split()[1].rstrip(":")
    office.apply(old)
    id_ = office.rig.store.load().entries[Address(type_, "old")].id
    moved = new + f"overrides: {{{type_}.new: {{renamed_from: {type_}.old}}}}\n"
    planned = office.plan(moved).plan
    assert {c.action for c in planned.pending} <= {"update"}
    assert [c.former for c in planned.changes if c.address.name == "new"] == [f"{type_}.old"]
    office.apply(moved)
    entries = {str(a): e.id for a, e in office.rig.store.load().entries.items() if str(a) != ALIAS}
    assert entries == {f"{type_}.new": id_}
    assert actions(office.plan(new)) == {}


def test_without_its_former_name_it_is_another_resource(office):
    """The variant: removed and made."""
    office.apply(VPC.format(name="old", cidr="10.0.0.0/16"))
    found = actions(office.plan(VPC.format(name="new", cidr="10.0.0.0/16")))
    assert found == {"aws.ec2.vpc.old": "delete", "aws.ec2.vpc.new": "create"}


def test_what_is_ignored_is_left_as_it_is(office):
    """Somebody else keeps one tag and the hostnames; the rest of the tags is still ours."""
    spec = VPC.replace("team: a", "team: a, cost: 1").replace("{{cidr_block", "{{dns_hostnames: false, cidr_block")
    spec = spec.format(name="main", cidr="10.0.0.0/16").replace("cost: 1", 'cost: "1"')
    office.apply(spec)
    ec2 = office.rig.aws.client("ec2")
    id_ = office.rig.store.load().entries[Address("aws.ec2.vpc", "main")].id
    ec2.create_tags(Resources=[id_], Tags=[{"Key": "cost", "Value": "9"}])
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": True})
    assert [d.field for d in office.plan(spec).plan.pending[0].differences] == ["dns_hostnames", "tags"]
    quiet = spec + "overrides: {aws.ec2.vpc.main: {ignore: [tags.cost, dns_hostnames]}}\n"
    assert actions(office.plan(quiet)) == {}
    office.apply(quiet.replace("team: a", "team: b"))
    (vpc,) = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"]
    tags = {t["Key"]: t["Value"] for t in vpc["Tags"]}
    assert (tags["cost"], tags["team"]) == ("9", "b")
    assert ec2.describe_vpc_attribute(VpcId=id_, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]


def test_other_fields_are_laid_over_those_of_a_section(office):
    """And one that is null is no longer managed."""
    text = """
    data: {queues: {jobs: {}}}
    resources: {aws.logs.group: {app: {name: /app, retention_days: 7}}}
    overrides:
      aws.sqs.queue.jobs: {fields: {delay: 7}}
      aws.logs.group.app: {fields: {retention_days: null}}
    """
    built = build(text)
    assert built.get("aws.sqs.queue", "jobs").delay == 7
    assert built.get("aws.logs.group", "app").retention_days is None
    (declared,) = [d for d in built.desired if str(d.address) == "aws.sqs.queue.jobs"]
    assert declared.place("delay") == ("overrides", "aws.sqs.queue.jobs", "fields", "delay")


def test_an_object_is_taken_over_by_its_id(office):
    """It gets the ownership tag and stands in the state; without its id another one would be made."""
    vpc = office.rig.aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    spec = VPC.format(name="main", cidr="10.0.0.0/16").replace(", tags: {team: a}", "")
    assert actions(office.plan(spec)) == {"aws.ec2.vpc.main": "create"}
    taking = spec + f"overrides: {{aws.ec2.vpc.main: {{adopt: {vpc}}}}}\n"
    (change,) = office.apply(taking).pending
    assert (change.action, change.claims, change.id) == ("update", True, vpc)
    (seen,) = office.rig.aws.client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert {"Key": ADDRESS_TAG, "Value": "aws.ec2.vpc.main"} in seen["Tags"]
    assert actions(office.plan(spec)) == {}


ZONE = 'resources:\n  okta.network_zone:\n    office: {name: HQ, gateways: ["192.0.2.0/24"]}\n'


def test_what_is_taken_over_by_its_id_may_get_another_name(office, tmp_path):
    """It bears no tag, and neither its name nor a state says whose it is: the spec does, and alone a plan does not."""
    body = {"type": "IP", "name": "Office", "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}]}
    zone = office.rig.by_hand(okta("POST", "/api/v1/zones", body))["id"]
    taking = ZONE + f"overrides: {{okta.network_zone.office: {{adopt: {zone}}}}}\n"
    renamed, gone = office.plan(taking).plan, plan_destroy(office.request(taking)).plan
    assert actions(Planned(renamed)) == {"okta.network_zone.office": "update"}
    built = build(taking)
    for made, verb in ((renamed, "update"), (gone, "delete")):
        save(made, tmp_path / "plan.json")
        read = load(tmp_path / "plan.json")
        (change,) = (c for c in read.changes if str(c.address) == "okta.network_zone.office")
        assert (change.action, change.adopted, change.id) == (verb, True, zone)
        refuse_stale(read, office.rig.target, office.rig.store.load())
        without = "another object than it tells" if verb == "update" else "is not ours"
        plain = replace(read, changes=tuple(replace(c, adopted=False) for c in read.changes))
        for forged in (plain, replace(read, undoes="0" * 64)):
            with pytest.raises(StaleError, match=without):
                refuse_stale(forged, office.rig.target, office.rig.store.load())
        assert [line for line in unlike(read, Meant(built.desired, built.scope)) if "take" in line] == []
        told = f"okta.network_zone.office: the spec does not take {zone} over"
        assert told in unlike(read, Meant(build(ZONE).desired, built.scope))
    assert office.apply(taking).pending


def test_an_id_that_names_nothing_is_a_mistake(office):
    """Not a reason to make a new one."""
    spec = VPC.format(name="main", cidr="10.0.0.0/16")
    assert codes(office.plan(spec + "overrides: {aws.ec2.vpc.main: {adopt: vpc-0abc}}\n")) == ["TW0744"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("aws.sns.topic.new: {ignore: [tags]}", "TW0740"),
        ("aws.sns.topic.news: {ignore: [tag]}", "TW0741"),
        ("aws.sns.topic.news: {fields: {nam: x}}", "TW0741"),
        ("aws.sns.*: {fields: {name: x}}", "TW0741"),
        ("aws.sns.topic.news: {renamed_from: aws.sqs.queue.q}", "TW0742"),
        ("aws.sns.topic.news: {renamed_from: aws.sns.topic.news}", "TW0742"),
        ("aws.sns.topic.news: {renamed_from: old}", "TW0742"),
    ],
    ids=[
        "no such resource", "no such field to ignore", "no such field", "fields under a pattern", "another type",
        "still there", "no address",
    ],
)  # fmt: skip
def test_mistakes_are_told_at_their_line(said, code):
    """Each with its code."""
    assert refused(f"{TOPIC.format(name='news', real='news')}overrides:\n  {said}\n") == [(code, said)]


def test_protection_of_what_is_gone_is_no_mistake():
    """It guards what the spec no longer has."""
    assert refused("overrides: {aws.sns.topic.gone: {protect: until the audit is over}}\n") == []


def only(*names, without=()):
    """Return a choice."""
    from twin.engine.choice import Choice

    return {"choice": Choice(tuple(names), tuple(without))}


def test_only_brings_what_it_needs(office):
    """The subscription needs both; the rest is told to be left out."""
    text = MEMBER.replace("jobs: {name: jobs}}", "jobs: {name: jobs}, other: {name: other}}")
    planned = office.plan(text, **only("aws.sns.subscription"))
    assert set(actions(planned)) == {"aws.sns.topic.news", "aws.sqs.queue.jobs", "aws.sns.subscription.jobs"}
    assert [(one.key, one.why) for one in planned.plan.left_out] == [("aws.sqs.queue.other", "not asked for")]
    assert office.rig.carry_out(planned.plan).good
    assert actions(office.plan(text)) == {"aws.sqs.queue.other": "create"}


def test_except_leaves_out_what_cannot_be_without_it(office):
    """Without the queue there is no subscription; the topic is made."""
    planned = office.plan(MEMBER, **only(without=["aws.sqs.*"]))
    assert set(actions(planned)) == {"aws.sns.topic.news"}
    why = {one.key: one.why for one in planned.plan.left_out}
    assert why["aws.sns.subscription.jobs"] == "needs aws.sqs.queue.jobs"
    assert office.rig.carry_out(planned.plan).good
    assert set(actions(office.plan(MEMBER))) == {"aws.sqs.queue.jobs", "aws.sns.subscription.jobs"}


def test_what_exists_is_needed_by_nobody_who_asks_for_it_as_it_is(office):
    """The queue differs in what nobody refers to, so it may be left out."""
    office.apply(MEMBER)
    changed = MEMBER.replace("jobs: {name: jobs}}", "jobs: {name: jobs, delay: 9}}")
    office.rig.aws.client("sns").delete_topic(TopicArn="arn:aws:sns:us-east-1:111122223333:news")
    planned = office.plan(changed, **only(without=["aws.sqs.queue.jobs"]))
    assert set(actions(planned)) == {"aws.sns.topic.news", "aws.sns.subscription.jobs"}
    assert office.rig.carry_out(planned.plan).good


def test_a_targeted_removal_takes_its_users_along(office):
    """Nothing that refers to it is left hanging; a user that is left out keeps it."""
    office.apply(MEMBER)
    gone = plan_destroy(office.request(MEMBER, **only("aws.sqs.queue.jobs")))
    assert set(actions(gone)) == {"aws.sqs.queue.jobs", "aws.sns.subscription.jobs"}
    kept = plan_destroy(office.request(MEMBER, **only("aws.sqs.queue.jobs", without=["aws.sns.subscription"])))
    assert actions(kept) == {}


def test_a_choice_of_nothing_is_refused(office):
    """With what may have been meant."""
    with pytest.raises(UsageError, match=r"aws.sqs.queue.job: did you mean `aws.sqs.queue.jobs`"):
        office.plan(MEMBER, **only("aws.sqs.queue.job"))


def test_what_is_wrong_with_what_is_left_out_stops_nobody(office):
    """A name that is taken matters when it is wanted."""
    office.rig.aws.client("sqs").create_queue(QueueName="jobs")
    assert codes(office.plan(MEMBER)) == ["TW0701"]
    assert codes(office.plan(MEMBER, **only("aws.sns.topic.news"))) == []


ROLE = """
resources:
  aws.iam.role:
    deploy:
      name: deploy
      trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com},
        Action: "sts:AssumeRole"}]}
  aws.iam.attachment: {reads: {role: "${aws.iam.role.deploy.id}", policy: "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
"""
REMOVED = {"aws.iam.attachment.role-deploy-aws-policy-PowerUserAccess#role/deploy/aws/policy/PowerUserAccess": "delete"}


def attached(office, *, made=False):
    """Have another team attach two policies to a role called deploy, which it makes itself where it is not there."""
    iam = office.rig.aws.client("iam")
    if made:
        iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(TRUST))
    for name in ("PowerUserAccess", "ReadOnlyAccess"):
        iam.attach_role_policy(RoleName="deploy", PolicyArn=f"arn:aws:iam::aws:policy/{name}")


def test_what_is_attached_to_the_role_of_somebody_else_is_theirs(office):
    """Whether it has a wanted name and is spared, or is left out; also the policy that the spec would attach."""
    attached(office, made=True)
    assert codes(office.plan(ROLE)) == ["TW0701"]
    assert actions(plan_destroy(office.request(ROLE))) == {}
    left = office.plan(ROLE, **only(without=["aws.iam.role.deploy"]))
    assert (codes(left), actions(left)) == ([], {})
    assert set(actions(office.plan(ROLE, adopt=True))) == {"aws.iam.role.deploy", *REMOVED}


def test_what_is_attached_to_our_own_role_goes_unless_the_role_is_left_out(office):
    """The variant: undeclared members of ours are removed; of a role that is left out they stay, and that is told."""
    office.apply(ROLE)
    attached(office)
    assert actions(office.plan(ROLE)) == REMOVED
    assert REMOVED.items() <= actions(plan_destroy(office.request(ROLE))).items()
    left = office.plan(ROLE, **only(without=["aws.iam.role.deploy"]))
    assert actions(left) == {}
    assert [(one.key, one.why) for one in left.plan.left_out] == [
        (key, "belongs to aws.iam.role.deploy") for key in REMOVED
    ]


ROBOT = "resources: {aws.iam.user: {robot: {name: robot}}}\n"


def test_a_quarantine_that_aws_put_on_our_user_stays(office):
    """Whoever has the leaked key could go on without it; what else somebody attached goes, and so may the user."""
    office.apply(ROBOT)
    iam = office.rig.aws.client("iam")
    for name in ("", "V2", "V3"):
        iam.attach_user_policy(UserName="robot", PolicyArn=f"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine{name}")
    assert actions(office.plan(ROBOT)) == {}
    iam.attach_user_policy(UserName="robot", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")
    assert [key.rpartition("/")[2] for key in actions(office.plan(ROBOT))] == ["PowerUserAccess"]
    office.apply(ROBOT)
    left = {one["PolicyName"][-2:] for one in iam.list_attached_user_policies(UserName="robot")["AttachedPolicies"]}
    assert left == {"ne", "V2", "V3"}
    office.apply("")
    assert [user["UserName"] for user in iam.list_users()["Users"] if user["UserName"] == "robot"] == []

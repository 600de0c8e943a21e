"""What exists is taken over as it is: declared by its id, owned after the next apply, and nothing left to do."""

import json

import pytest
from rig import Rig

from tests.blueprints.built import HEAD, ROOT, build
from twin.blueprints.compile import compile_spec
from twin.engine import plan as plans
from twin.engine import terraform_state
from twin.engine.acceptance import for_environment
from twin.engine.adoption import adopt
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.staleness import refuse_stale
from twin.engine.strangers import strangers
from twin.errors import UsageError
from twin.resources.scope import ADDRESS_TAG, OWNER_TAG
from twin.spec.insertion import inserted
from twin.spec.load import parse

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TYPES = (
    "aws.ec2.vpc", "aws.ec2.subnet", "aws.ec2.security_group", "aws.s3.bucket", "aws.iam.role", "aws.iam.attachment",
    "aws.iam.user", "aws.iam.access_key", "aws.sns.topic", "aws.sns.subscription", "aws.sqs.queue", "aws.kms.key",
    "aws.kms.alias", "aws.ec2.route_table", "okta.group",
)  # fmt: skip


class Legacy:
    """An account that somebody filled by hand, and the spec of an org that has nothing in it yet."""

    def __init__(self, folder):
        self.rig = Rig(folder, build("").scope)
        client = self.rig.aws.client
        ec2, iam, sns, s3 = (client(name) for name in ("ec2", "iam", "sns", "s3"))
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.create_tags(Resources=[self.vpc], Tags=[{"Key": "Name", "Value": "old office"}])
        self.subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        self.group = ec2.create_security_group(GroupName="web", Description="web", VpcId=self.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=self.group, IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0"
        )
        s3.create_bucket(Bucket="acme-old-lake")
        s3.put_bucket_versioning(Bucket="acme-old-lake", VersioningConfiguration={"Status": "Enabled"})
        iam.create_role(RoleName="orders", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **TRUST}))
        iam.attach_role_policy(RoleName="orders", PolicyArn=READ)
        iam.create_user(UserName="robot")
        self.secret = iam.create_access_key(UserName="robot")["AccessKey"]["AccessKeyId"]
        self.topic = sns.create_topic(Name="news")["TopicArn"]
        url = client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
        arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)
        key = client("kms").create_key(Description="lake")["KeyMetadata"]["KeyId"]
        client("kms").create_alias(AliasName="alias/lake", TargetKeyId=key)
        elsewhere = {"Key": OWNER_TAG, "Value": "acme/staging"}
        self.staging = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        ec2.create_tags(Resources=[self.staging], Tags=[elsewhere, {"Key": ADDRESS_TAG, "Value": "aws.ec2.vpc.main"}])

    def request(self, text=HEAD):
        """Read the account for a spec."""
        desired = compile_spec(parse(text.encode(), ROOT / "org.yaml", "test", environ={}))[0]
        state = self.rig.store.load()
        state.known = True
        snapshot = refresh(desired, self.rig.target, state)
        for type_ in set(TYPES) - snapshot.objects.keys():
            snapshot.objects[type_] = self.read(type_)
        return Request(desired, snapshot, state, self.rig.target)

    def read(self, type_):
        """Read one type as a search for leftovers does."""
        from twin.engine.reader import Reader
        from twin.resources.catalogue import catalogue
        from twin.resources.resource import Wanted

        return Reader(self.rig.target.systems).run(catalogue()[type_].read(self.rig.target.scope, Wanted()))


@pytest.fixture(scope="module")
def legacy(tmp_path_factory):
    """One for all tests, of which the last one takes over what there is."""
    made = Legacy(tmp_path_factory.mktemp("state") / "s")
    yield made
    made.rig.world.close()


@pytest.fixture(scope="module")
def result(legacy):
    """What is taken over, and what is not."""
    request = legacy.request()
    every = strangers(request)
    return adopt(request, every, every, tags={"team"})


def test_objects_are_declared_as_they_are_and_refer_to_each_other(legacy, result):
    """By their own names; defaults are not repeated; an id of another one is a reference."""
    resources = result.patch["resources"]
    assert resources["aws.ec2.vpc"]["old-office"]["cidr_block"] == "10.0.0.0/16"
    assert next(iter(resources["aws.ec2.subnet"].values()))["vpc"] == "${aws.ec2.vpc.old-office.id}"
    bucket = resources["aws.s3.bucket"]["acme-old-lake"]
    assert (bucket["bucket"], bucket["versioning"], "encryption" in bucket) == ("acme-old-lake", True, False)
    (attached,) = [entry for entry in resources["aws.iam.attachment"].values() if "role" in entry]
    assert attached == {"role": "${aws.iam.role.orders.id}", "policy": READ}
    (listens,) = resources["aws.sns.subscription"].values()
    assert listens["topic"] == "${aws.sns.topic.news.id}"
    assert result.patch["overrides"]["aws.ec2.vpc.old-office"] == {
        "adopt": legacy.vpc, "fields": {"tags": {"Name": "old office"}},
    }  # fmt: skip


def test_what_cannot_be_taken_over_is_named_with_the_reason(legacy, result):
    """An access key without a place for its secret, its user for that reason; what another environment owns."""
    assert {one.id: one.why for one in result.left} == {
        legacy.secret: "store: field required",
        "robot": f"its aws.iam.access_key {legacy.secret} cannot come along, and would be removed",
        legacy.staging: "it is owned by acme/staging",
    }


def test_members_come_along_or_their_owner_stays(legacy):
    """A role brings its attachment, which a role of ours would lose; left out, it keeps the role back."""
    request = legacy.request()
    every = strangers(request)
    role = [s for s in every if s.address.type == "aws.iam.role"]
    assert {a.type for a in adopt(request, role, every).taken} == {"aws.iam.role", "aws.iam.attachment"}
    left = [s.address for s in every if s.address.type == "aws.iam.attachment"]
    kept = adopt(request, role, every, without=left)
    assert (kept.taken, [one.id for one in kept.left]) == ([], ["orders"])


TERRAFORM = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 3,
    "resources": [
        {"mode": "data", "type": "aws_caller_identity", "name": "me", "instances": [{"attributes": {"id": "1"}}]},
        {
            "module": "module.net", "mode": "managed", "type": "aws_vpc", "name": "main",
            "instances": [{"attributes": {"id": "VPC", "cidr_block": "10.0.0.0/16"}}],
        },
        {
            "mode": "managed", "type": "aws_subnet", "name": "public",
            "instances": [{"index_key": "a", "attributes": {"id": "SUBNET"}}],
        },
        {"mode": "managed", "type": "aws_s3_bucket", "name": "lake",
         "instances": [{"attributes": {"id": "acme-old-lake", "bucket": "acme-old-lake"}}]},
        {"mode": "managed", "type": "aws_s3_bucket_versioning", "name": "lake",
         "instances": [{"attributes": {"id": "acme-old-lake"}}]},
        {"mode": "managed", "type": "aws_iam_role_policy_attachment", "name": "read",
         "instances": [{"attributes": {"id": "orders-1", "role": "orders", "policy_arn": READ}}]},
        {"mode": "managed", "type": "aws_sns_topic", "name": "gone",
         "instances": [{"attributes": {"id": "arn:aws:sns:us-east-1:111122223333:gone"}}]},
        {"mode": "managed", "type": "aws_lightsail_instance", "name": "blog",
         "instances": [{"attributes": {"id": "b"}}]},
    ],
}  # fmt: skip


def state_file(folder, legacy):
    """Write the state of a Terraform shop for the account."""
    file = folder / "terraform.tfstate"
    file.write_text(json.dumps(TERRAFORM).replace("VPC", legacy.vpc).replace("SUBNET", legacy.subnet))
    return file


def test_what_terraform_owns_is_found_under_its_names(legacy, tmp_path):
    """By id, by ARN, by the fields that name it; parts of others are counted; the rest is named."""
    objects = legacy.request().snapshot.objects
    matched = terraform_state.match(terraform_state.read(state_file(tmp_path, legacy)), objects, lambda *_: False)
    assert {(type_, name) for (type_, _), name in matched.names.items()} == {
        ("aws.ec2.vpc", "main"), ("aws.ec2.subnet", "public-a"), ("aws.s3.bucket", "lake"),
        ("aws.iam.attachment", "read"),
    }  # fmt: skip
    assert matched.names["aws.ec2.vpc", legacy.vpc] == "main"
    assert matched.parts == 1
    assert matched.left == [
        ("aws_sns_topic.gone", "the account has no aws.sns.topic arn:aws:sns:us-east-1:111122223333:gone"),
        ("aws_lightsail_instance.blog", "there is no type for aws_lightsail_instance here"),
    ]


def test_what_terraform_owns_and_we_do_too_is_told(legacy, tmp_path):
    """It is not taken over twice."""
    objects = legacy.request().snapshot.objects
    managed = terraform_state.read(state_file(tmp_path, legacy))
    matched = terraform_state.match(managed, objects, lambda _, id_: id_ == legacy.vpc)
    assert ("module.net.aws_vpc.main", f"{legacy.vpc} is ours already") in matched.left


def test_every_type_of_terraform_has_one_here():
    """And each field that names an object is one of the type's."""
    from twin.resources.catalogue import catalogue

    types = terraform_state._types()
    for known in types["types"].values():
        assert set(known.get("by", {})) <= set(catalogue()[known["type"]].model_fields)
    assert set(types["part_of"].values()) <= set(catalogue())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", r"state:1:2: not a Terraform state"),
        ('{"version": 3, "modules": []}', "version 3 of Terraform's state; this reads version 4"),
        ("[]", "version None"),
        ('{"version": 4}', "not a Terraform state: KeyError"),
        ('{"version": 4, "resources": [{"mode": "managed", "type": "a", "name": "a", "instances": 3}]}', "TypeError"),
    ],
    ids=["no JSON", "an old version", "a list", "no resources", "instances that are none"],
)  # fmt: skip
def test_what_is_no_state_of_terraform_is_refused(tmp_path, text, why):
    """With line and column where there is one."""
    (tmp_path / "state").write_text(text)
    with pytest.raises(UsageError, match=why):
        terraform_state.read(tmp_path / "state")
    with pytest.raises(UsageError, match="No such file"):
        terraform_state.read(tmp_path / "none")


def test_the_plan_with_those_lines_only_writes_down_the_owner(legacy, result, tmp_path):
    """Nothing else is sent; afterwards the plan is empty, without the ids too, and a saved plan says the same."""
    text = inserted(HEAD, for_environment(result.patch, "test"))
    planned = plan(legacy.request(text))
    assert planned.problems == []
    made = [c for c in planned.plan.pending if c.address.type != "aws.iam.account_alias"]
    assert {(c.action, c.claims, len(c.differences)) for c in made} == {("update", True, 0)}
    plans.save(planned.plan, tmp_path / "plan.json")
    refuse_stale(plans.load(tmp_path / "plan.json"), legacy.rig.target, legacy.rig.store.load())
    assert legacy.rig.carry_out(planned.plan).good
    assert plan(legacy.request(text)).plan.pending == ()
    assert set(result.taken) <= set(legacy.rig.store.load().entries)
    said = {address: {"fields": one["fields"]} for address, one in result.patch["overrides"].items()}
    without = {**result.patch, "overrides": said}
    assert plan(legacy.request(inserted(HEAD, for_environment(without, "test")))).plan.pending == ()
    (vpc,) = legacy.rig.aws.client("ec2").describe_vpcs(VpcIds=[legacy.vpc])["Vpcs"]
    assert {"Key": OWNER_TAG, "Value": "acme/test"} in vpc["Tags"]


def test_without_the_lines_what_was_taken_over_would_go(legacy, result):
    """The variant: ours it is, and no spec has it."""
    assert legacy.vpc in {c.id for c in plan(legacy.request()).plan.pending if c.action == "delete"}

"""Drift is told by attribute with who did it, and a spec can be made to accept it."""

import boto3
import pytest
from botocore.session import Session
from rig import Rig

from tests.blueprints.built import HEAD, ROOT, build
from twin.blueprints.compile import compile_spec
from twin.engine.acceptance import accepting, for_environment
from twin.engine.culprits import Trail
from twin.engine.drift import drifts
from twin.engine.state import State
from twin.resources.mounting import mount_botocore
from twin.spec.insertion import inserted
from twin.spec.load import parse

EC2 = "{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}"
WEB = "{protocol: tcp, from_port: 443, to_port: 443, group: '${aws.ec2.security_group.front.id}'}"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SPEC = f"""
resources:
  aws.sns.topic: {{ops: {{name: ops}}}}
  aws.sqs.queue: {{jobs: {{name: jobs, tags: {{a: "1"}}}}}}
  aws.s3.bucket: {{lake: {{bucket: acme-test-lake, versioning: true}}}}
  aws.iam.role: {{orders: {{name: orders, trust: {{Version: "2012-10-17", Statement: [{EC2}]}}}}}}
  aws.ec2.vpc: {{main: {{cidr_block: 10.0.0.0/16}}}}
  aws.ec2.security_group:
    front: {{vpc: "${{aws.ec2.vpc.main.id}}", name: front, description: front}}
    web: {{vpc: "${{aws.ec2.vpc.main.id}}", name: web, description: web, ingress: [{WEB}]}}
  aws.iam.attachment: {{read: {{role: "${{aws.iam.role.orders.id}}", policy: "{READ}"}}}}
  okta.group: {{crew: {{name: crew}}}}
"""
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ROGUE = "aws.iam.attachment.role-orders-aws-policy-AdministratorAccess"
MALLORY = "arn:aws:iam::111122223333:user/mallory"


def hands(rig, access_key=None):
    """Return the clients of somebody else, who calls with the vendor's own SDK."""
    core = Session()
    mount_botocore(core, rig.world.handle)
    mine = rig.aws.session.get_credentials()
    keys = access_key or {"AccessKeyId": mine.access_key, "SecretAccessKey": mine.secret_key}
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], botocore_session=core, region_name="us-east-1"
    )
    return session.client


@pytest.fixture(scope="module")
def org(tmp_path_factory):
    """An org as it was built, in which mallory may do everything."""
    rig = Rig(tmp_path_factory.mktemp("state") / "s", build("").scope)
    rig.build(build(SPEC).desired)
    iam = hands(rig)("iam")
    iam.create_user(UserName="mallory")
    iam.attach_user_policy(UserName="mallory", PolicyArn=ADMIN)
    yield rig, hands(rig, iam.create_access_key(UserName="mallory")["AccessKey"])
    rig.world.close()


@pytest.fixture(scope="module")
def tampered(org):
    """The org after mallory's changes, ten minutes later."""
    rig, client = org
    assert list(found(rig)) == []
    client("s3").put_bucket_versioning(Bucket="acme-test-lake", VersioningConfiguration={"Status": "Suspended"})
    (group,) = client("ec2").describe_security_groups(GroupNames=["web"])["SecurityGroups"]
    client("ec2").authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    rig.clock.advance(30)
    client("iam").attach_role_policy(RoleName="orders", PolicyArn=ADMIN)
    client("sns").delete_topic(TopicArn="arn:aws:sns:us-east-1:111122223333:ops")
    rig.clock.advance(600)
    rig.world.settle()
    return rig


def found(rig, text=SPEC):
    """Return what is other than it was applied."""
    return drifts(rig.plan(build(text).desired).plan, rig.store.load())


def accepted(rig):
    """Return the patch that accepts what is other."""
    desired = build(SPEC).desired
    made = rig.plan(desired).plan
    return accepting(drifts(made, rig.store.load()), made, desired)


def test_each_change_is_told_with_who_made_it(tampered):
    """Principal, time, source and call, per attribute; the queue, which nobody touched, is not there."""
    trail, told = Trail(tampered.target), {}
    for drift in found(tampered):
        for field in drift.fields:
            told[f"{drift.address}.{field.field}"] = (drift.kind, trail.deed(drift, field.calls))
        if not drift.fields:
            told[str(drift.address)] = (drift.kind, trail.deed(drift, drift.calls))
    assert {name: (kind, deed.event) for name, (kind, deed) in told.items()} == {
        "aws.s3.bucket.lake.versioning": ("changed", "PutBucketVersioning"),
        "aws.ec2.security_group.web.ingress": ("changed", "AuthorizeSecurityGroupIngress"),
        "aws.sns.topic.ops": ("gone", "DeleteTopic"),
        ROGUE: ("added", "AttachRolePolicy"),
    }
    assert {deed.principal for _, deed in told.values()} == {MALLORY}
    assert {deed.source for _, deed in told.values()} == {"127.0.0.1"}
    assert told["aws.s3.bucket.lake.versioning"][1].time == "2026-01-01T00:00:00Z"
    assert told["aws.sns.topic.ops"][1].time == "2026-01-01T00:00:30Z"


def test_what_was_applied_stands_beside_what_is(tampered):
    """From the state; without one the spec stands in, and that is told."""
    (bucket,) = [d for d in found(tampered) if str(d.address) == "aws.s3.bucket.lake"]
    assert [(f.applied, f.now, f.certain) for f in bucket.fields] == [(True, False, True)]
    file = tampered.store.state_file
    kept = file.read_text()
    tampered.store.save(State())
    (bucket,) = [d for d in found(tampered) if str(d.address) == "aws.s3.bucket.lake"]
    file.write_text(kept)
    assert [(f.applied, f.now, f.certain) for f in bucket.fields] == [(True, False, False)]


def test_a_change_of_the_spec_is_no_drift(tampered):
    """What the spec wants now, and nobody changed, is not told."""
    told = {str(d.address) for d in found(tampered, SPEC.replace('a: "1"', 'a: "2"'))}
    assert "aws.sqs.queue.jobs" not in told
    assert "aws.s3.bucket.lake" in told


def test_a_call_of_another_kind_is_nobodys_fault(tampered):
    """Mallory's call on the bucket did not change its tags."""
    (bucket,) = [d for d in found(tampered) if str(d.address) == "aws.s3.bucket.lake"]
    assert Trail(tampered.target).deed(bucket, frozenset({"PutBucketTagging"})) is None


def test_a_spec_that_accepts_the_drift_leaves_nothing_to_do(tampered):
    """The lines are written into the file; everything else stays as it was written."""
    whole = HEAD + SPEC
    patch = for_environment(accepted(tampered), "test")
    text = inserted(whole, patch)
    assert SPEC in text
    spec = parse(text.encode(), ROOT / "org.yaml", "test", environ={})
    assert tampered.plan(compile_spec(spec)[0]).plan.pending == ()
    assert tampered.plan(build(SPEC).desired).plan.pending != ()


def test_accepted_lines_keep_our_references(tampered):
    """What was attached refers to the role of the spec; a rule that was ours stays as it was declared."""
    patch = accepted(tampered)
    (attached,) = patch["resources"]["aws.iam.attachment"].values()
    assert attached == {"role": "${aws.iam.role.orders.id}", "policy": ADMIN}
    rules = patch["overrides"]["aws.ec2.security_group.web"]["fields"]["ingress"]
    assert {"protocol": "tcp", "from_port": 443, "to_port": 443, "group": "${aws.ec2.security_group.front.id}"} in rules
    assert {rule["from_port"] for rule in rules} == {22, 443}


FLOW = "environments: {test: {}}\n"
BLOCK = "environments:\n  # ours\n  test:\n    overrides:\n      a: {protect: x}\n"
MORE = BLOCK.replace("      a:", "      b:\n        x: 1\n      a:")


@pytest.mark.parametrize(
    ("text", "patch", "expected"),
    [
        ("a: 1\n", {"b": {"c": [1, "x"]}}, "a: 1\nb:\n  c:\n  - 1\n  - x\n"),
        (FLOW, {"environments": {"test": {"b": 1}}}, 'environments: {test: {"b": 1}}\n'),
        ("e:\n  t: {}\nz: 1\n", {"e": {"t": {"b": {"c": 1}}}}, "e:\n  t:\n    b:\n      c: 1\nz: 1\n"),
        ("e: {t: {z: 1}}\n", {"e": {"t": {"b": 1}}}, 'e: {t: {"b": 1, z: 1}}\n'),
        (BLOCK, {"environments": {"test": {"overrides": {"b": {"x": 1}}}}}, MORE),
        ("a: 1 # why\n# end", {"b": 2}, "a: 1 # why\n# end\nb: 2\n"),
    ],
    ids=[
        "a new section", "an empty mapping", "one alone in its line", "a mapping in a line", "a mapping in blocks",
        "comments",
    ],
)  # fmt: skip
def test_lines_are_written_where_they_belong(text, patch, expected):
    """Nothing else of the text changes."""
    assert inserted(text, patch) == expected


@pytest.mark.parametrize(
    ("text", "patch"),
    [
        ("a: 1\n", {"a": 2}),
        ("a: [1]\n", {"a": {"b": 1}}),
        ("a:\n", {"a": {"b": 1}}),
        ("a: &x {}\nb: *x\n", {"b": {"c": 1}}),
    ],
    ids=["another value", "a list", "nothing", "an alias"],
)  # fmt: skip
def test_what_has_no_certain_place_is_left_to_its_author(text, patch):
    """A value that stands there already is never overwritten."""
    assert inserted(text, patch) is None

"""Five things done by hand to the bundled org: all are reported, nothing else is, and apply mends what is ours."""

from pathlib import Path

import pytest
from rig import Rig

from twin.blueprints.compile import compile_spec
from twin.spec.load import load

SPEC = Path(__file__).parents[2] / "specs" / "mini-org.yaml"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ATTACHED = "role/acme-prod-orders/aws/policy/AdministratorAccess"
ROGUE = f"aws.iam.attachment.{ATTACHED.replace('/', '-')}#{ATTACHED}"
MENDED = {
    "aws.s3.bucket.lake": "update",
    "aws.ec2.security_group.web": "update",
    ROGUE: "delete",
    "aws.sns.topic.ops": "create",
}
"""What the plan does about what is ours; the topic's subscriptions went with it, as AWS has it."""


@pytest.fixture(scope="module")
def org(tmp_path_factory):
    """The org as it was built, with its rig."""
    desired, scope = compile_spec(load(SPEC, "prod", environ={}))
    rig = Rig(tmp_path_factory.mktemp("state"), scope)
    rig.build(desired)
    yield rig, desired
    rig.world.close()


@pytest.fixture(scope="module")
def tampered(org):
    """The org after five changes by hand, and the plan that sees them."""
    rig, desired = org
    aws = rig.aws.client
    aws("s3").put_bucket_versioning(
        Bucket="acme-prod-lake-111122223333", VersioningConfiguration={"Status": "Suspended"}
    )
    (group,) = aws("ec2").describe_security_groups(GroupNames=["acme-prod-web"])["SecurityGroups"]
    aws("ec2").authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    aws("iam").attach_role_policy(RoleName="acme-prod-orders", PolicyArn=ADMIN)
    aws("iam").create_user(UserName="mallory")
    aws("sns").delete_topic(TopicArn="arn:aws:sns:us-east-1:111122223333:acme-prod-ops")
    return rig, desired, rig.plan(desired).plan


def unmanaged(plan):
    """Return the AWS objects that nobody manages."""
    return [u.id for u in plan.unmanaged if u.type.startswith("aws.")]


def test_a_built_org_shows_no_drift(org):
    """The variant without a change by hand: an empty plan, nobody unknown."""
    rig, desired = org
    plan = rig.plan(desired).plan
    assert (plan.pending, unmanaged(plan)) == ((), [])


def test_all_five_are_reported_and_nothing_else(tampered):
    """Each under its address; what went with the topic is the only company."""
    _, _, plan = tampered
    found = {c.key: c.action for c in plan.pending}
    company = {k: a for k, a in found.items() if k.startswith("aws.sns.subscription.") and a == "create"}
    assert {k: a for k, a in found.items() if k not in company} == MENDED
    assert unmanaged(plan) == ["mallory"]


def test_the_cause_is_told(tampered):
    """Changed by hand, gone, or a member that nobody declared."""
    _, _, plan = tampered
    why = {c.key: c.reason for c in plan.pending}
    assert why["aws.s3.bucket.lake"] == why["aws.ec2.security_group.web"] == "drift"
    assert why["aws.sns.topic.ops"] == "it is gone"
    assert why[ROGUE] == "undeclared member of aws.iam.role.acme-prod-orders"


def test_apply_mends_what_is_ours_and_leaves_the_rest(tampered):
    """Afterwards only the user is left to be looked at."""
    rig, desired, plan = tampered
    assert rig.carry_out(plan).good
    again = rig.plan(desired).plan
    assert again.pending == ()
    assert unmanaged(again) == ["mallory"]
    held = rig.aws.client("iam").list_attached_role_policies(RoleName="acme-prod-orders")["AttachedPolicies"]
    assert ADMIN not in [p["PolicyArn"] for p in held]

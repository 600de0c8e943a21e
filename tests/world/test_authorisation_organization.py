"""An organization's control policies bind its accounts, and who is in it decides."""

import pytest
from botocore.exceptions import ClientError
from people import OTHER, administrator, allow, assumed, deny, document
from refused import refusal

DENIED = ("AccessDenied", 403)


@pytest.fixture
def member(clients):
    """An organization with an OU and an account in it; returns its ids and the member's administrator."""
    organizations = clients("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="prod")["OrganizationalUnit"]["Id"]
    account = organizations.create_account(AccountName="m", Email="m@example.com")["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    held = assumed(clients, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", administrator(clients))
    return {"root": root, "unit": unit, "account": account, "held": held, "organizations": organizations}


def control(member, target, *statements):
    """Attach a service control policy to a target; returns its id."""
    made = member["organizations"].create_policy(
        Name=f"p-{target}", Description="d", Type="SERVICE_CONTROL_POLICY", Content=document(*statements)
    )["Policy"]["PolicySummary"]["Id"]
    member["organizations"].attach_policy(PolicyId=made, TargetId=target)
    return made


@pytest.mark.parametrize("level", ["root", "unit", "account"])
def test_control_policy_binds_a_member_at_every_level(clients, member, level):
    """A deny on the root, the OU or the account stops the member's administrator, and not the management account."""
    sqs = clients("sqs", credentials=member["held"])
    assert sqs.create_queue(QueueName="before")
    policy = control(member, member[level], deny("sqs:CreateQueue"))
    assert refusal(sqs.create_queue, QueueName="after") == DENIED
    assert sqs.list_queues()["QueueUrls"]
    assert clients("sqs", credentials=administrator(clients, "second")).create_queue(QueueName="mine")
    with pytest.raises(ClientError, match="with an explicit deny in a service control policy"):
        sqs.create_queue(QueueName="after")
    member["organizations"].detach_policy(PolicyId=policy, TargetId=member[level])
    assert sqs.create_queue(QueueName="after")


def test_list_of_services_allows_no_other(clients, member):
    """Without FullAWSAccess on the account, what its policies do not name is refused."""
    control(member, member["account"], allow("sqs:*"))
    member["organizations"].detach_policy(PolicyId="p-FullAWSAccess", TargetId=member["account"])
    assert clients("sqs", credentials=member["held"]).list_queues()
    with pytest.raises(ClientError, match="because no service control policy allows the SNS:ListTopics action"):
        clients("sns", credentials=member["held"]).list_topics()


def test_region_fence_spares_the_region_inside(clients, member):
    """The usual deny outside of the allowed Regions works by aws:RequestedRegion."""
    outside = {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}}
    control(member, member["unit"], deny("ec2:*", Condition=outside))
    assert clients("ec2", credentials=member["held"]).describe_vpcs()["Vpcs"] is not None
    away = clients("ec2", credentials=member["held"], region="eu-west-1")
    assert refusal(away.describe_vpcs) == ("UnauthorizedOperation", 403)


def test_organization_of_the_caller_opens_a_bucket(clients, member):
    """aws:PrincipalOrgID lets the member in, and an account outside of the organization not."""
    clients("s3").create_bucket(Bucket="shared")
    clients("s3").put_object(Bucket="shared", Key="k", Body=b"x")
    ours = member["organizations"].describe_organization()["Organization"]["Id"]
    opened = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/*",
              "Condition": {"StringEquals": {"aws:PrincipalOrgID": ours}}}  # fmt: skip
    clients("s3").put_bucket_policy(Bucket="shared", Policy=document(opened))
    assert clients("s3", credentials=member["held"]).get_object(Bucket="shared", Key="k")["Body"].read() == b"x"
    stranger = administrator(clients, account=OTHER)
    assert refusal(clients("s3", credentials=stranger).get_object, Bucket="shared", Key="k") == DENIED


def test_resource_control_policy_binds_whoever_calls(clients, member):
    """An RCP on the member's bucket stops its own administrator."""
    s3 = clients("s3", credentials=member["held"])
    s3.create_bucket(Bucket="theirs")
    s3.put_object(Bucket="theirs", Key="k", Body=b"x")
    statement = {**deny("s3:GetObject"), "Principal": "*"}
    organizations = member["organizations"]
    policy = organizations.create_policy(
        Name="rcp", Description="d", Type="RESOURCE_CONTROL_POLICY", Content=document(statement)
    )["Policy"]["PolicySummary"]["Id"]
    assert s3.get_object(Bucket="theirs", Key="k")
    aim = {"PolicyId": policy, "TargetId": member["unit"]}
    assert refusal(organizations.attach_policy, **aim) == ("PolicyTypeNotEnabledException", 400)
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    organizations.attach_policy(**aim)
    with pytest.raises(ClientError, match="with an explicit deny in a resource control policy"):
        s3.get_object(Bucket="theirs", Key="k")


def test_policy_that_is_none_is_refused_when_it_is_written(clients, member):
    """Each service refuses what is no policy, in its own words, and takes what is one."""
    s3, kms = clients("s3"), clients("kms")
    s3.create_bucket(Bucket="papers")
    odd = document({"Effect": "Maybe", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})
    assert refusal(s3.put_bucket_policy, Bucket="papers", Policy=odd) == ("MalformedPolicy", 400)
    assert refusal(kms.create_key, Policy=odd) == ("MalformedPolicyDocumentException", 400)
    create = member["organizations"].create_policy
    named = {"Name": "n", "Description": "d", "Type": "SERVICE_CONTROL_POLICY"}
    assert refusal(create, **named, Content=odd) == ("MalformedPolicyDocumentException", 400)
    assert create(**named, Content=document(deny("sqs:*")))["Policy"]

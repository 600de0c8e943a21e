"""Reads of a served twin after the pattern of an earlier one say what botocore's own clients say."""

import json
from dataclasses import replace

import pytest

from twin.clock import VirtualClock
from twin.resources.aws.api import AwsSystem
from twin.resources.call import Refused, aws
from twin.resources.wire_client import Broken, WireClient
from twin.wire import Request, Response
from twin.world.server import serve
from twin.world.world import EPOCH, World

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
ROOT, TOPIC = "arn:aws:iam::123456789012:root", "arn:aws:sns:us-east-1:123456789012:"
LAKE = "arn:aws:s3:::lake-two/*"
ALLOWED = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "s3:GetObject", "Resource": LAKE}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]})
MADE = "amz-sdk-invocation-id"
"""A header that botocore sends, and a pattern does not."""


class Served:
    """A served world, and how each call reached it."""

    def __init__(self) -> None:
        self.world = World(3, VirtualClock(EPOCH))
        self.requests: list[Request] = []
        self.server = serve(self.handle)
        self.keys = self.world.credentials()
        self.aws = self.system()

    def system(self) -> AwsSystem:
        """Return a client that has called nobody yet."""
        told = {"access_key_id": self.keys.access_key_id, "secret_access_key": self.keys.secret_access_key}
        return AwsSystem(region="us-east-1", endpoint_url=self.server.url, **told)

    def handle(self, request: Request) -> Response:
        """Answer as the world does."""
        self.requests.append(request)
        return self.world.handle(request)

    def make(self, name: str, system: AwsSystem | None = None, *, pages: bool = False, **params: object) -> dict:
        """Make the call `service:Operation`; returns the reply without what is new in each."""
        service, _, operation = name.partition(":")
        reply = (system or self.aws).execute(replace(aws(service, operation, params), pages=pages))
        return {name: value for name, value in reply.items() if name != "ResponseMetadata"}

    def patterned(self) -> list[bool]:
        """Return of each request since the last look whether it went after a pattern."""
        found = [MADE not in request.headers for request in self.requests]
        self.requests.clear()
        return found


@pytest.fixture(scope="module")
def served():
    """One served world for all tests, with two of each."""
    made = Served()
    with made.server:
        for name in ("one", "two"):
            made.make("sns:CreateTopic", Name=name, Attributes={"DisplayName": f"{name} & <more>"})
            made.make("iam:CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST)
            made.make("logs:CreateLogGroup", logGroupName=f"/{name}")
            made.make("s3:CreateBucket", Bucket=f"lake-{name}")
            made.make("ec2:CreateVpc", CidrBlock="10.0.0.0/16")
        made.make("s3:PutBucketVersioning", Bucket="lake-two", VersioningConfiguration={"Status": "Enabled"})
        made.make("s3:PutBucketPolicy", Bucket="lake-two", Policy=POLICY)
        yield made
    made.world.close()


READS = [
    ("sns:GetTopicAttributes", "TopicArn", f"{TOPIC}one", f"{TOPIC}two"),
    ("iam:GetRole", "RoleName", "one", "two"),
    ("logs:DescribeLogGroups", "logGroupNamePrefix", "/one", "/two"),
    ("ec2:DescribeVpcs", "Filters", [], [{"Name": "cidr", "Values": ["10.0.0.0/16"]}]),
    ("s3:GetBucketVersioning", "Bucket", "lake-one", "lake-two"),
    ("s3:GetBucketPolicy", "Bucket", "lake-two", "lake-two"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameter", "first", "second"), READS, ids=[row[0] for row in READS])
def test_a_patterned_reply_is_botocores_own(served, name, parameter, first, second) -> None:
    """The second call of an operation goes after the first one's pattern, and says what another client's first says."""
    system = served.system()
    served.make(name, system, **{parameter: first})
    served.patterned()
    told = served.make(name, system, **{parameter: second})
    assert served.patterned() == [True]
    assert told == served.make(name, served.system(), **{parameter: second})
    assert served.patterned() == [False]
    assert told


def test_every_page_after_the_first_goes_after_its_pattern(served) -> None:
    """Pages come merged as botocore merges them."""
    told = served.make("iam:ListRoles", served.system(), pages=True, MaxItems=1)
    assert [role["RoleName"] for role in told["Roles"]][-2:] == ["one", "two"]
    assert served.patterned().count(False) == 1


def test_a_refusal_is_the_one_that_botocore_raises(served) -> None:
    """What is not there, what may not be, and what is no parameter, in the vendor's words and once on the wire."""
    served.make("s3:GetBucketPolicy", Bucket="lake-two")
    served.make("iam:GetRole", RoleName="one")
    for name, params, sent in (
        ("s3:GetBucketPolicy", {"Bucket": "lake-one"}, 1),
        ("iam:GetRole", {"RoleName": "nobody"}, 1),
        ("iam:GetRole", {"RoleName": "x" * 99}, 1),
        ("iam:GetRole", {"RoleNam": "one"}, 0),
    ):
        served.patterned()
        with pytest.raises(Refused) as ours:
            served.make(name, **params)
        assert len(served.patterned()) == sent
        with pytest.raises(Refused) as theirs:
            served.make(name, served.system(), **params)
        assert (ours.value.code, ours.value.message, ours.value.status) == (
            theirs.value.code, theirs.value.message, theirs.value.status,
        )  # fmt: skip


def test_a_call_that_was_never_sent_makes_no_pattern_and_prevents_none(served) -> None:
    """A parameter that is none, in an operation's first call, leaves the next one to be its pattern."""
    system = served.system()
    with pytest.raises(Refused):
        served.make("iam:GetRole", system, RoleNam="one")
    served.patterned()
    for name in ("one", "two"):
        served.make("iam:GetRole", system, RoleName=name)
    assert served.patterned() == [False, True]


def test_another_principal_signs_for_itself(served) -> None:
    """The pattern is shared, the key is not: a wrong secret is found out, and the right one is who calls."""
    served.make("sts:GetCallerIdentity")
    user = served.make("iam:CreateUser", UserName="ada")["User"]["Arn"]
    key = served.make("iam:CreateAccessKey", UserName="ada")["AccessKey"]
    right = served.aws.acting_as(key["AccessKeyId"], key["SecretAccessKey"])
    assert served.make("sts:GetCallerIdentity", right)["Arn"] == user
    assert served.patterned()[-1]
    with pytest.raises(Refused) as refused:
        served.make("sts:GetCallerIdentity", served.aws.acting_as(key["AccessKeyId"], "wrong"))
    assert refused.value.code == "SignatureDoesNotMatch"


def test_a_broken_connection_is_botocores_to_mend(served, monkeypatch) -> None:
    """A read that no reply comes for is sent again by botocore; a call that changes something never goes this way."""
    served.make("iam:GetRole", RoleName="one")

    def broken(*_: object) -> None:
        raise Broken("gone")

    monkeypatch.setattr(WireClient, "exchange", broken)
    served.patterned()
    assert served.make("iam:GetRole", RoleName="two")["Role"]["RoleName"] == "two"
    for _ in range(2):
        served.make("iam:TagRole", RoleName="one", Tags=[])
    assert served.patterned() == [False] * 3

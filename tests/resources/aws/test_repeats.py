"""Calls that a mounted world had before go out as they did, and are answered as they are now."""

import json
from io import BytesIO

import pytest

from twin.clock import VirtualClock
from twin.resources.aws.api import AwsSystem
from twin.resources.call import Refused, aws
from twin.wire import Request, Response
from twin.world.world import EPOCH, World


class Wire:
    """A world, and every request that reached it."""

    def __init__(self) -> None:
        self.world = World(3, VirtualClock(EPOCH))
        self.requests: list[Request] = []
        keys = self.world.credentials()
        self.aws = AwsSystem(
            region="us-east-1",
            access_key_id=keys.access_key_id,
            secret_access_key=keys.secret_access_key,
            handle=self.handle,
            place=lambda: self.world.stirred,
        )

    def handle(self, request: Request) -> Response:
        """Answer as the world does."""
        self.requests.append(request)
        return self.world.handle(request)

    def make(self, name: str, system: AwsSystem | None = None, **params: object) -> dict:
        """Make the call `service:Operation`."""
        service, _, operation = name.partition(":")
        return (system or self.aws).execute(aws(service, operation, params))

    def signatures(self) -> list[str]:
        """Return how the requests so far were signed."""
        return [request.headers["Authorization"] for request in self.requests]


@pytest.fixture(scope="module")
def world():
    """One world for all tests, with a bucket."""
    wire = Wire()
    wire.make("s3:CreateBucket", Bucket="lake")
    yield wire
    wire.world.close()


@pytest.fixture
def wire(world):
    """The world, with nothing sent yet."""
    world.requests.clear()
    return world


def test_a_repeated_call_is_prepared_once_and_answered_anew(wire):
    """The same signed request goes out; what changed in between is in the reply."""
    wire.make("s3:PutObject", Bucket="lake", Key="a", Body=b"one")
    first = wire.make("s3:ListObjectsV2", Bucket="lake")
    wire.make("s3:PutObject", Bucket="lake", Key="b", Body=b"two")
    second = wire.make("s3:ListObjectsV2", Bucket="lake")
    assert [len(reply["Contents"]) for reply in (first, second)] == [1, 2]
    assert first.keys() == second.keys()
    assert first["ResponseMetadata"].keys() == second["ResponseMetadata"].keys()
    assert second["ResponseMetadata"]["RetryAttempts"] == 0
    assert wire.requests[1] is wire.requests[3]


def test_a_repeated_body_is_read_each_time(wire):
    """A streamed reply belongs to one call."""
    wire.make("s3:PutObject", Bucket="lake", Key="c", Body=b"three")
    bodies = [wire.make("s3:GetObject", Bucket="lake", Key="c")["Body"].read() for _ in range(3)]
    assert bodies == [b"three"] * 3


def test_an_equal_call_of_somebody_else_is_signed_by_them(wire):
    """Who asks is part of what is repeated: the second user is refused what the first may do."""
    wire.make("iam:CreateUser", UserName="guest")
    key = wire.make("iam:CreateAccessKey", UserName="guest")["AccessKey"]
    guest = wire.aws.acting_as(key["AccessKeyId"], key["SecretAccessKey"])
    for _ in range(2):
        assert wire.make("sts:GetCallerIdentity")["Arn"].endswith(":root")
        assert wire.make("sts:GetCallerIdentity", guest)["Arn"].endswith(":user/guest")
    with pytest.raises(Refused) as refused:
        wire.make("s3:ListObjectsV2", guest, Bucket="lake")
    assert refused.value.code == "AccessDenied"


def test_a_repeated_call_that_is_refused_now_reaches_the_world_once(wire):
    """The refusal is told as that of a first call, with its code and status."""
    wire.make("s3:PutObject", Bucket="lake", Key="d", Body=b"four")
    wire.make("s3:GetObject", Bucket="lake", Key="d")
    wire.make("s3:DeleteObject", Bucket="lake", Key="d")
    wire.requests.clear()
    with pytest.raises(Refused) as refused:
        wire.make("s3:GetObject", Bucket="lake", Key="d")
    assert (refused.value.code, refused.value.status, len(wire.requests)) == ("NoSuchKey", 404, 1)


def test_documents_are_decoded_in_a_repeated_reply_too(wire):
    """What botocore does after a call, as with the policies of IAM, is done after each."""
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    wire.make("iam:CreateRole", RoleName="app", AssumeRolePolicyDocument=json.dumps(policy))
    found = [wire.make("iam:GetRole", RoleName="app")["Role"]["AssumeRolePolicyDocument"] for _ in range(2)]
    assert found[0] == found[1] == policy


def test_a_call_with_a_token_of_its_own_is_a_new_one_each_time(wire):
    """Two calls to make a secret's version are two, and not one that is sent again."""
    wire.make("secretsmanager:CreateSecret", Name="db", SecretString="one")
    versions = {
        wire.make("secretsmanager:PutSecretValue", SecretId="db", SecretString="two")["VersionId"] for _ in "12"
    }
    assert len(versions) == 2
    assert len(set(wire.signatures())) == 3


def test_a_stream_is_read_by_the_call_that_brings_it(wire):
    """Only plain data is known again."""
    for text in (b"five", b"six"):
        wire.make("s3:PutObject", Bucket="lake", Key="e", Body=BytesIO(text))
        assert wire.make("s3:GetObject", Bucket="lake", Key="e")["Body"].read() == text


def test_an_error_that_comes_as_a_success_is_one_in_a_repeated_call_too(wire, monkeypatch):
    """S3 may begin to answer before it fails; the copy that worked before did not work now."""
    copy = {"Bucket": "lake", "Key": "copy", "CopySource": "lake/a"}
    wire.make("s3:PutObject", Bucket="lake", Key="a", Body=b"one")
    wire.make("s3:CopyObject", **copy)
    late = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>We failed.</Message></Error>"
    monkeypatch.setattr(wire.world, "handle", lambda _: Response(200, body=late))
    wire.requests.clear()
    with pytest.raises(Refused) as refused:
        wire.make("s3:CopyObject", **copy)
    assert (refused.value.code, refused.value.status, len(wire.requests)) == ("InternalError", 500, 1)

"""Replies are written as moto and xmltodict write them, character for character."""

import json
from contextlib import suppress

import pytest
import xmltodict

from twin.clock import VirtualClock
from twin.resources.aws.api import AwsSystem
from twin.resources.call import Refused, aws
from twin.wire import Request, Response
from twin.world.stores.lookups import forgetting
from twin.world.stores.replies import STOCK, unparse
from twin.world.world import EPOCH, World

DOCUMENTS = [
    {"a": {"@xmlns": 'http://x/?"&', "b": ["1 < 2 & 3", "", None, 4, 2.5, True], "c": [], "d": {}, "#text": "t>"}},
    {"a": {"b": {"@x": "1", "#text": None}, "c": {"@y": "2"}}},
    {"a": None},
    {"a": {"b": (1, 2), "c": b"bytes", "#comment": "said"}},
    {"a": {"b": {"@xmlns": {"p": "http://x/"}, "@n": 3}}},
]
ALLOWED = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
ROLE = {
    "RoleName": "r",
    "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]}),
    "Tags": [{"Key": "k", "Value": "a+b"}],
}


@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
@pytest.mark.parametrize("short", [True, False], ids=["short", "long"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "part"])
def test_a_document_is_xmltodicts_own(document, short, whole) -> None:
    """Attributes, texts, empty elements, lists, and whatever only xmltodict knows how to write."""
    told = {"full_document": whole, "short_empty_elements": short}
    assert unparse(document, **told) == STOCK[(xmltodict, "unparse")](document, **told)


def test_a_name_that_is_none_is_refused_as_by_xmltodict() -> None:
    """No element breaks out of its tag, and a document has one root."""
    for document in ({"a": {"b<": "1"}}, {"a": {"@b=": "1"}}, {"a": ["1", "2"]}, {"a": "1", "b": "2"}):
        for write in (unparse, STOCK[(xmltodict, "unparse")]):
            with pytest.raises(ValueError, match=r"Invalid|root"):
                write(document)


def test_replies_are_motos_own() -> None:
    """Objects under several names, changes by the path of a member, refusals, XML and JSON."""
    calls = [
        ("iam", "CreateRole", ROLE),
        ("iam", "GetRole", {"RoleName": "r"}),
        ("iam", "ListRoles", {}),
        ("iam", "GetAccountAuthorizationDetails", {"Filter": ["Role"]}),
        ("sns", "CreateTopic", {"Name": "t", "Attributes": {"DisplayName": "a & b"}}),
        ("sns", "GetTopicAttributes", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t"}),
        ("ec2", "DescribeVpcs", {}),
        ("s3", "CreateBucket", {"Bucket": "lake"}),
        ("s3", "ListBuckets", {}),
        ("logs", "CreateLogGroup", {"logGroupName": "/g"}),
        ("logs", "DescribeLogGroups", {}),
        ("kms", "CreateKey", {"Description": "k"}),
        ("iam", "GetRole", {"RoleName": "none"}),
        ("s3", "GetBucketPolicy", {"Bucket": "lake"}),
        ("s3", "GetBucketPolicy", {"Bucket": "lake"}),
        ("kms", "DescribeKey", {"KeyId": "none"}),
    ]  # fmt: skip
    ours = _bodies(calls)
    assert [b"NoSuch" in body for body in ours[-3:-1]] == [True, True]
    with forgetting():
        assert ours == _bodies(calls)
    assert all(ours[:7])


def _bodies(calls: list) -> list[bytes]:
    """Return the bodies of the replies of a new world."""
    world, bodies = World(3, VirtualClock(EPOCH)), []

    def handle(request: Request) -> Response:
        reply = world.handle(request)
        bodies.append(reply.body)
        return reply

    keys = world.credentials()
    told = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
    system = AwsSystem(region="us-east-1", handle=handle, place=lambda: world.stirred, **told)
    for service, operation, params in calls:
        with suppress(Refused):
            system.execute(aws(service, operation, params))
    world.close()
    return bodies

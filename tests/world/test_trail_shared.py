"""A call that uses what is another account's has an event there too, which says little of the caller."""

import json

import pytest
from people import ACCOUNT, OTHER, allow, role, trust, user
from refused import refusal


@pytest.fixture
def bob(clients):
    """Credentials of a user of the other account who may do anything there."""
    return user(clients, "bob", allow("*"), account=OTHER)


def of_both(world, name):
    """Return the events of an operation, the caller's first."""
    events = list(world.evidence.events(name=name))
    assert [event["recipientAccountId"] for event in events] == [OTHER, ACCOUNT]
    return events


def test_the_owner_of_a_key_has_an_event_of_its_use_elsewhere(clients, world, clock, bob):
    """Both share one id besides their own; whoever looks finds it in either account, and a refused call in one only."""
    kms, theirs = clients("kms"), clients("kms", credentials=bob)
    policy = {"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{a}:root" for a in (ACCOUNT, OTHER)]}}
    policy |= {"Action": "kms:*", "Resource": "*"}
    key = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": policy}))["KeyMetadata"]["Arn"]
    theirs.encrypt(KeyId=key, Plaintext=b"x")
    mine, owners = of_both(world, "Encrypt")
    assert mine["sharedEventID"] == owners["sharedEventID"]
    assert len({mine["eventID"], owners["eventID"], mine["sharedEventID"]}) == 3
    assert mine["requestID"] == owners["requestID"]
    assert mine["userIdentity"]["userName"] == "bob"
    told = {"type": "AWSAccount", "principalId": mine["userIdentity"]["principalId"], "accountId": OTHER}
    assert owners["userIdentity"] == told
    clock.advance(3600)
    for account, id_ in ((None, owners["eventID"]), (OTHER, mine["eventID"])):
        looked = clients("cloudtrail", account=account).lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}]
        )
        assert [event["EventId"] for event in looked["Events"]] == [id_]
    kms.encrypt(KeyId=key, Plaintext=b"x")
    assert "sharedEventID" not in list(world.evidence.events(name="Encrypt"))[-1]
    alone = kms.create_key()["KeyMetadata"]["Arn"]
    assert refusal(theirs.decrypt, KeyId=alone, CiphertextBlob=b"x")[0] != ""
    assert [event["recipientAccountId"] for event in world.evidence.events(name="Decrypt")] == [OTHER]


def test_role_and_bucket_of_another_account_are_used_in_its_sight(clients, world, bob):
    """Who takes a role from outside, and who reads an object, stands in the account that lent it."""
    arn = role(clients, "guest", trust({"AWS": f"arn:aws:iam::{OTHER}:root"}))
    clients("sts", credentials=bob).assume_role(RoleArn=arn, RoleSessionName="guest")
    _, lent = of_both(world, "AssumeRole")
    assert lent["requestParameters"]["roleArn"] == arn
    s3 = clients("s3")
    s3.create_bucket(Bucket="shared")
    grant = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::shared/*",
    }
    s3.put_bucket_policy(Bucket="shared", Policy=json.dumps({"Version": "2012-10-17", "Statement": grant}))
    s3.put_object(Bucket="shared", Key="k", Body=b"x")
    clients("s3", credentials=bob).get_object(Bucket="shared", Key="k")
    _, read = of_both(world, "GetObject")
    assert (read["userIdentity"]["accountId"], read["requestParameters"]["key"]) == (OTHER, "k")
    assert [event["recipientAccountId"] for event in world.evidence.events(name="PutObject")] == [ACCOUNT]

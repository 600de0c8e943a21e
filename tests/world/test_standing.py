"""What a credential may do now, asked without a call: the answers are those that calls would get."""

import json

import pytest
from botocore.exceptions import ClientError

from twin.world.authorisation.ask import Ask
from twin.world.authorisation.standing import alive, may
from twin.world.principals import Credentials

ACCOUNT = "123456789012"
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OBJECT = "arn:aws:s3:::lake/one"


@pytest.fixture
def ann(clients):
    """A user who may do everything, and her key."""
    iam = clients("iam")
    clients("s3").create_bucket(Bucket="lake")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=json.dumps(ALLOW))
    made = iam.create_access_key(UserName="ann")["AccessKey"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


def asked(world, key_id, action, resource="*"):
    """Ask the gateway; None for a key that is dead."""
    key = alive(world.gateway, key_id)
    return None if key is None else may(world.gateway, key, Ask(action, resource, ACCOUNT), region="us-east-1")


def test_a_key_stands_as_long_as_it_works(world, clients, ann):
    """Disabled it may nothing, and a policy that denies is heeded."""
    iam, id_ = clients("iam"), ann.access_key_id
    assert asked(world, id_, "s3:GetObject", OBJECT) is True
    iam.put_user_policy(UserName="ann", PolicyName="no", PolicyDocument=json.dumps(DENY))
    assert asked(world, id_, "s3:GetObject", OBJECT) is False
    iam.delete_user_policy(UserName="ann", PolicyName="no")
    iam.update_access_key(UserName="ann", AccessKeyId=id_, Status="Inactive")
    assert asked(world, id_, "s3:GetObject", OBJECT) is None
    assert alive(world.gateway, "AKIANOBODY") is None


def test_a_session_stands_until_it_expires_and_never_for_iam(world, clients, clock, ann):
    """A session without MFA does what its user does, IAM excepted, also when the key is disabled; then it is over."""
    reply = clients("sts", credentials=ann).get_session_token(DurationSeconds=900)["Credentials"]
    id_ = reply["AccessKeyId"]
    clients("iam").update_access_key(UserName="ann", AccessKeyId=ann.access_key_id, Status="Inactive")
    assert asked(world, id_, "s3:GetObject", OBJECT) is True
    assert asked(world, id_, "iam:CreateUser") is False
    session = Credentials(id_, reply["SecretAccessKey"], reply["SessionToken"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        clients("iam", credentials=session).create_user(UserName="eve")
    clock.advance(901)
    assert asked(world, id_, "s3:GetObject", OBJECT) is None

"""Who may call: keys, sessions and signatures, refused in the words of each protocol."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from mounted import NOW
from people import administrator, assumed, session
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.principals import Credentials
from twin.world.world import World

CALLS = {
    "query": ("rds", "describe_db_instances", {}),
    "ec2": ("ec2", "describe_key_pairs", {}),
    "json": ("sqs", "list_queues", {}),
    "rest-json": ("lambda", "list_functions", {}),
    "rest-xml": ("route53", "list_hosted_zones", {}),
    "s3": ("s3", "list_buckets", {}),
    "cbor": ("cloudwatch", "describe_alarms", {}),
}
UNKNOWN = {
    "query": ("InvalidClientTokenId", 403),
    "ec2": ("AuthFailure", 401),
    "json": ("UnrecognizedClientException", 400),
    "rest-json": ("UnrecognizedClientException", 403),
    "rest-xml": ("InvalidClientTokenId", 403),
    "s3": ("InvalidAccessKeyId", 403),
    "cbor": ("UnrecognizedClientException", 400),
}
MISMATCH = {
    "query": ("SignatureDoesNotMatch", 403),
    "ec2": ("AuthFailure", 401),
    "json": ("InvalidSignatureException", 400),
    "rest-json": ("InvalidSignatureException", 403),
    "rest-xml": ("SignatureDoesNotMatch", 403),
    "s3": ("SignatureDoesNotMatch", 403),
    "cbor": ("InvalidSignatureException", 400),
}
EXPIRED = {
    "query": "ExpiredToken",
    "ec2": "RequestExpired",
    "json": "ExpiredTokenException",
    "rest-json": "ExpiredTokenException",
    "rest-xml": "ExpiredToken",
    "s3": "ExpiredToken",
    "cbor": "ExpiredTokenException",
}


def perform(clients, protocol, credentials=None):
    """Make the harmless call of a protocol."""
    service, operation, parameters = CALLS[protocol]
    return getattr(clients(service, credentials=credentials), operation)(**parameters)


def refused(clients, protocol, credentials):
    """Return the code and status with which the call is refused, having been sent once."""
    before = len(clients.sent)
    with pytest.raises(ClientError) as caught:
        perform(clients, protocol, credentials)
    assert len(clients.sent) == before + 1
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def user_key(clients, name="ann"):
    """Make an administrator with a key."""
    return administrator(clients, name)


@pytest.mark.parametrize("protocol", CALLS)
def test_bootstrap_key_is_accepted(clients, protocol):
    """Each protocol works with the world's own key."""
    assert perform(clients, protocol)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("protocol", CALLS)
def test_unknown_key_is_refused(clients, protocol):
    """A key that was never issued gets the protocol's own refusal."""
    assert refused(clients, protocol, Credentials("AKIA" + "Z" * 16, "s" * 40)) == UNKNOWN[protocol]


@pytest.mark.parametrize("protocol", CALLS)
def test_wrong_secret_is_refused(clients, world, protocol):
    """The right id with another secret does not pass."""
    wrong = replace(world.credentials(), secret_access_key="s" * 40)
    assert refused(clients, protocol, wrong) == MISMATCH[protocol]


@pytest.mark.parametrize("protocol", CALLS)
def test_inactive_then_deleted_key_is_refused(clients, protocol):
    """A user's key works while it is active, and only then."""
    key = user_key(clients)
    iam = clients("iam")
    assert perform(clients, protocol, key)
    iam.update_access_key(UserName="ann", AccessKeyId=key.access_key_id, Status="Inactive")
    assert refused(clients, protocol, key) == UNKNOWN[protocol]
    iam.update_access_key(UserName="ann", AccessKeyId=key.access_key_id, Status="Active")
    assert perform(clients, protocol, key)
    iam.delete_access_key(UserName="ann", AccessKeyId=key.access_key_id)
    assert refused(clients, protocol, key) == UNKNOWN[protocol]


@pytest.mark.parametrize("protocol", CALLS)
def test_session_ends_by_the_worlds_clock(clients, clock, protocol):
    """A session of 15 minutes works at 899 s and is refused at 900 s."""
    held = session(clients("sts").get_session_token(DurationSeconds=900))
    clock.advance(899)
    assert perform(clients, protocol, held)
    clock.advance(1)
    assert refused(clients, protocol, held)[0] == EXPIRED[protocol]


@pytest.mark.parametrize("token", [None, "forged"])
def test_session_needs_its_own_token(clients, token):
    """Temporary keys without their token, or with another, are refused."""
    held = replace(session(clients("sts").get_session_token()), session_token=token)
    assert refused(clients, "query", held)[0] == "InvalidClientTokenId"
    assert refused(clients, "s3", held)[0] == "InvalidToken"


def test_long_term_key_with_a_token_is_refused(clients, world):
    """A token does not belong to a long-term key."""
    assert refused(clients, "query", replace(world.credentials(), session_token="x"))[0] == "InvalidClientTokenId"


def test_caller_identity_of_each_kind(clients, world):
    """Root, user, role, federated user and another account tell themselves apart."""
    key = user_key(clients)
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    role = clients("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    ops = assumed(clients, role, key)
    federated = session(clients("sts").get_federation_token(Name="bob"))

    def arn(credentials):
        return clients("sts", credentials=credentials).get_caller_identity()["Arn"]

    assert arn(world.credentials()) == "arn:aws:iam::123456789012:root"
    assert arn(world.credentials("210987654321")) == "arn:aws:iam::210987654321:root"
    assert arn(key) == "arn:aws:iam::123456789012:user/ann"
    assert arn(ops) == "arn:aws:sts::123456789012:assumed-role/ops/s1"
    assert arn(federated) == "arn:aws:sts::123456789012:federated-user/bob"


def test_session_of_a_user_is_that_user(clients):
    """GetSessionToken changes the credentials, not the identity."""
    key = user_key(clients)
    held = session(clients("sts", credentials=key).get_session_token())
    assert clients("sts", credentials=held).get_caller_identity()["Arn"].endswith(":user/ann")


def test_accounts_do_not_see_each_other(clients):
    """What one account creates is not in the other's list."""
    clients("iam").create_user(UserName="here")
    assert [u["UserName"] for u in clients("iam").list_users()["Users"]] == ["here"]
    assert clients("iam", account="210987654321").list_users()["Users"] == []


def test_role_of_another_account_switches_account(clients):
    """AssumeRole across accounts acts in the role's account."""
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    other = clients("iam", account="210987654321")
    role = other.create_role(RoleName="ops", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    other.attach_role_policy(RoleName="ops", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    held = assumed(clients, role, user_key(clients))
    clients("iam", credentials=held).create_user(UserName="there")
    assert [u["UserName"] for u in other.list_users()["Users"]] == ["there"]


def test_last_use_of_a_key_is_told_truly(clients, clock):
    """GetAccessKeyLastUsed gives time, service and Region of the last call, and nothing before the first."""
    key = user_key(clients)
    iam = clients("iam")

    def last():
        return iam.get_access_key_last_used(AccessKeyId=key.access_key_id)["AccessKeyLastUsed"]

    assert "LastUsedDate" not in last()
    clock.advance(3600)
    clients("sqs", credentials=key, region="eu-west-1").list_queues()
    used = last()
    assert (used["ServiceName"], used["Region"]) == ("sqs", "eu-west-1")
    assert used["LastUsedDate"].timestamp() == NOW.timestamp() + 3600
    clients("elbv2", credentials=key).describe_load_balancers()
    assert last()["ServiceName"] == "elasticloadbalancing"


def test_refused_call_is_not_a_use(clients):
    """A wrong secret leaves no trace on the key."""
    key = user_key(clients)
    refused(clients, "query", replace(key, secret_access_key="s" * 40))
    used = clients("iam").get_access_key_last_used(AccessKeyId=key.access_key_id)["AccessKeyLastUsed"]
    assert "LastUsedDate" not in used


def test_unsigned_call_is_refused_and_web_identity_is_not(world):
    """STS asks for a signature, except where it takes an assertion instead."""

    def call(action):
        headers = Headers([("Content-Type", "application/x-www-form-urlencoded")])
        return world.handle(Request("POST", "https://sts.amazonaws.com/", headers, f"Action={action}".encode()))

    missing = call("GetCallerIdentity&Version=2011-06-15")
    assert missing.status == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in missing.body
    token = "AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/r"
    unproven = call(token + "&RoleSessionName=s1&WebIdentityToken=none")
    assert unproven.status == 400
    assert b"<Code>InvalidIdentityToken</Code>" in unproven.body


def test_credentials_never_show_their_secret(world):
    """The representation of credentials names the key id only."""
    held = world.credentials()
    assert held.secret_access_key not in repr(held)
    assert len(held.secret_access_key) == 40
    assert held.access_key_id.startswith("AKIA")
    assert len(held.access_key_id) == 20


def test_account_names_are_checked():
    """An account is 12 digits."""
    with pytest.raises(ValueError, match="12 digits"):
        World(1, accounts=("prod",))


def test_moving_a_key_follows_its_user(clients):
    """A renamed user keeps a working key."""
    key = user_key(clients)
    clients("iam").update_user(UserName="ann", NewUserName="anna")
    assert clients("sts", credentials=key).get_caller_identity()["Arn"].endswith(":user/anna")


def test_get_user_without_a_name_tells_about_the_caller(clients):
    """Root and a user learn who they are; a session that is no user has to name one."""
    key = user_key(clients)
    assert clients("iam").get_user()["User"]["Arn"] == "arn:aws:iam::123456789012:root"
    assert clients("iam", credentials=key).get_user()["User"]["UserName"] == "ann"
    assert clients("iam").get_user(UserName="ann")["User"]["UserName"] == "ann"
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    role = clients("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    clients("iam").attach_role_policy(RoleName="ops", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    with pytest.raises(ClientError, match="Must specify userName"):
        clients("iam", credentials=assumed(clients, role, key)).get_user()

"""Sessions: who may take a role, what a session may do, when it stops."""

import time
from datetime import timedelta

import pytest
from joserfc import jwk, jwt
from mounted import NOW
from people import (
    ACCOUNT,
    OTHER,
    administrator,
    allow,
    assumed,
    deny,
    document,
    key_of,
    role,
    session,
    trust,
    user,
)  # fmt: skip
from refused import refusal

from twin.world.authorisation.mfa import code_at

DENIED = ("AccessDenied", 403)
GITHUB = "https://token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


def takes(clients, arn, by, **settings):
    """Tell whether a key takes a role, or with which code it is refused."""
    sts = clients("sts", credentials=by)
    if settings.pop("refused", False):
        return refusal(sts.assume_role, RoleArn=arn, RoleSessionName="s1", **settings)
    return session(sts.assume_role(RoleArn=arn, RoleSessionName="s1", **settings))


def test_revocation_by_issue_time_kills_old_sessions_and_spares_new(clients, clock):
    """A deny on older tokens, as the console's Revoke puts it, stops the sessions before it and none after."""
    caller = user(clients, "ann", allow("sts:AssumeRole"))
    arn = role(clients, "ops", trust({"AWS": ACCOUNT}), allow("sqs:*"))
    old = assumed(clients, arn, caller)
    clock.advance(60)
    before = {"DateLessThan": {"aws:TokenIssueTime": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}}
    assert clients("sqs", credentials=old).list_queues()
    clients("iam").put_role_policy(
        RoleName="ops", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(deny("*", Condition=before))
    )
    clock.advance(1)
    new = assumed(clients, arn, caller)
    assert refusal(clients("sqs", credentials=old).list_queues) == DENIED
    assert clients("sqs", credentials=new).list_queues()


def test_session_of_fifteen_minutes_is_dead_after_them(clients, clock):
    """It works a second before and not a second after."""
    caller = user(clients, "ann", allow("sts:AssumeRole"))
    arn = role(clients, "ops", trust({"AWS": ACCOUNT}), allow("sqs:*"))
    held = assumed(clients, arn, caller, DurationSeconds=900)
    clock.advance(899)
    assert clients("sqs", credentials=held).list_queues()
    clock.advance(1)
    assert refusal(clients("sqs", credentials=held).list_queues)[0] == "ExpiredTokenException"


def test_same_account_trust_may_name_either_the_user_or_the_account(clients):
    """A trust that names the user is enough; one that names the account leaves it to the user's policies."""
    nobody = user(clients, "nobody")
    named = role(clients, "named", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}))
    account = role(clients, "account", trust({"AWS": ACCOUNT}))
    stranger = role(clients, "stranger", trust({"Service": "ec2.amazonaws.com"}))
    assert takes(clients, named, nobody)
    assert takes(clients, account, nobody, refused=True) == DENIED
    admin = administrator(clients)
    assert takes(clients, account, admin)
    assert takes(clients, stranger, admin, refused=True) == DENIED
    assert takes(clients, account, None, refused=True) == DENIED  # root takes no roles


def test_role_of_another_account_needs_trust_and_permission(clients):
    """Across accounts both sides must allow; ExternalId is asked for where the trust asks for it."""
    secret = {"Condition": {"StringEquals": {"sts:ExternalId": "e-1"}}}
    arn = role(clients, "audit", trust({"AWS": ACCOUNT}, **secret), account=OTHER)
    able, unable = user(clients, "able", allow("sts:AssumeRole", arn)), user(clients, "unable")
    assert takes(clients, arn, unable, ExternalId="e-1", refused=True) == DENIED
    assert takes(clients, arn, able, refused=True) == DENIED
    assert takes(clients, arn, able, ExternalId="e-2", refused=True) == DENIED
    held = takes(clients, arn, able, ExternalId="e-1")
    assert clients("sts", credentials=held).get_caller_identity()["Account"] == OTHER


def test_length_of_a_session_has_its_limits(clients):
    """MaxSessionDuration, and an hour for a chained role."""
    caller = user(clients, "ann", allow("sts:AssumeRole"))
    anybody = trust({"AWS": ACCOUNT})
    first = role(clients, "first", anybody, allow("sts:AssumeRole"), MaxSessionDuration=7200)
    second = role(clients, "second", anybody, MaxSessionDuration=43200)
    invalid = ("ValidationError", 400)
    assert takes(clients, first, caller, DurationSeconds=7200)
    assert takes(clients, first, caller, DurationSeconds=7201, refused=True) == invalid
    chained = takes(clients, first, caller)
    assert takes(clients, second, chained)
    assert takes(clients, second, chained, DurationSeconds=3601, refused=True) == invalid


def test_tags_of_a_session_need_permission_and_decide(clients):
    """sts:TagSession must be allowed by the trust; the tags are the session's, and pass on when they are transitive."""
    ours = {"StringEquals": {"aws:PrincipalTag/team": "lake"}}
    caller = user(clients, "ann", allow(["sts:AssumeRole", "sts:TagSession"]))
    untagged = role(clients, "untagged", trust({"AWS": ACCOUNT}), allow("sqs:*", Condition=ours))
    both = trust({"AWS": ACCOUNT}, ["sts:AssumeRole", "sts:TagSession"])
    tagged = role(clients, "tagged", both, allow("sqs:*", Condition=ours), allow("sts:*"))
    tags = {"Tags": [{"Key": "team", "Value": "lake"}]}
    assert takes(clients, untagged, caller, **tags, refused=True) == DENIED
    assert refusal(clients("sqs", credentials=takes(clients, tagged, caller)).list_queues) == DENIED
    held = takes(clients, tagged, caller, **tags, TransitiveTagKeys=["team"])
    assert clients("sqs", credentials=held).list_queues()
    assert clients("sqs", credentials=takes(clients, tagged, held)).list_queues()
    other = {"Tags": [{"Key": "team", "Value": "other"}]}
    assert takes(clients, tagged, held, **other, refused=True)[0] == "InvalidParameterValue"


@pytest.fixture
def device(clients, clock):
    """A user who may do everything with a second factor, the user's key, and the factor."""
    fresh = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    key = user(clients, "ann", allow(["iam:*", "sqs:*", "sts:AssumeRole"], Condition=fresh))
    iam = clients("iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"].decode()
    first, second = (code_at(seed, clock.now() + timedelta(seconds=step)) for step in (-30, 0))
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second)
    return key, serial, seed


def test_second_factor_opens_what_its_condition_closes(clients, world, clock, device):
    """A plain key and a session without the factor do nothing; one with the device's code of the minute does."""
    key, serial, seed = device
    sts = clients("sts", credentials=key)
    assert refusal(clients("sqs", credentials=key).list_queues) == DENIED
    plain = session(sts.get_session_token())
    assert refusal(clients("sqs", credentials=plain).list_queues) == DENIED
    assert refusal(clients("iam", credentials=plain).list_users) == ("InvalidClientTokenId", 403)
    code = code_at(seed, clock.now())
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert refusal(sts.get_session_token, SerialNumber=serial, TokenCode=wrong) == DENIED
    assert refusal(sts.get_session_token, SerialNumber=serial + "x", TokenCode=code) == DENIED
    proved = session(sts.get_session_token(SerialNumber=serial, TokenCode=code))
    assert clients("sqs", credentials=proved).list_queues()
    assert clients("iam", credentials=proved).list_users()["Users"]
    seen = [event["userIdentity"].get("sessionContext", {}) for event in world.evidence.events(name="ListQueues")]
    assert [each.get("attributes", {}).get("mfaAuthenticated") for each in seen] == [None, "false", "true"]
    clock.advance(300)
    assert refusal(sts.get_session_token, SerialNumber=serial, TokenCode=code) == DENIED


def test_code_is_that_of_the_standard():
    """The first vector of RFC 6238, in its six last digits, at 59 s."""
    from datetime import UTC, datetime

    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime.fromtimestamp(59, UTC)) == "287082"


def test_role_may_ask_for_a_second_factor(clients, clock, device):
    """The trust's condition on the factor is met by a code with the call."""
    _, serial, seed = device
    clients("iam").put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=document(allow("sts:AssumeRole")))
    key = key_of(clients, "ann")
    factor = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    arn = role(clients, "careful", trust({"AWS": ACCOUNT}, **factor))
    assert takes(clients, arn, key, refused=True) == DENIED
    assert takes(clients, arn, key, SerialNumber=serial, TokenCode=code_at(seed, clock.now()))


@pytest.fixture
def github(clients, world):
    """A provider of OIDC tokens whose key the test holds; returns a maker of tokens."""
    key = jwk.RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
    clients("iam").create_open_id_connect_provider(
        Url=GITHUB, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    world.gateway.authorisation.issuers[GITHUB] = {"keys": [key.as_dict(private=False)]}
    now = int(NOW.timestamp())

    def token(signer=key, **claims):
        told = {"iss": GITHUB, "aud": "sts.amazonaws.com", "sub": "repo:acme/app:ref:refs/heads/main", "iat": now,
                "exp": now + 300}  # fmt: skip
        return jwt.encode({"alg": "RS256", "kid": "k1"}, told | claims, signer)

    return token


def test_web_identity_is_verified_and_decides_by_its_claims(clients, github, clock, world):
    """A token opens the role whose trust its subject meets; another subject, key, audience or time does not."""
    mine = {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/app:ref:refs/heads/main",
                             "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}  # fmt: skip
    arn = role(
        clients,
        "deploy",
        trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", Condition=mine),
        allow("sqs:*"),
    )
    sts = clients("sts")

    def enter(token):
        return sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="run", WebIdentityToken=token)

    reply = enter(github())
    assert (reply["Provider"], reply["Audience"]) == (PROVIDER, "sts.amazonaws.com")
    assert clients("sqs", credentials=session(reply)).list_queues()
    invalid = ("InvalidIdentityToken", 400)
    forger = jwk.RSAKey.generate_key(2048, {"kid": "k1"})
    assert refusal(enter, github(sub="repo:evil/app:ref:refs/heads/main")) == DENIED
    assert refusal(enter, github(signer=forger)) == invalid
    assert refusal(enter, github(aud="else")) == invalid
    assert refusal(enter, github(iss="https://idp.example.com")) == invalid
    clock.advance(301)
    assert refusal(enter, github()) == ("ExpiredTokenException", 400)
    world.gateway.authorisation.issuers.clear()
    assert refusal(enter, github()) == invalid, "the twin's own GitHub has signed nothing of it"
    elsewhere = "https://idp.example.com"
    clients("iam").create_open_id_connect_provider(
        Url=elsewhere, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    assert refusal(enter, github(iss=elsewhere)) == ("TwinUnsupportedOperation", 400)


def test_issuer_within_the_world_is_asked_for_its_keys(clients):
    """A token of a user pool is verified by the keys that the pool publishes; one of another pool is not its."""
    cognito = clients("cognito-idp")

    def token(name):
        pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
        made = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        )
        client = made["UserPoolClient"]["ClientId"]
        cognito.admin_create_user(UserPoolId=pool, Username="ann", TemporaryPassword="Correct-horse-1")
        cognito.admin_set_user_password(UserPoolId=pool, Username="ann", Password="Correct-horse-2", Permanent=True)
        signed_in = cognito.admin_initiate_auth(
            UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_NO_SRP_AUTH",
            AuthParameters={"USERNAME": "ann", "PASSWORD": "Correct-horse-2"},
        )  # fmt: skip
        return pool, client, signed_in["AuthenticationResult"]["IdToken"]

    pool, client, mine = token("customers")
    other = token("others")[2]
    issuer = f"cognito-idp.us-east-1.amazonaws.com/{pool}"
    clients("iam").create_open_id_connect_provider(
        Url=f"https://{issuer}", ClientIDList=[client], ThumbprintList=["a" * 40]
    )
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}
    arn = role(clients, "customer", trust(provider, "sts:AssumeRoleWithWebIdentity"), allow("sqs:ListQueues"))
    enter = clients("sts").assume_role_with_web_identity
    held = session(enter(RoleArn=arn, RoleSessionName="ann", WebIdentityToken=mine))
    assert clients("sqs", credentials=held).list_queues()
    assert refusal(enter, RoleArn=arn, RoleSessionName="ann", WebIdentityToken=other) == ("InvalidIdentityToken", 400)
    broken = mine[:-8] + "AAAAAAAA"
    assert refusal(enter, RoleArn=arn, RoleSessionName="ann", WebIdentityToken=broken) == ("InvalidIdentityToken", 400)


def test_write_of_iam_counts_when_it_has_propagated(clients, world, clock):
    """Four seconds long a new grant does not work yet, and a taken one and a disabled key still do."""
    world.gateway.authorisation.propagation = timedelta(seconds=4)
    iam = clients("iam")
    key = user(clients, "ann", allow("sqs:*"))
    assert refusal(clients("sqs", credentials=key).list_queues) == ("UnrecognizedClientException", 400)
    clock.advance(4)
    assert clients("sqs", credentials=key).list_queues()
    iam.delete_user_policy(UserName="ann", PolicyName="own")
    clock.advance(3)
    assert clients("sqs", credentials=key).list_queues()
    clock.advance(1)
    assert refusal(clients("sqs", credentials=key).list_queues) == DENIED
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=document(allow("sqs:*")))
    assert refusal(clients("sqs", credentials=key).list_queues) == DENIED
    clock.advance(4)
    iam.update_access_key(UserName="ann", AccessKeyId=key.access_key_id, Status="Inactive")
    assert clients("sqs", credentials=key).list_queues()
    clock.advance(4)
    assert refusal(clients("sqs", credentials=key).list_queues) == ("UnrecognizedClientException", 400)
    iam.update_access_key(UserName="ann", AccessKeyId=key.access_key_id, Status="Active")
    clock.advance(4)
    iam.delete_access_key(UserName="ann", AccessKeyId=key.access_key_id)
    assert clients("sqs", credentials=key).list_queues()
    clock.advance(4)
    assert refusal(clients("sqs", credentials=key).list_queues) == ("UnrecognizedClientException", 400)


def test_several_writes_within_the_delay_take_effect_each_at_its_time(clients, world, clock):
    """Between two writes stands what the first one left."""
    iam = clients("iam")
    key = user(clients, "ann")
    world.gateway.authorisation.propagation = timedelta(seconds=10)

    def put(action):
        iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=document(allow(action)))

    def does(service, operation):
        call = getattr(clients(service, credentials=key), operation)
        try:
            call()
        except call.__self__.exceptions.ClientError:
            return False
        return True

    put("sqs:*")
    clock.advance(5)
    put("sns:*")
    seen = []
    for _ in range(4):
        seen.append((does("sqs", "list_queues"), does("sns", "list_topics")))
        clock.advance(4)
    assert seen == [(False, False), (False, False), (True, False), (False, True)]


def test_authorised_call_costs_little(clients, world):
    """A user's plain call is decided in well under a millisecond."""
    from twin.world.aws_call import Call

    key = user(clients, "ann", allow("sqs:*"))
    seen = []
    world.gateway.authorisers.append(lambda call: seen.append(call))
    clients("sqs", credentials=key).list_queues()
    call: Call = seen[-1]
    check = world.gateway.authorisation
    started = time.process_time()
    for _ in range(200):
        check(call)
    assert (time.process_time() - started) / 200 < 0.001

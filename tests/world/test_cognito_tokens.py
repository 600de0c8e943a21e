"""Cognito's tokens on the world's clock: keys of each pool, lifetimes, revocation, sign-out, authenticator apps."""

import base64
import json

import pytest
from refused import refusal

from twin.semantics.tokens import Accepted, Expectations, FixedKeys, Refused, validate
from twin.wire import Request
from twin.world.authorisation.mfa import code_at

PASSWORD = "Correct-horse-1"
NOT = ("NotAuthorizedException", 400)
MINUTES = {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"}


class Pool:
    """A user pool with one client and the user ann."""

    def __init__(self, clients, name="customers"):
        self.api = clients("cognito-idp")
        self.id = self.api.create_user_pool(PoolName=name, MfaConfiguration="OPTIONAL")["UserPool"]["Id"]
        self.client = self.add_client("web", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
        self.api.sign_up(ClientId=self.client, Username="ann", Password=PASSWORD)
        self.api.admin_confirm_sign_up(UserPoolId=self.id, Username="ann")

    def add_client(self, name, *flows):
        """Create a client whose tokens live 15 and 20 minutes and a day."""
        lives = {"AccessTokenValidity": 15, "IdTokenValidity": 20, "RefreshTokenValidity": 1}
        made = self.api.create_user_pool_client(
            UserPoolId=self.id, ClientName=name, ExplicitAuthFlows=list(flows), TokenValidityUnits=MINUTES, **lives
        )
        return made["UserPoolClient"]["ClientId"]

    def start(self, **change):
        """Start a sign-in by password."""
        told = {"USERNAME": "ann", "PASSWORD": PASSWORD} | change
        return self.api.initiate_auth(ClientId=self.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=told)

    def tokens(self):
        """Sign in."""
        return self.start()["AuthenticationResult"]

    def refresh(self, token, client=None):
        """Exchange a refresh token."""
        told = {"REFRESH_TOKEN": token}
        return self.api.initiate_auth(
            ClientId=client or self.client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=told
        )["AuthenticationResult"]

    @property
    def issuer(self):
        """Return the issuer of the pool's tokens."""
        return f"https://cognito-idp.us-east-1.amazonaws.com/{self.id}"


@pytest.fixture
def pool(clients):
    """A pool with a signed-up user."""
    return Pool(clients)


def claims(token):
    """Return a token's claims, unverified."""
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_a_token_is_signed_by_a_key_of_its_own_pool(pool, clients, world, clock):
    """Each kind of token has a key, and another pool's keys verify none of them."""
    other, held = Pool(clients, "others"), pool.tokens()

    def verdict(token, keys_of):
        reply = world.handle(Request("GET", f"{keys_of.issuer}/.well-known/jwks.json"))
        expected = Expectations(issuers=(pool.issuer,))
        return validate(token, FixedKeys(json.loads(reply.body)), expected, clock.now().timestamp())

    found = [verdict(held[name], pool) for name in ("AccessToken", "IdToken")]
    assert all(isinstance(one, Accepted) for one in found)
    assert found[0].key_id != found[1].key_id
    assert isinstance(verdict(held["AccessToken"], other), Refused)


def test_tokens_live_as_long_as_their_client_says(pool, clock):
    """The access token dies to the second, the refresh token after its day."""
    held = pool.tokens()
    access, identity = claims(held["AccessToken"]), claims(held["IdToken"])
    assert (access["exp"] - access["iat"], identity["exp"] - identity["iat"], held["ExpiresIn"]) == (900, 1200, 900)
    clock.advance(899)
    assert pool.api.get_user(AccessToken=held["AccessToken"])["Username"] == "ann"
    clock.advance(1)
    assert refusal(pool.api.get_user, AccessToken=held["AccessToken"]) == NOT
    assert pool.refresh(held["RefreshToken"])["AccessToken"]
    clock.advance(86400)
    assert refusal(pool.refresh, held["RefreshToken"]) == NOT


def test_groups_stand_in_both_tokens(pool):
    """Under the claim of Cognito's own."""
    pool.api.create_group(UserPoolId=pool.id, GroupName="gold")
    pool.api.admin_add_user_to_group(UserPoolId=pool.id, Username="ann", GroupName="gold")
    held = pool.tokens()
    assert [claims(held[name])["cognito:groups"] for name in ("AccessToken", "IdToken")] == [["gold"], ["gold"]]


def test_revocation_ends_a_refresh_token_with_what_came_of_it(pool):
    """Another sign-in's tokens go on; an unknown token is no error."""
    first, second = pool.tokens(), pool.tokens()
    later = pool.refresh(first["RefreshToken"])
    pool.api.revoke_token(Token=first["RefreshToken"], ClientId=pool.client)
    assert refusal(pool.refresh, first["RefreshToken"]) == NOT
    for held in (first, later):
        assert refusal(pool.api.get_user, AccessToken=held["AccessToken"]) == NOT
    assert pool.api.get_user(AccessToken=second["AccessToken"])
    assert pool.refresh(second["RefreshToken"])
    pool.api.revoke_token(Token="unknown", ClientId=pool.client)


@pytest.mark.parametrize("by", ["user", "administrator"])
def test_signing_out_everywhere_ends_every_token(pool, by):
    """Whoever asks for it."""
    first, second = pool.tokens(), pool.tokens()
    if by == "user":
        pool.api.global_sign_out(AccessToken=first["AccessToken"])
    else:
        pool.api.admin_user_global_sign_out(UserPoolId=pool.id, Username="ann")
    for held in (first, second):
        assert refusal(pool.refresh, held["RefreshToken"]) == NOT
        assert refusal(pool.api.get_user, AccessToken=held["AccessToken"]) == NOT
    assert pool.tokens()


def test_a_client_uses_its_own_flows_and_tokens_only(pool):
    """A flow that it was not made for, another client's refresh token, a disabled user's: refused."""
    other = pool.add_client("other", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    told = {"USERNAME": "ann", "PASSWORD": PASSWORD}
    start = pool.api.initiate_auth
    code = refusal(start, ClientId=other, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=told)
    assert code == ("InvalidParameterException", 400)
    held = pool.tokens()
    assert refusal(pool.refresh, held["RefreshToken"], other) == NOT
    assert refusal(pool.refresh, "guess") == NOT
    pool.api.admin_disable_user(UserPoolId=pool.id, Username="ann")
    assert refusal(pool.refresh, held["RefreshToken"]) == NOT


def test_an_authenticator_app_is_asked_for_the_code_that_it_shows(pool, clock):
    """Its secret is the user's own; a wrong code neither enrols it nor signs in, an old one neither."""
    held = pool.tokens()
    secret = pool.api.associate_software_token(AccessToken=held["AccessToken"])["SecretCode"]
    assert secret != pool.api.associate_software_token(AccessToken=held["AccessToken"])["SecretCode"]
    secret = pool.api.associate_software_token(AccessToken=held["AccessToken"])["SecretCode"]
    verify = pool.api.verify_software_token
    assert refusal(verify, AccessToken=held["AccessToken"], UserCode="000000")[0] == "EnableSoftwareTokenMFAException"
    assert verify(AccessToken=held["AccessToken"], UserCode=code_at(secret, clock.now()))["Status"] == "SUCCESS"
    chosen = {"Enabled": True, "PreferredMfa": True}
    pool.api.set_user_mfa_preference(AccessToken=held["AccessToken"], SoftwareTokenMfaSettings=chosen)
    asked = pool.start()
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    def answer(code):
        told = {"USERNAME": "ann", "SOFTWARE_TOKEN_MFA_CODE": code}
        return pool.api.respond_to_auth_challenge(
            ClientId=pool.client, ChallengeName="SOFTWARE_TOKEN_MFA", Session=asked["Session"], ChallengeResponses=told
        )

    old = code_at(secret, clock.now())
    clock.advance(120)
    for wrong in ("000000", old):
        assert refusal(answer, wrong) == ("CodeMismatchException", 400)
    assert answer(code_at(secret, clock.now()))["AuthenticationResult"]["AccessToken"]

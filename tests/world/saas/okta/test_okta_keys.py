"""Keys that rotate, and tokens that the vendor's own verifier accepts or not."""

import base64
import json
from datetime import datetime

import jwt.api_jwt
import pytest
from oauth_clients import OAuth, basic, open_policy, service_app
from okta_jwt_verifier import AccessTokenVerifier
from okta_jwt_verifier.exceptions import JWTValidationException
from okta_jwt_verifier.request_executor import RequestExecutor
from werkzeug.datastructures import Headers

from twin.semantics.tokens import Accepted, Expectations, FixedKeys, Refused, validate
from twin.wire import Request

PATH = "/api/v1/authorizationServers/default"
ISSUER = "https://acme.okta.com/oauth2/default"


@pytest.fixture
def token(call):
    """A function that returns a new access token of a service."""
    call("POST", f"{PATH}/scopes", {"name": "pay:read"})
    open_policy(call, token={"accessTokenLifetimeMinutes": 15})
    app, oauth = service_app(call), OAuth(call)
    form = {"grant_type": "client_credentials", "scope": "pay:read"}
    return lambda: oauth.post("token", form, basic=basic(app))["access_token"]


@pytest.fixture
def verifier(call, clock, monkeypatch):
    """A function that makes Okta's own verifier, whose requests the org answers and whose time is the org's."""

    class Virtual(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock.now()

    monkeypatch.setattr(jwt.api_jwt, "datetime", Virtual)

    class Mounted(RequestExecutor):
        def get_sync(self, uri, **params):
            return json.loads(call.okta.handle(Request("GET", uri, Headers(params.get("headers")))).body)

    def make(issuer=ISSUER, audience="api://default"):
        return AccessTokenVerifier(issuer=issuer, audience=audience, request_executor=Mounted)

    return make


def statuses(call):
    """Return the statuses of the default server's keys by id."""
    return {one["kid"]: one["status"] for one in call("GET", f"{PATH}/credentials/keys")}


def test_oktas_verifier_accepts_our_token_and_no_other(token, verifier, clock):
    """Forged, expired, of another audience or issuer: each is refused."""
    good = token()
    verifier().verify_sync(good)
    header, claims, signature = good.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(told | {"scp": ["admin"]}).encode()).rstrip(b"=").decode()
    refused(verifier(), f"{header}.{forged}.{signature}")
    refused(verifier(audience="api://else"), good)
    refused(verifier(issuer="https://acme.okta.com/oauth2/other"), good)
    clock.advance(15 * 60 + 121)
    refused(verifier(), good)


def test_oktas_verifier_follows_a_rotation(call, token, verifier):
    """It fetches the keys again when it meets a new one, and a key that was forgotten is no longer good."""
    judge, old = verifier(), token()
    judge.verify_sync(old)
    call("POST", f"{PATH}/credentials/lifecycle/keyRotate", {"use": "sig"})
    judge.verify_sync(token())
    judge.verify_sync(old)
    call("POST", f"{PATH}/credentials/lifecycle/keyRotate", {"use": "sig"})
    refused(verifier(), old)


def refused(judge, token):
    """Assert that the vendor's verifier does not take a token."""
    with pytest.raises(JWTValidationException):
        judge.verify_sync(token)


def test_rotation_moves_each_key_on(call):
    """NEXT signs at once, ACTIVE expires, the one before is forgotten."""
    first = statuses(call)
    active, following = first
    rotated = call("POST", f"{PATH}/credentials/lifecycle/keyRotate", {"use": "sig"})
    assert {one["kid"]: one["status"] for one in rotated} == statuses(call)
    assert statuses(call)[following] == "ACTIVE"
    assert statuses(call)[active] == "EXPIRED"
    assert call("GET", PATH)["credentials"]["signing"]["kid"] == following
    call("POST", f"{PATH}/credentials/lifecycle/keyRotate", {"use": "sig"})
    assert active not in statuses(call)
    assert call.events()[-1] == "app.oauth2.as.key.rollover"
    call("POST", f"{PATH}/credentials/lifecycle/keyRotate", {"use": "enc"}, expect=(400, "E0000001"))


def test_a_token_outlives_one_rotation_and_not_two(call, token, clock):
    """Its key is published as the expired one until it is forgotten."""
    old = token()

    def accepted():
        keys = FixedKeys(OAuth(call).get("/v1/keys"))
        return validate(old, keys, Expectations(issuers=(ISSUER,)), clock.now().timestamp())

    call("POST", f"{PATH}/credentials/lifecycle/keyRotate", {"use": "sig"})
    assert isinstance(accepted(), Accepted)
    call("POST", f"{PATH}/credentials/lifecycle/keyRotate", {"use": "sig"})
    assert isinstance(accepted(), Refused)


def test_keys_rotate_by_themselves_four_times_a_year_unless_told_not_to(call, clock):
    """And the cache time shrinks as the day comes near."""
    first, oauth = list(statuses(call)), OAuth(call)
    for _ in range(4):
        clock.advance(20 * 86400)
        assert list(statuses(call)) == first
    oauth.get("/v1/keys")
    assert oauth.last.headers["Cache-Control"] == "max-age=864000, must-revalidate"
    clock.advance(10 * 86400)
    assert statuses(call)[first[0]] == "EXPIRED"
    manual = {"name": "default", "audiences": ["api://default"], "credentials": {"signing": {"rotationMode": "MANUAL"}}}
    call("PUT", PATH, manual)
    before = statuses(call)
    for _ in range(8):
        clock.advance(20 * 86400)
        assert statuses(call) == before


def test_a_deactivated_server_grants_nothing(call, token):
    """Nor does it show its keys."""
    token()
    call("POST", f"{PATH}/lifecycle/deactivate")
    oauth = OAuth(call)
    oauth.get("/v1/keys", expect=404)
    oauth.post("token", {"grant_type": "client_credentials"}, basic=("x", "y"), expect=404)

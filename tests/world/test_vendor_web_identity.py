"""Roles for the bearers of Okta's and Auth0's tokens: verified by the keys that each publishes in the world."""

import base64
import json

import pytest
from people import ACCOUNT, allow, role, session, trust
from refused import refusal
from werkzeug.datastructures import Headers

from twin.wire import Request

INVALID, DENIED = ("InvalidIdentityToken", 400), ("AccessDenied", 403)
SERVICE = {"application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"]}


class Vendor:
    """A vendor of the world, called as its owner does."""

    def __init__(self, world, base, headers):
        self.world, self.base, self.headers = world, base, headers

    def __call__(self, method, path, body=None):
        sent = Headers({**self.headers, "Content-Type": "application/json"})
        raw = json.dumps(body).encode() if body is not None else b""
        reply = self.world.handle(Request(method, self.base + path, sent, raw))
        assert reply.status < 300, reply.body
        return json.loads(reply.body) if reply.body else {}


def okta_token(world):
    """Return the issuer, the audience and a maker of access tokens of Okta's default server."""
    okta = Vendor(world, world.okta.url, {"Authorization": f"SSWS {world.okta.token}"})
    path = "/api/v1/authorizationServers/default"
    okta("POST", f"{path}/scopes", {"name": "deploy"})
    clients = {"clients": {"include": ["ALL_CLIENTS"]}}
    policy = {"type": "OAUTH_AUTHORIZATION_POLICY", "name": "p", "description": "p", "conditions": clients}
    made = okta("POST", f"{path}/policies", policy)
    conditions = {"grantTypes": {"include": ["client_credentials"]}, "scopes": {"include": ["*"]}}
    rule = {"name": "r", "type": "RESOURCE_ACCESS", "conditions": conditions}
    okta("POST", f"{path}/policies/{made['id']}/rules", rule)
    credentials = {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic"}}
    app = {"label": "CI", "signOnMode": "OPENID_CONNECT", "credentials": credentials}
    app = okta("POST", "/api/v1/apps", app | {"settings": {"oauthClient": SERVICE}})
    client = app["credentials"]["oauthClient"]
    proof = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    issuer = f"{world.okta.url}/oauth2/default"

    def token():
        headers = Headers({"Authorization": f"Basic {proof}"})
        reply = world.handle(
            Request("POST", f"{issuer}/v1/token", headers, b"grant_type=client_credentials&scope=deploy")
        )
        return json.loads(reply.body)["access_token"]

    def rotate():
        for _ in range(2):
            okta("POST", f"{path}/credentials/lifecycle/keyRotate", {"use": "sig"})

    return issuer, "api://default", token, rotate


def auth0_token(world):
    """Return the issuer, the audience and a maker of access tokens of the Auth0 tenant."""
    base = f"https://{world.auth0.domain}"
    grant = {"grant_type": "client_credentials", "client_id": world.auth0.client_id}
    grant |= {"client_secret": world.auth0.client_secret}
    open_ = Vendor(world, base, {})
    held = open_("POST", "/oauth/token", grant | {"audience": f"{base}/api/v2/"})["access_token"]
    manage = Vendor(world, base, {"Authorization": f"Bearer {held}"})
    manage(
        "POST", "/api/v2/resource-servers", {"identifier": "https://aws.acme.example", "scopes": [{"value": "deploy"}]}
    )
    allowed = {"client_id": world.auth0.client_id, "audience": "https://aws.acme.example", "scope": ["deploy"]}
    manage("POST", "/api/v2/client-grants", allowed)

    def token():
        return open_("POST", "/oauth/token", grant | {"audience": "https://aws.acme.example"})["access_token"]

    def rotate():
        (old,) = [one["kid"] for one in manage("GET", "/api/v2/keys/signing") if one.get("current")]
        manage("POST", "/api/v2/keys/signing/rotate")
        manage("PUT", f"/api/v2/keys/signing/{old}/revoke")

    return f"{base}/", world.auth0.client_id, token, rotate


@pytest.mark.parametrize("vendor", [okta_token, auth0_token], ids=["okta", "auth0"])
def test_a_vendors_token_opens_the_role_that_trusts_it(vendor, world, clients, clock):
    """Another audience of the provider, a changed token, a revoked key and an expired token open nothing."""
    issuer, audience, token, rotate = vendor(world)
    name = issuer.removeprefix("https://").rstrip("/")
    iam, enter = clients("iam"), clients("sts").assume_role_with_web_identity
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{name}"
    iam.create_open_id_connect_provider(Url=issuer.rstrip("/"), ClientIDList=["else"], ThumbprintList=["a" * 40])
    told = json.loads(base64.urlsafe_b64decode(token().split(".")[1] + "=="))
    meant = told["aud"] if isinstance(told["aud"], str) else told["aud"][0]
    only = {"StringEquals": {f"{name}:sub": told["sub"]}}
    arn = role(
        clients, "ci", trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", Condition=only), allow("sqs:*")
    )
    asked = {"RoleArn": arn, "RoleSessionName": "run"}
    assert refusal(enter, **asked, WebIdentityToken=token()) == INVALID
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    iam.create_open_id_connect_provider(Url=issuer.rstrip("/"), ClientIDList=[meant], ThumbprintList=["a" * 40])
    held = session(enter(**asked, WebIdentityToken=token()))
    assert clients("sqs", credentials=held).list_queues()
    good = token()
    assert refusal(enter, **asked, WebIdentityToken=good[:-6] + "AAAAAA") == INVALID
    rotate()
    assert refusal(enter, **asked, WebIdentityToken=good) == INVALID
    late = token()
    clock.advance(86401)
    assert refusal(enter, **asked, WebIdentityToken=late) == ("ExpiredTokenException", 400)
    other = trust(
        {"Federated": provider}, "sts:AssumeRoleWithWebIdentity", Condition={"StringEquals": {f"{name}:sub": "eve"}}
    )
    iam.update_assume_role_policy(RoleName="ci", PolicyDocument=other)
    assert refusal(enter, **asked, WebIdentityToken=token()) == DENIED
    assert audience

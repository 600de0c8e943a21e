"""OAuth clients of the twin's Okta org: an app of each kind, and the requests that they send."""

import base64
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwk
from joserfc import jwt as jose
from okta_client import URL
from okta_contract import CONTRACT
from signing_on import token_for
from werkzeug.datastructures import Headers

from twin.wire import Request

BACK = "https://app.acme.example/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
EVERYTHING = {"grantTypes": {"include": ["authorization_code", "client_credentials"]}, "scopes": {"include": ["*"]}}


@dataclass
class OAuth:
    """The endpoints of one authorization server (`default` by default), called as clients call them."""

    call: object
    server: str = "/oauth2/default"
    last: object = None
    spent: str = ""

    def post(self, endpoint, form, *, basic=None, headers=None, expect=200):
        """Send a form to an endpoint and return the reply's JSON."""
        sent = Headers({"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
        if basic:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
        return self._send(Request("POST", f"{URL}{self.server}/v1/{endpoint}", sent, urlencode(form).encode()), expect)

    def get(self, path, query=None, *, headers=None, expect=200):
        """Read from below the server."""
        url = f"{URL}{self.server}{path}" + (f"?{urlencode(query)}" if query else "")
        return self._send(Request("GET", url, Headers(headers or {})), expect)

    def _send(self, request, expect):
        self.last = self.call.okta.handle(request)
        CONTRACT.check(request, self.last)
        assert expect == self.last.status, self.last.body.decode()
        is_json = self.last.body and "json" in self.last.headers.get("Content-Type", "")
        return json.loads(self.last.body) if is_json else self.last.body

    def authorize(self, app, user=None, *, expect=302, proved=None, **fields):
        """Ask to authorize and return what came back with the redirect; `user` is signed on by a session token."""
        asked = {"client_id": app["id"], "redirect_uri": BACK, "response_type": "code", "state": "s1"}
        asked |= {"scope": "openid profile email", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        if user:
            self.spent = token_for(self.call.okta.org, user, proved=proved)
            asked["sessionToken"] = self.spent
        query = {name: value for name, value in (asked | fields).items() if value is not None}
        self.get("/v1/authorize", query, expect=expect)
        place = urlsplit(self.last.headers.get("Location", ""))
        return {name: values[0] for name, values in parse_qs(place.query or place.fragment).items()}

    def redeem(self, app, code, /, *, expect=200, **fields):
        """Redeem a code as a public client does."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": app["id"]}
        return self.post("token", form | {"code_verifier": VERIFIER} | fields, expect=expect)


def claims(token):
    """Return a token's claims, unverified."""
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def browser_app(call, **client):
    """Create a single-page app."""
    settings = {"application_type": "browser", "grant_types": ["authorization_code", "refresh_token"]}
    settings |= {"response_types": ["code"], "redirect_uris": [BACK], "post_logout_redirect_uris": [BACK]}
    return _app(call, "Shop", {"token_endpoint_auth_method": "none"}, settings | client)


def service_app(call, label="Batch", method="client_secret_basic", **client):
    """Create a service app; its secret stands in `credentials.oauthClient.client_secret`."""
    settings = {"application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"]}
    return _app(call, label, {"token_endpoint_auth_method": method}, settings | client)


def _app(call, label, credentials, client):
    body = {"label": label, "signOnMode": "OPENID_CONNECT", "credentials": {"oauthClient": credentials}}
    return call("POST", "/api/v1/apps", body | {"settings": {"oauthClient": client}})


def basic(app):
    """Return a client's id and secret."""
    return app["id"], app["credentials"]["oauthClient"]["client_secret"]


def open_policy(call, *, server="default", conditions=None, token=None, clients=("ALL_CLIENTS",), name="Everybody"):
    """Add a policy with one rule to an authorization server."""
    path = f"/api/v1/authorizationServers/{server}/policies"
    policy = {"type": "OAUTH_AUTHORIZATION_POLICY", "name": name, "description": name}
    policy["conditions"] = {"clients": {"include": list(clients)}}
    made = call("POST", path, policy)
    people = {"people": {"groups": {"include": ["EVERYONE"]}}}
    rule = {"name": "Rule", "type": "RESOURCE_ACCESS", "conditions": people | (conditions or EVERYTHING)}
    rule["actions"] = {"token": token or {"accessTokenLifetimeMinutes": 15}}
    return made, call("POST", f"{path}/{made['id']}/rules", rule)


def key_pair(kid="k1"):
    """Return a client's private key and its public JWK."""
    key = jwk.RSAKey.import_key(rsa.generate_private_key(65537, 2048), {"kid": kid, "use": "sig", "alg": "RS256"})
    return key, key.as_dict(private=False)


def assertion(key, app, clock, **change):
    """Return a client assertion."""
    now = int(clock.now().timestamp())
    told = {"iss": app["id"], "sub": app["id"], "aud": f"{URL}/oauth2/default/v1/token", "iat": now, "exp": now + 300}
    return jose.encode({"alg": "RS256", "kid": "k1"}, told | {"jti": "a1"} | change, key)

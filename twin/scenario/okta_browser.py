"""A browser before an Okta org: it signs on, waits for a push, opens apps, and keeps the cookie of its session."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from werkzeug.datastructures import Headers

from twin.resources.call import Refused, okta
from twin.scenario.stage import Stage
from twin.wire import Request, Response
from twin.world.source import SOURCE_HEADER

AUTHN = "/api/v1/authn"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"
FORM = re.compile(r'name="SAMLResponse" type="hidden" value="([^"]+)"')
PLACE = re.compile(r'SingleSignOnService [^>]*Location="([^"]+)"')


@dataclass(slots=True)
class Browser:
    """One browser; `sid` is the id of the session that it holds."""

    stage: Stage
    address: str
    sid: str = ""

    def step(self, path: str, **told: Any) -> Any:
        """Take a step of a sign-in and return its reply; Refused when Okta says no."""
        return self._json("POST", f"{AUTHN}{path}", told)

    def enter(self, session_token: str) -> str:
        """Open a session with a session token, and return its id."""
        self.sid = str(self._json("POST", "/api/v1/sessions", {"sessionToken": session_token})["id"])
        return self.sid

    def assertion(self, metadata: str) -> str:
        """Open a SAML app by its identity provider's metadata; return the response for its service provider."""
        place = PLACE.search(metadata)
        if place is None:
            raise ValueError("the metadata names no place to sign on")
        path = urlsplit(unescape(place[1])).path
        reply = self._send("GET", path)
        form = FORM.search(reply.body.decode())
        if form is None:
            raise self._refused("GET", path, reply)
        return unescape(form[1])

    def grant(self, client: str, redirect: str) -> Mapping[str, Any]:
        """Sign on to a public OIDC client with PKCE and return its tokens, a refresh token among them."""
        verifier = "r" * 64
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "client_id": client, "redirect_uri": redirect, "response_type": "code", "state": "s",
            "scope": "openid offline_access", "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        reply = self._send("GET", f"/oauth2/v1/authorize?{urlencode(asked)}")
        code = parse_qs(urlsplit(reply.headers.get("Location", "")).query).get("code")
        if code is None:
            raise self._refused("GET", "/oauth2/v1/authorize", reply)
        form = {"grant_type": "authorization_code", "code": code[0], "redirect_uri": redirect, "client_id": client}
        return self.token(form | {"code_verifier": verifier})

    def token(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Ask the token endpoint."""
        sent = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = self._send("POST", "/oauth2/v1/token", urlencode(form).encode(), headers=sent)
        if reply.status != 200:
            raise self._refused("POST", "/oauth2/v1/token", reply)
        told: Mapping[str, Any] = json.loads(reply.body)
        return told

    def _json(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        reply = self._send(method, path, json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        if reply.status >= 300:
            raise self._refused(method, path, reply)
        return json.loads(reply.body)

    def _send(self, method: str, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None) -> Response:
        sent = Headers({SOURCE_HEADER: self.address, "User-Agent": AGENT, **(headers or {})})
        if self.sid:
            sent["Cookie"] = f"sid={self.sid}"
        return self.stage.world.handle(Request(method, f"{self.stage.world.okta.url}{path}", sent, body))

    def _refused(self, method: str, path: str, reply: Response) -> Refused:
        """Return the refusal; a sign-in page in place of what was asked for is one, too."""
        told = json.loads(reply.body) if reply.body[:1] == b"{" else {}
        code = str(told.get("errorCode") or told.get("error") or "sign-in wanted")
        message = str(told.get("errorSummary") or told.get("error_description") or "the browser is sent to sign in")
        return Refused(okta(method, path), code, message, status=reply.status)


def role_session(stage: Stage, assertion: str, door: Mapping[str, str], *, seconds: int) -> Mapping[str, Any]:
    """Take the role of a door, `role` through `provider`, with an assertion; Refused when AWS says no."""
    asked = {
        "RoleArn": door["role"], "PrincipalArn": door["provider"], "SAMLAssertion": assertion,
        "DurationSeconds": seconds,
    }  # fmt: skip
    reply: Mapping[str, Any] = stage.call("sts:AssumeRoleWithSAML", asked)
    return reply

"""Okta by a service app instead of an API token: a key signs for a token of the org's own server, and proves it.

https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/ and, for proofs of possession,
https://developer.okta.com/docs/guides/dpop/main/. The settings are those of the vendor's own clients.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from joserfc import errors, jwk, jwt
from requests.auth import AuthBase

from twin.errors import TargetError
from twin.resources.call import Call, Refused
from twin.resources.okta.api import OktaSystem

TOKEN = "/oauth2/v1/token"  # noqa: S105 - a path
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PARAMETER = re.compile(r'(\w+)="([^"]*)"')
# Seconds for which an assertion is good; the vendor takes an hour at most.
LIFE = 300
AGAIN = (requests.codes.bad_request, requests.codes.unauthorized)
Key = jwk.RSAKey | jwk.ECKey


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """A service app: its id, its key (PEM, JWK, or the file of one), the scopes it asks for, whether it shows proofs.

    `now` gives the seconds since 1970, `unique` a text that it never gave before.
    """

    client_id: str
    private_key: str = field(repr=False)
    scopes: tuple[str, ...]
    now: Callable[[], float]
    unique: Callable[[], str]
    kid: str = ""
    proofs: bool = False


class OktaServiceSystem(OktaSystem):
    """The API of one org by a service app; its token is asked for before the first call, and anew when it is over."""

    def __init__(self, base_url: str, app: ServiceApp, **options: Any) -> None:
        super().__init__(base_url, "", **options)
        del self.session.headers["Authorization"]
        self.app = app
        self._key = _key(app.private_key)
        # A proof shows that whoever got a token is who uses it: any key does, so one that signs quickly.
        self._proving = jwk.ECKey.generate_key("P-256", auto_kid=True)
        self._nonce = ""
        self._lock = threading.Lock()

    def _send(self, call: Call, url: str, extra: dict[str, Any] | None = None) -> requests.Response:
        held = self._granted(None)
        reply = super()._send(call, url, extra)
        if reply.status_code in AGAIN and "WWW-Authenticate" in reply.headers:
            # Refused before anything was done: the token is over, or the proof went out twice.
            self._granted(held if reply.status_code == requests.codes.unauthorized else None)
            reply = super()._send(call, url, extra)
        return reply

    def _decode(self, call: Call, reply: requests.Response) -> Any:
        challenge = dict(PARAMETER.findall(reply.headers.get("WWW-Authenticate", "")))
        if reply.ok or reply.content or "error" not in challenge:
            return super()._decode(call, reply)
        # Such a refusal has no body: what is wrong, and which scope is missing, stands in the header alone.
        wanted = f" It needs {challenge['scope']}." if challenge.get("scope") else ""
        message = challenge.get("error_description", "") + wanted
        raise Refused(call, challenge["error"], message, status=reply.status_code, transient=False)

    def _granted(self, refused: "_Granted | None") -> "_Granted":
        """Return a token other than the refused one; threads that wait for it share one."""
        with self._lock:
            held = self.session.auth
            if not isinstance(held, _Granted) or held is refused:
                self.session.auth = held = self._asked()
            return held

    def _asked(self) -> "_Granted":
        url = self.base_url + TOKEN
        reply = self._ask(url)
        if reply.status_code == requests.codes.bad_request and (nonce := reply.headers.get("dpop-nonce")):
            self._nonce = nonce
            reply = self._ask(url)
        call = Call("okta", TOKEN, "POST")
        if not reply.ok:
            raise TargetError(f"{call}: {_told(reply)}")
        granted = reply.json()
        kind = granted["token_type"]
        return _Granted(kind, granted["access_token"], self._proof if kind == "DPoP" else None)

    def _ask(self, url: str) -> requests.Response:
        now, app = int(self.app.now()), self.app
        told = {"iss": app.client_id, "sub": app.client_id, "aud": url, "iat": now, "exp": now + LIFE}
        form = {"grant_type": "client_credentials", "scope": " ".join(app.scopes), "client_assertion_type": BEARER}
        form["client_assertion"] = _signed(self._key, {"kid": app.kid} if app.kid else {}, told | {"jti": app.unique()})
        headers = {"DPoP": self._proof("POST", url, nonce=self._nonce)} if app.proofs else {}
        self.calls += 1
        try:
            return self.session.post(
                url, data=form, headers=headers, auth=_nobody, timeout=self.timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise TargetError(f"POST {TOKEN}: {error}") from error

    def _proof(self, method: str, url: str, *, token: str = "", nonce: str = "") -> str:
        """Return a proof for one request; the vendor compares the path unescaped."""
        at = urlsplit(url)
        told: dict[str, Any] = {"htm": method, "htu": urlunsplit((at.scheme, at.netloc, unquote(at.path), "", ""))}
        told |= {"iat": int(self.app.now()), "jti": self.app.unique()} | ({"nonce": nonce} if nonce else {})
        if token:
            told["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        return _signed(self._proving, {"typ": "dpop+jwt", "jwk": self._proving.as_dict(private=False)}, told)


@dataclass(frozen=True, slots=True, eq=False)
class _Granted(AuthBase):
    """A token in the header of every request, each with a proof of its own where the token is bound to a key."""

    kind: str
    token: str = field(repr=False)
    proof: Callable[..., str] | None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{self.kind} {self.token}"
        if self.proof is not None:
            request.headers["DPoP"] = self.proof(request.method, request.url, token=self.token)
        return request


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request without a token: the one that asks for it."""
    return request


def _key(given: str) -> Key:
    """Return a private key: a JWK, a PEM text, or a file that holds either."""
    text = given
    if not given.lstrip().startswith(("{", "-----")):
        try:
            text = Path(given).expanduser().read_text()
        except OSError as missing:
            raise TargetError(f"OKTA_CLIENT_PRIVATEKEY is neither a key nor a file: {missing.strerror}") from None
    found = _imported(jwk.RSAKey, text) or _imported(jwk.ECKey, text)
    if found is None:
        raise TargetError("OKTA_CLIENT_PRIVATEKEY is no RSA or EC key in PEM or JWK form")
    if not found.is_private:
        raise TargetError("OKTA_CLIENT_PRIVATEKEY is a public key")
    return found


def _imported(kind: type[jwk.RSAKey] | type[jwk.ECKey], text: str) -> Key | None:
    """Return a text as a key of a kind; None when it is none of these."""
    try:
        return kind.import_key(json.loads(text) if text.lstrip().startswith("{") else text)
    except (ValueError, TypeError, KeyError, errors.JoseError):
        return None


def _signed(key: Key, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    algorithm = "RS256" if isinstance(key, jwk.RSAKey) else "ES256"
    return jwt.encode({"alg": algorithm, **header}, dict(claims), key)


def _told(reply: requests.Response) -> str:
    try:
        said = reply.json()
    except ValueError:
        return f"HTTP {reply.status_code}"
    return f"{said.get('error', reply.status_code)}: {said.get('error_description', reply.reason)}"

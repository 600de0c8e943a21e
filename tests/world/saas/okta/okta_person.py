"""What a person does who has an account: types a password, reads a mail, looks at a phone, touches a key."""

import hashlib
import json
from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from okta_client import URL

from twin.world.saas.okta.pushes import answer_push, waiting
from twin.world.saas.okta.totp import code_at, step_of

PASSWORD = "Tw1n-rehearses"
OTHER = "An0ther-secret"
NO_TOKEN = {"Authorization": ""}


def person(call, name="ada", password=PASSWORD, **credentials):
    """Return an ACTIVE user with a password."""
    login = f"{name}@acme.example"
    profile = {"firstName": name.title(), "lastName": "Test", "email": login, "login": login}
    credentials |= {"password": {"value": password}}
    return call("POST", "/api/v1/users", {"profile": profile, "credentials": credentials})


def sign_in(call, name="ada", password=PASSWORD, *, expect=None, headers=None, **more):
    """Begin a sign-in, without an API token, and return its state."""
    body = {"username": f"{name}@acme.example", "password": password, **more}
    return call("POST", "/api/v1/authn", body, expect=expect, headers=NO_TOKEN | (headers or {}))


def step(call, transaction, path, *, expect=None, **body):
    """Take the next step of a transaction."""
    told = {"stateToken": transaction["stateToken"], **body}
    return call("POST", f"/api/v1/authn/{path}", told, expect=expect, headers=NO_TOKEN)


def open_session(call, token, *, expect=None):
    """Open a session with a session token."""
    return call("POST", "/api/v1/sessions", {"sessionToken": token}, expect=expect, headers=NO_TOKEN)


def message(call, kind):
    """Return the newest message of a kind that a user got."""
    return next(one for one in reversed(call.okta.org.outbox) if one["kind"] == kind)


def totp_of(call, user, factor, *, ahead=0):
    """Return the code that the user's device shows now, or in some steps."""
    held = call.okta.org.factors[user["id"]][factor["id"]]
    return code_at(held["#secret"], step_of(call.okta.org.clock.now()) + ahead)


def phone_answers(call, user, *, approve=True, number=None):
    """Answer the newest push that waits on the user's phone."""
    return answer_push(call.okta.org, waiting(call.okta.org, user["id"])[-1], approve=approve, number=number)


def factor(call, user, kind="token:software:totp", provider="OKTA", *, expect=None, query="", **profile):
    """Enrol a factor."""
    body = {"factorType": kind, "provider": provider} | ({"profile": profile} if profile else {})
    return call("POST", f"/api/v1/users/{user['id']}/factors{query}", body, expect=expect)


def totp(call, user):
    """Return an active TOTP factor of a user."""
    made = factor(call, user)
    path = f"/api/v1/users/{user['id']}/factors/{made['id']}/lifecycle/activate"
    return call("POST", path, {"passCode": totp_of(call, user, made)})


def push(call, user):
    """Return an active push factor of a user, paired with the phone."""
    made = factor(call, user, "push")
    phone_answers(call, user)
    return call("POST", f"/api/v1/users/{user['id']}/factors/{made['id']}/lifecycle/activate/poll")


def switch_on(call, key):
    """Activate an authenticator of the org."""
    (one,) = [row for row in call("GET", "/api/v1/authenticators") if row["key"] == key]
    call("POST", f"/api/v1/authenticators/{one['id']}/lifecycle/activate")


def demand(call, *, name="Staff", groups=(), conditions=None, **signon):
    """Put a global session policy with one rule before the default one; return policy and rule."""
    people = {"people": {"groups": {"include": list(groups)}}} if groups else {}
    body = {"type": "OKTA_SIGN_ON", "name": name, "conditions": people}
    policy = call("POST", "/api/v1/policies", body)
    actions = {"signon": {"access": "ALLOW", **signon}}
    rule = {"name": "rule", "type": "SIGN_ON", "actions": actions} | ({"conditions": conditions} if conditions else {})
    return policy, call("POST", f"/api/v1/policies/{policy['id']}/rules", rule)


MFA = {"requireFactor": True, "factorPromptMode": "ALWAYS"}


def encoded(raw):
    """Return bytes as base64 for URLs without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def cbor(value):
    """Return a value as CBOR."""

    def head(major, size):
        if size < 24:
            return bytes([major << 5 | size])
        return bytes([major << 5 | 24, size]) if size < 256 else bytes([major << 5 | 25]) + size.to_bytes(2, "big")

    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(key) + cbor(one) for key, one in value.items())


class SecurityKey:
    """A security key with a P-256 key, as a browser speaks to it."""

    def __init__(self, origin=URL):
        self.private, self.origin, self.count = ec.generate_private_key(ec.SECP256R1()), origin, 0

    def client(self, kind, challenge):
        """Return the client data that the browser signs for the page's origin."""
        told = {"type": kind, "challenge": encoded(challenge.encode()), "origin": self.origin}
        return json.dumps(told).encode()

    def data(self, flags):
        """Return the authenticator data for the site."""
        self.count += 1
        site = hashlib.sha256(self.origin.removeprefix("https://").encode()).digest()
        return site + bytes([flags]) + self.count.to_bytes(4, "big")

    def attest(self, challenge):
        """Register with a site."""
        numbers = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        public = cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        whole = self.data(65) + bytes(16) + (16).to_bytes(2, "big") + bytes(range(16)) + public
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": whole})
        client = self.client("webauthn.create", challenge)
        return {"attestation": encoded(attestation), "clientData": encoded(client)}

    def sign(self, challenge):
        """Prove presence to a site."""
        client, data = self.client("webauthn.get", challenge), self.data(1)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        told = {"clientData": client, "authenticatorData": data, "signatureData": signature}
        return {name: encoded(raw) for name, raw in told.items()}

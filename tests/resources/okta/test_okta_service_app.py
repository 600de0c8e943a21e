"""The applier's Okta client as a service app: a key, scopes, a role, and proofs where the app demands them."""

from datetime import UTC, datetime

import pytest
from joserfc import jwk
from rig import SCOPE

from twin.clock import VirtualClock
from twin.engine.connect import live
from twin.errors import TargetError
from twin.resources.call import Call, Refused
from twin.resources.okta.api import OktaSystem
from twin.resources.okta.service_app import OktaServiceSystem, ServiceApp
from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta

URL = "https://acme.okta.com"
KEY = jwk.ECKey.generate_key("P-256", {"kid": "k1"})
PEM = KEY.as_pem(private=True).decode()


class Org:
    """An org with a service app, and clients of it."""

    def __init__(self, *, proofs):
        self.clock = VirtualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
        self.server = Okta(clock=self.clock, ids=Ids(1), org_url=URL, org_name="acme", token="00token")
        self.admin, self.proofs, self.count = OktaSystem(URL, "00token", handle=self.server.handle), proofs, 0
        client = {"application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"]}
        client |= {"jwks": {"keys": [KEY.as_dict(private=False)]}, "dpop_bound_access_tokens": proofs}
        body = {"label": "applier", "signOnMode": "OPENID_CONNECT", "settings": {"oauthClient": client}}
        body["credentials"] = {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}}
        self.app = self.ask(self.admin, "/api/v1/apps", "POST", body)["id"]
        grant = {"issuer": URL, "scopeId": "okta.groups.manage"}
        self.ask(self.admin, f"/api/v1/apps/{self.app}/grants", "POST", grant)
        self.ask(self.admin, f"/oauth2/v1/clients/{self.app}/roles", "POST", {"type": "ORG_ADMIN"})

    def ask(self, system, path, method="GET", body=None, *, pages=False):
        """Send one call."""
        return system.execute(Call("okta", path, method, {"json": body} if body else {}, pages=pages))

    def unique(self):
        """Return a text that was never given before."""
        self.count += 1
        return f"u{self.count}"

    def client(self, *scopes, key=PEM):
        """Return the client of the service app."""
        app = ServiceApp(
            self.app, key, scopes or ("okta.groups.manage",), now=lambda: self.clock.now().timestamp(),
            unique=self.unique, kid="k1", proofs=self.proofs,
        )  # fmt: skip
        return OktaServiceSystem(URL, app, handle=self.server.handle)


@pytest.fixture(params=[False, True], ids=["bearer", "proofs"])
def org(request):
    """An org whose app demands proofs, or not."""
    return Org(proofs=request.param)


def test_the_applier_writes_and_reads_by_its_key(org):
    """One token serves many calls, and another takes its place when it is over; every proof is a new one."""
    client = org.client()
    for number in range(3):
        org.ask(client, "/api/v1/groups", "POST", {"profile": {"name": f"g{number}", "description": "x"}})
    assert len(org.ask(client, "/api/v1/groups?limit=2", pages=True)) == 4
    held = client.session.auth
    org.clock.advance(3601)
    assert org.ask(client, "/api/v1/groups", pages=True)
    assert client.session.auth is not held


def test_what_is_missing_is_told(org):
    """A scope that the token lacks, one that nobody granted, and another key."""
    with pytest.raises(Refused, match=r"insufficient_scope.*does not contain the required scopes.*okta\.users\.read"):
        org.ask(org.client(), "/api/v1/users", pages=True)
    with pytest.raises(TargetError, match="consent_required: You are not allowed any of the requested scopes"):
        org.ask(org.client("okta.users.read"), "/api/v1/users")
    other = jwk.ECKey.generate_key("P-256").as_pem(private=True).decode()
    with pytest.raises(TargetError, match="client_assertion signature is invalid"):
        org.ask(org.client(key=other), "/api/v1/groups")


def test_a_live_target_takes_the_variables_of_the_vendors_clients(tmp_path):
    """The mode chooses; the key may be a file; what is missing or no key is said before anything is sent."""
    told = {"CLOUDFLARE_API_TOKEN": "t", "OKTA_CLIENT_AUTHORIZATIONMODE": "PrivateKey", "CI": "true"}
    with pytest.raises(TargetError, match="OKTA_CLIENT_CLIENTID is not set"):
        live(SCOPE, told)
    told |= {"OKTA_CLIENT_CLIENTID": "0oa1", "OKTA_CLIENT_SCOPES": "okta.groups.manage,okta.users.manage"}
    with pytest.raises(TargetError, match="OKTA_CLIENT_PRIVATEKEY is not set"):
        live(SCOPE, told)
    (tmp_path / "key.pem").write_text(PEM)
    for given in (PEM, str(tmp_path / "key.pem")):
        system = live(SCOPE, told | {"OKTA_CLIENT_PRIVATEKEY": given}).systems["okta"]
        assert (system.app.scopes, system.app.proofs) == (("okta.groups.manage", "okta.users.manage"), False)
        assert PEM not in repr(system.app)
    for wrong in ("not-there.pem", "-----BEGIN PRIVATE KEY-----\nx", "{}"):
        with pytest.raises(TargetError, match="OKTA_CLIENT_PRIVATEKEY is n"):
            live(SCOPE, told | {"OKTA_CLIENT_PRIVATEKEY": wrong}).systems["okta"]
    with pytest.raises(TargetError, match="is SSWS or PrivateKey, not Magic"):
        live(SCOPE, told | {"OKTA_CLIENT_AUTHORIZATIONMODE": "Magic"})

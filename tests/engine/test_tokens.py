"""Vendors' tokens of the real accounts: the environment first, then the keyring, and neither is ever shown."""

import subprocess
import sys
import threading
from dataclasses import replace

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from twin.engine import tokens as module
from twin.engine.connect import live
from twin.engine.tokens import receiver, tokens
from twin.errors import GuardError, TargetError
from twin.resources.scope import Scope

NAMES = {
    "cloudflare": ("CLOUDFLARE_API_TOKEN@api.cloudflare.com",),
    "okta": ("OKTA_CLIENT_TOKEN@acme.okta.com",),
    "auth0": ("AUTH0_CLIENT_ID@acme.us.auth0.com", "AUTH0_CLIENT_SECRET@acme.us.auth0.com"),
    "pagerduty": ("PAGERDUTY_TOKEN@api.pagerduty.com",),
    "datadog": ("DD_API_KEY@api.datadoghq.com", "DD_APP_KEY@api.datadoghq.com"),
    "github": ("GITHUB_TOKEN@api.github.com",),
}
ALL = [name for several in NAMES.values() for name in several]
SCOPE = Scope(
    org="acme", environment="prod", account="123456789012", region="us-east-1", cloudflare_account="a" * 32,
    okta_url="https://acme.okta.com", auth0_domain="acme.us.auth0.com", pagerduty="acme", datadog="datadoghq.com",
    github_organization="acme",
)  # fmt: skip


class Ring(KeyringBackend):
    """A keyring in memory that notes what it is asked."""

    priority = 1

    def __init__(self, **kept):
        super().__init__()
        self.kept, self.asked = kept, []

    def get_password(self, service, username):
        self.asked.append((service, username))
        return self.kept.get(username) if service == "twin" else None

    def set_password(self, service, username, password):
        raise AssertionError("nothing of ours writes to a keyring")


class Broken(Ring):
    """A keyring whose user will not open it."""

    def get_password(self, service, username):
        raise keyring.errors.KeyringLocked("locked")


class Silent(Ring):
    """A keyring that waits for somebody to unlock it."""

    def __init__(self):
        super().__init__()
        self.unlocked = threading.Event()

    def get_password(self, service, username):
        self.unlocked.wait(30)


@pytest.fixture
def ring():
    """Put a keyring in the place of the machine's own, for the test."""
    before = keyring.get_keyring()

    def put(made):
        keyring.set_keyring(made)
        return made

    yield put
    keyring.set_keyring(before)


def test_every_vendors_token_may_stand_in_the_keyring(ring):
    """Each under its variable's name and its host of the service `twin`; what is missing is told with that name."""
    kept = ring(Ring(**{name: f"hush-{name}" for name in ALL}))
    target = live(SCOPE, {})
    assert set(NAMES) < set(target.systems)
    assert kept.asked == [("twin", name) for name in ALL]
    assert "hush-" not in repr(target)
    for name in ALL:
        ring(Ring(**{other: "hush" for other in ALL if other != name}))
        with pytest.raises(TargetError, match=rf"\(keyring set twin {name}\)") as missing:
            live(SCOPE, {})
        assert "hush" not in str(missing.value)


@pytest.mark.parametrize(
    ("changed", "host"),
    [
        ({"okta_url": "https://evil.example"}, "OKTA_CLIENT_TOKEN@evil.example"),
        ({"okta_url": "https://acme.okta.com:8443"}, "OKTA_CLIENT_TOKEN@acme.okta.com:8443"),
        ({"auth0_domain": "evil.example"}, "AUTH0_CLIENT_ID@evil.example"),
        ({"datadog": "evil.example"}, "DD_API_KEY@api.evil.example"),
    ],
)
def test_a_token_of_the_keyring_is_for_one_host(ring, changed, host):
    """A spec that names another one does not find it there."""
    ring(Ring(**dict.fromkeys(ALL, "hush")))
    with pytest.raises(TargetError, match=rf"\(keyring set twin {host}\)"):
        live(replace(SCOPE, **changed), {})


@pytest.mark.parametrize(
    ("changed", "environ"),
    [
        ({"okta_url": "http://acme.okta.com"}, {}),
        ({"auth0_domain": "http://acme.us.auth0.com"}, {}),
        ({}, {"DD_HOST": "http://api.datadoghq.com"}),
        ({"okta_url": "https://evil.example\\@acme.okta.com"}, {}),
        ({"okta_url": "https://acme.okta.com@evil.example"}, {}),
        ({"datadog": "evil.example?x=.datadoghq.com"}, {}),
    ],
)
def test_no_token_goes_over_plain_http_or_to_a_doubtful_address(ring, changed, environ):
    """Wherever the token stands: nobody is asked for one."""
    kept = ring(Ring())
    variables = {name.partition("@")[0]: "hush" for name in ALL}
    with pytest.raises(TargetError, match=r"a token goes over https alone|is no address of a vendor"):
        live(replace(SCOPE, **changed), {**variables, **environ})
    assert kept.asked == []


STRANGE = {
    "okta": ({"okta_url": "https://login.acme.example"}, "OKTA_CLIENT_ORGURL", "https://login.acme.example"),
    "okta, alike": ({"okta_url": "https://acme.okta.com.evil.example"}, "", ""),
    "okta, another port": ({"okta_url": "https://acme.okta.com:8443"}, "OKTA_CLIENT_ORGURL", "https://a.okta.com:8443"),
    "okta, this machine": ({"okta_url": "http://127.0.0.1:5000"}, "OKTA_CLIENT_ORGURL", "http://127.0.0.1:5000"),
    "auth0": ({"auth0_domain": "login.acme.example"}, "AUTH0_DOMAIN", "login.acme.example"),
    "auth0, alike": ({"auth0_domain": "evilauth0.com"}, "", ""),
    "datadog": ({"datadog": "evil.example"}, "DD_HOST", "https://api.evil.example"),
    "datadog, alike": ({"datadog": "datadoghq.com.evil.example"}, "", ""),
}


@pytest.mark.parametrize(("changed", "variable", "url"), STRANGE.values(), ids=STRANGE)
def test_a_token_of_the_environment_goes_to_its_vendor_alone(ring, changed, variable, url):
    """A spec that names another host does not get it; the environment, which has the token, may name one."""
    kept = ring(Ring())
    variables = {name.partition("@")[0]: "hush" for name in ALL}
    with pytest.raises(GuardError, match=r"nothing was sent: .* as the spec says, and that is no host of") as told:
        live(replace(SCOPE, **changed), variables)
    assert ("hush" in str(told.value), kept.asked, told.value.exit_code) == (False, [], 4)
    if variable:
        assert variable in str(told.value)
        live(replace(SCOPE, **changed), {**variables, variable: url})


HOSTS = [
    *({"okta_url": f"https://acme.{site}"} for site in ("okta.com", "oktapreview.com", "okta-emea.com")),
    *({"auth0_domain": f"acme.{site}auth0.com"} for site in ("", "us.", "eu.")),
    *({"datadog": site} for site in ("datadoghq.eu", "us5.datadoghq.com", "ap1.datadoghq.com", "ddog-gov.com")),
]


@pytest.mark.parametrize("changed", HOSTS, ids=[next(iter(one.values())) for one in HOSTS])
def test_every_site_of_a_vendor_gets_its_token(changed):
    """Nobody has to say anything for those."""
    live(replace(SCOPE, **changed), {name.partition("@")[0]: "hush" for name in ALL})


def test_the_receiver_of_a_token_is_its_host():
    """In small letters, without the usual port; this machine may go without TLS."""
    told = {"https://Acme.okta.com:443/": "acme.okta.com", "http://127.0.0.1:5000/client/v4": "127.0.0.1:5000"}
    assert [receiver(url) for url in told] == list(told.values())


def test_the_environment_comes_first_and_spares_the_keyring(ring):
    """What is set is not asked for; what is empty is not set."""
    kept = ring(Ring(**{"A@h": "from the ring", "B@h": "from the ring"}))
    environ = {"A": "from the environment", "B": "", "OKTA_CLIENT_ORGURL": "https://h"}
    assert tokens(environ, "https://h", "A", vendor="okta") == ("from the environment",)
    assert kept.asked == []
    assert tokens(environ, "https://h", "B", vendor="okta") == ("from the ring",)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (NoKeyring, "this machine has none"),
        (Broken, "it could not be asked: KeyringLocked: locked"),
        (Silent, "it did not answer within 0.05 seconds"),
    ],
    ids=["none", "locked", "silent"],
)
def test_a_keyring_that_cannot_be_asked_is_told(ring, monkeypatch, made, why):
    """The token is what is missing; the keyring's trouble stands beside it."""
    if made is Silent:
        monkeypatch.setattr(module, "LIMIT", 0.05)
    kept = ring(made())
    with pytest.raises(TargetError, match=f"OKTA_CLIENT_TOKEN is not set: .*the keyring has no say: {why}"):
        tokens({}, "https://acme.okta.com", "OKTA_CLIENT_TOKEN", vendor="okta")
    if made is Silent:
        kept.unlocked.set()


def test_a_keyring_is_not_asked_where_nobody_can_unlock_it(ring):
    """In CI, which has its tokens in the environment."""
    kept = ring(Ring(**{"A@h": "from the ring"}))
    with pytest.raises(TargetError, match=r"A is not set: .*it is not asked where CI is set"):
        tokens({"CI": "true"}, "https://h", "A", vendor="okta")
    assert kept.asked == []
    assert tokens({"CI": ""}, "https://h", "A", vendor="okta") == ("from the ring",)


def test_no_command_loads_the_keyring_that_does_not_need_it():
    """It takes most of a second."""
    code = (
        "import sys; from twin.engine.connect import live; from twin.engine.tokens import tokens;"
        "tokens({'A': 'b'}, 'https://h.okta.com', 'A', vendor='okta'); sys.exit('keyring' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

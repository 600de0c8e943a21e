"""Vendors' tokens of the real accounts: the environment first, then the keyring, and neither is ever shown."""

import subprocess
import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from twin.engine.connect import live
from twin.engine.tokens import token
from twin.errors import TargetError
from twin.resources.scope import Scope

NAMES = {
    "cloudflare": ("CLOUDFLARE_API_TOKEN",),
    "okta": ("OKTA_CLIENT_TOKEN",),
    "auth0": ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"),
    "pagerduty": ("PAGERDUTY_TOKEN",),
    "datadog": ("DD_API_KEY", "DD_APP_KEY"),
    "github": ("GITHUB_TOKEN",),
}
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
    """Each under its variable's name of the service `twin`; what is missing is told, with how to enter it."""
    names = [name for several in NAMES.values() for name in several]
    kept = ring(Ring(**{name: f"hush-{name}" for name in names}))
    target = live(SCOPE, {})
    assert set(NAMES) < set(target.systems)
    assert kept.asked == [("twin", name) for name in names]
    assert "hush-" not in repr(target)
    for name in names:
        ring(Ring(**{other: "hush" for other in names if other != name}))
        with pytest.raises(TargetError, match=f"keyring set twin {name}") as missing:
            live(SCOPE, {})
        assert "hush" not in str(missing.value)


def test_the_environment_comes_first_and_spares_the_keyring(ring):
    """What is set is not asked for; what is empty is not set."""
    kept = ring(Ring(A="from the ring", B="from the ring"))
    assert token({"A": "from the environment", "B": ""}, "A") == "from the environment"
    assert kept.asked == []
    assert token({"A": "from the environment", "B": ""}, "B") == "from the ring"


@pytest.mark.parametrize(
    ("made", "why"), [(NoKeyring, "this machine has none"), (Broken, "KeyringLocked: locked")], ids=["none", "locked"]
)
def test_a_keyring_that_cannot_be_asked_is_told(ring, made, why):
    """The token is what is missing; the keyring's trouble stands beside it."""
    ring(made())
    with pytest.raises(TargetError, match=f"OKTA_CLIENT_TOKEN is not set: .*could not be asked: {why}"):
        token({}, "OKTA_CLIENT_TOKEN")


def test_no_command_loads_the_keyring_that_does_not_need_it():
    """It takes most of a second."""
    code = (
        "import sys; from twin.engine.connect import live; from twin.engine.tokens import token;"
        "token({'A': 'b'}, 'A'); sys.exit('keyring' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

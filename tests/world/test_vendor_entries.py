"""One entry per vendor says how its requests are known; a world imports no server before the first of them."""

import subprocess
import sys
from typing import get_args

import pytest

from twin.clock import VirtualClock
from twin.engine.keys import Keys
from twin.world.saas.accounts import Vendor
from twin.world.saas.entries import ENTRIES
from twin.world.world import EPOCH, World

LOADED = (
    "import sys, twin.world.world; print([one for one in sys.modules if one.endswith('.server') and 'saas' in one])"
)


@pytest.fixture(scope="module")
def world():
    """A world."""
    made = World(7, VirtualClock(EPOCH))
    yield made
    made.close()


def test_each_vendor_has_its_entry():
    """The name of a vendor is written once more, as a type."""
    assert set(get_args(Vendor)) == set(ENTRIES)


def test_a_world_tells_just_the_keys_that_clients_take(world):
    """What the accounts mark as keys is what a target and `twin env` have fields for."""
    assert set(world.keys_told()) == set(Keys.__dataclass_fields__)
    assert all(world.keys_told().values())


@pytest.mark.parametrize(
    ("authorization", "host", "path", "vendor"),
    [
        ("SSWS 00x", "127.0.0.1", "/users/ada", "okta"),
        ("token ghp_x", "localhost", "/oauth/token", "github"),
        ("Token token=x", "127.0.0.1", "/users/P1", "pagerduty"),
        ("", "127.0.0.1", "/users/ada", "github"),
        ("", "127.0.0.1", "/api/v1/validate", "datadog"),
        ("Bearer x", "127.0.0.1", "/api/v1/users", "okta"),
        ("", "127.0.0.1", "/x-ere/key", "pagerduty"),
        ("", "shop.example.com", "/users/ada", None),
        ("", "acme.okta.com", "/users/ada", "okta"),
    ],
)
def test_host_and_credentials_tell_more_than_a_path(world, authorization, host, path, vendor):
    """A path decides where the host is a machine's own and no credentials name a vendor, and nowhere else."""
    assert world.vendors.called(authorization, host, path) == vendor


def test_datadogs_key_tells_its_intake_from_auth0(world):
    """Both vendors have a path below /api/v2/ that the other could take."""
    path = "/api/v2/logs"
    assert world.vendors.called("", "127.0.0.1", path, datadog_key=True) == "datadog"
    assert world.vendors.called("", "127.0.0.1", path) == "auth0"


def test_no_server_is_imported_before_it_is_asked():
    """Making a world does not wait for the vendors that nobody calls."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

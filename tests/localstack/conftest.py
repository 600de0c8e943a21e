"""The LocalStack that .ci/localstack starts; without LOCALSTACK_ENDPOINT every test here is skipped, saying so."""

import os
import sys
from pathlib import Path

import pytest

# The clients of the world's tests and the shell of the commands' serve these too.
sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in ("world", "cli"))

from mounted import NOW, Clients

from twin.clock import VirtualClock
from twin.world.world import World

ENDPOINT = os.environ.get("LOCALSTACK_ENDPOINT")
WHY = "LOCALSTACK_ENDPOINT is not set: .ci/localstack starts a LocalStack and runs these tests"
ACCOUNTS = ("123456789012", "210987654321")


@pytest.fixture(scope="session")
def endpoint():
    """The address of the running LocalStack."""
    if not ENDPOINT:
        pytest.skip(WHY)
    return ENDPOINT


def make(localstack=None):
    """Make a world of two accounts."""
    return World(7, VirtualClock(NOW), accounts=ACCOUNTS, localstack=localstack)


@pytest.fixture
def world(endpoint):
    """A world with LocalStack beside it."""
    made = make(endpoint)
    yield made
    made.close()


@pytest.fixture
def clients(world):
    """A maker of boto3 clients on that world."""
    return Clients(world)


@pytest.fixture(params=["embedded", "localstack"])
def either(request, endpoint):
    """A maker of boto3 clients, on a world with the embedded store alone and on one with LocalStack beside it."""
    made = make(endpoint if request.param == "localstack" else None)
    yield Clients(made)
    made.close()

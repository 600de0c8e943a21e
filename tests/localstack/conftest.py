"""The LocalStack that .ci/localstack starts; without LOCALSTACK_ENDPOINT every test here is skipped, saying so."""

import os
import sys
from pathlib import Path

import pytest

# The clients of the world's tests and the shell of the commands' serve these too.
sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in ("world", "cli"))

from localstack_worlds import make
from mounted import Clients

ENDPOINT = os.environ.get("LOCALSTACK_ENDPOINT")
WHY = "LOCALSTACK_ENDPOINT is not set: .ci/localstack starts a LocalStack and runs these tests"


@pytest.fixture(scope="session")
def endpoint():
    """The address of the running LocalStack."""
    if not ENDPOINT:
        pytest.skip(WHY)
    return ENDPOINT


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

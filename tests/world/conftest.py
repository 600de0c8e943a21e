"""A world per test and boto3 clients mounted on it; `.ci/localstack` runs them with LocalStack beside moto too."""

import os

import pytest
from mounted import NOW, Clients

from twin.clock import VirtualClock, WallClock
from twin.world.authority import identity
from twin.world.world import World


@pytest.fixture(scope="session")
def proof(tmp_path_factory):
    """The twin's identity towards TLS clients, from an authority of its own."""
    return identity(tmp_path_factory.mktemp("authority") / "ca", now=WallClock().now())


@pytest.fixture
def clock():
    """A clock that stands at noon on 1 March 2026."""
    return VirtualClock(NOW)


@pytest.fixture
def world(clock):
    """A world of two accounts."""
    made = World(7, clock, accounts=("123456789012", "210987654321"), localstack=os.environ.get("TWIN_TEST_LOCALSTACK"))
    yield made
    made.close()


@pytest.fixture
def clients(world):
    """A maker of boto3 clients on the world."""
    return Clients(world)

"""An account of PagerDuty in a world of its own."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from twin.clock import VirtualClock
from twin.world.world import World

sys.path.insert(0, str(Path(__file__).parent))
from pagerduty_client import PagerDutyClient, Shop


@pytest.fixture
def clock():
    """A clock that stands at noon on 1 March 2026, a Sunday."""
    return VirtualClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def world(clock):
    """A world."""
    made = World(7, clock)
    yield made
    made.close()


@pytest.fixture
def call(world):
    """A caller with the account's key."""
    return PagerDutyClient(world)


@pytest.fixture
def shop(call, clock):
    """A service with Ada on the first level and Bob on the second."""
    return Shop(call, clock)

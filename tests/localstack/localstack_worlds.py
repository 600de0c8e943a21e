"""Worlds of two accounts, with LocalStack beside them or not."""

from mounted import NOW

from twin.clock import VirtualClock
from twin.world.world import World

ACCOUNTS = ("123456789012", "210987654321")


def make(localstack=None):
    """Make a world of two accounts."""
    return World(7, VirtualClock(NOW), accounts=ACCOUNTS, localstack=localstack)

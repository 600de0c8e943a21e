"""GitHub in a world of its own, people with their tokens, and the contract that each exchange must meet."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from twin.clock import VirtualClock
from twin.world.saas.accounts import github_organization
from twin.world.saas.github import people
from twin.world.world import World

sys.path.insert(0, str(Path(__file__).parent))
from github_caller import Caller, Machine


@pytest.fixture
def clock():
    """A clock that stands at noon on 1 March 2026."""
    return VirtualClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def world(clock):
    """A world whose organisation is called acme."""
    made = World(7, clock, github=github_organization(7, "acme"))
    yield made
    made.close()


@pytest.fixture
def hub(world):
    """The true state of GitHub."""
    return world.vendors.github()


@pytest.fixture
def owner(world):
    """The organisation's owner, who may do everything."""
    return Caller(world, world.github.token)


@pytest.fixture
def person(world, hub):
    """Return a function that has somebody join the organisation and returns a caller with a token of theirs."""

    def join(login, permissions=people.EVERYTHING, *, role=None, member=True, **more):
        if login not in hub.accounts:
            people.sign_up(hub, login)
            if member:
                people.join(hub, "acme", login)
        if role:
            Caller(world, world.github.token)(
                "PUT", f"/repos/acme/infra/collaborators/{login}", {"permission": role}, expect=204
            )
        return Caller(world, people.mint(hub, login, "acme" if member else "", permissions, **more))

    return join


@pytest.fixture
def infra(owner):
    """A private repository with a first commit."""
    return owner("POST", "/orgs/acme/repos", {"name": "infra", "private": True, "auto_init": True}, expect=201)


@pytest.fixture
def machine(hub):
    """A machine of GitHub's."""
    return Machine(hub)

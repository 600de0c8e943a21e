"""Accounts that are there for a module, and a desk from which an org is delivered to them."""

import pytest
from accounts import end, start
from desk import Desk


@pytest.fixture(scope="session")
def accounts(tmp_path_factory):
    """Three accounts of an org, each a process of its own; each test leaves them as it found them, or says so."""
    made = start(tmp_path_factory.mktemp("accounts"))
    yield made
    end(made)


@pytest.fixture(scope="module")
def desk(accounts, tmp_path_factory):
    """Where the org is delivered from."""
    return Desk(tmp_path_factory.mktemp("desk"), accounts)

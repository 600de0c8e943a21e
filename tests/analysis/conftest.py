"""One org with all published escalation paths, planted and read once."""

import pytest
from planted import Planter

from twin.analysis.reach import Reach


@pytest.fixture(scope="session")
def org():
    """The planted org, as read back from its endpoints."""
    planter = Planter()
    planter.everything()
    return planter.read()


@pytest.fixture(scope="session")
def reach(org):
    """The reach over the planted org."""
    return Reach(org)

"""A fresh twin per test."""

import pytest
from rig import Rig


@pytest.fixture
def rig(tmp_path):
    """An empty twin with an empty state folder."""
    made = Rig(tmp_path / "state")
    yield made
    made.world.close()

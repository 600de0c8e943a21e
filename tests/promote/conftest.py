"""A copy, for each test, of the org that its module has kept."""

import shutil
from pathlib import Path

import pytest
from rig import Rig


@pytest.fixture
def rig(kept, tmp_path):
    """A twin on which the org stands that the module keeps, with its state."""
    world, folder = kept
    made = Rig(Path(shutil.copytree(folder, tmp_path / "state")), kept=world)
    yield made
    made.world.close()

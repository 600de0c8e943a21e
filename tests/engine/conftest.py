"""A fresh twin per test, or one per file on which its org stands."""

import pytest
from rig import SCOPE, Rig


@pytest.fixture
def rig(tmp_path):
    """An empty twin with an empty state folder."""
    made = Rig(tmp_path / "state")
    yield made
    made.world.close()


@pytest.fixture(scope="module")
def built(request, tmp_path_factory):
    """The org that a file's `wanted()` wants, applied; a second plan is empty. Tests mend what they break."""
    made = Rig(tmp_path_factory.mktemp("state"), getattr(request.module, "PLACE", SCOPE))
    made.build(request.module.wanted())
    yield made
    made.world.close()

"""Two runs never apply on one state at once."""

import pytest

from twin.engine.state import Store
from twin.errors import UsageError


def test_second_run_is_refused_until_the_first_ends(tmp_path):
    """The lock is taken by begin and given back by end."""
    first, second = Store(tmp_path), Store(tmp_path)
    first.begin({})
    with pytest.raises(UsageError, match="another run"):
        second.begin({})
    first.end()
    second.begin({})
    second.end()

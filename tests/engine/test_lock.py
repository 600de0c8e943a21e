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


def test_a_run_that_looked_under_the_lock_lets_nobody_in_between(tmp_path):
    """From the look until all its runs have ended: the way back of a halted one belongs to it."""
    first, second = Store(tmp_path), Store(tmp_path)
    with first.held({}):
        for _ in range(2):
            with pytest.raises(UsageError, match="another run"):
                second.begin({})
            first.begin({})
            first.end()
        with pytest.raises(UsageError, match="another run"):
            second.begin({})
    second.begin({})
    second.end()

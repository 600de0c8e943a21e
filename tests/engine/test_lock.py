"""Two runs never apply on one state at once."""

from contextlib import suppress

import pytest

from twin.engine.state import Store
from twin.errors import StateError, UsageError


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


@pytest.mark.parametrize("name", ["lock", "journal.jsonl", "state.new"])
def test_a_link_in_a_folder_is_not_written_through(tmp_path, name):
    """A folder that one is given may have links to one's own files, which a run would empty."""
    folder, mine = tmp_path / "state", tmp_path / "mine"
    mine.write_text("mine")
    folder.mkdir()
    (folder / name).symlink_to(mine)
    store = Store(folder)
    with suppress(StateError):
        store.begin({})
        store.end()
    assert mine.read_text() == "mine"

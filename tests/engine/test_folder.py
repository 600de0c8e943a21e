"""The folder `.twin` keeps itself out of git where it is made, and leaves alone what was there."""

import pytest

from twin.engine.folder import make_folder
from twin.engine.state import Store
from twin.engine.workspace import Workspace


def test_a_folder_that_is_made_is_ignored_by_git(tmp_path):
    """With all that comes into it, and nothing beside it; the user may take the file away again."""
    folder = Workspace.find(tmp_path, {}).root
    for _ in range(2):
        store = Store(folder / "state" / "live-1")
        store.begin({})
        store.end()
        assert [path.name for path in tmp_path.iterdir()] == [".twin"]
    assert (folder / ".gitignore").read_text() == "*\n"
    (folder / ".gitignore").unlink()
    store.begin({})
    store.end()
    assert not (folder / ".gitignore").exists()


@pytest.mark.parametrize("name", [".twin", "elsewhere"], ids=["there already", "of another name"])
def test_nothing_is_written_into_a_folder_that_is_the_users(tmp_path, name):
    """One that was there may be kept in git on purpose; one that TWIN_HOME names may hold more than ours."""
    if name == ".twin":
        (tmp_path / name).mkdir()
    make_folder(tmp_path / name / "state", mode=0o700)
    assert (tmp_path / name / "state").stat().st_mode & 0o777 == 0o700
    assert not (tmp_path / name / ".gitignore").exists()

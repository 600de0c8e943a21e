"""The folder `.twin` keeps itself out of git where it is made, and leaves alone what its user says."""

from twin.engine.folder import make_folder
from twin.engine.state import Store
from twin.engine.workspace import Workspace


def test_a_folder_that_is_made_is_ignored_by_git(tmp_path):
    """With all that comes into it, and nothing beside it; what the user writes there stays."""
    folder = Workspace.find(tmp_path, {}).root
    for _ in range(2):
        store = Store(folder / "state" / "live-1")
        store.begin({})
        store.end()
        assert [path.name for path in tmp_path.iterdir()] == [".twin"]
    assert (folder / ".gitignore").read_text() == "*\n"
    (folder / ".gitignore").write_text("")
    store.begin({})
    store.end()
    assert (folder / ".gitignore").read_text() == ""


def test_a_folder_that_was_there_is_ignored_by_git_from_then_on(tmp_path):
    """As one that somebody made by hand, or that came without the file; a link in its place is not written through."""
    folder = tmp_path / ".twin"
    folder.mkdir()
    make_folder(folder / "state", mode=0o700)
    assert (folder / "state").stat().st_mode & 0o777 == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"
    (folder / ".gitignore").unlink()
    (folder / ".gitignore").symlink_to(tmp_path / "elsewhere")
    make_folder(folder / "state")
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_written_into_a_folder_of_another_name(tmp_path):
    """One that TWIN_HOME names may hold more than ours."""
    make_folder(tmp_path / "elsewhere" / "state")
    assert not (tmp_path / "elsewhere" / ".gitignore").exists()

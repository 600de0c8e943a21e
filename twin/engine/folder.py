"""The folder `.twin` is nobody's to commit: where it is made, it says so to git."""

from pathlib import Path

FOLDER = ".twin"


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and what lies above it; a `.twin` that is made with them keeps itself out of git."""
    new = [one for one in (folder, *folder.parents) if one.name == FOLDER and not one.exists()]
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    for one in new:
        (one / ".gitignore").write_text("*\n")

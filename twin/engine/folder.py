"""The folder `.twin` is nobody's to commit: whoever writes into it says so to git, where nobody has said anything."""

from contextlib import suppress
from pathlib import Path

FOLDER = ".twin"


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder and what lies above it; a `.twin` among them keeps itself out of git, unless its user says else."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    for one in (folder, *folder.parents):
        if one.name == FOLDER:
            # Exclusively, or a link that came with the folder would be written through.
            with suppress(FileExistsError), (one / ".gitignore").open("x") as file:
                file.write("*\n")

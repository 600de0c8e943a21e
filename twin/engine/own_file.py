"""A secret of the user's in a file: made whole or not at all, and its user's alone."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def own_content(file: Path, make: Callable[[], bytes]) -> bytes | None:
    """Return what a file of the user's own holds, which `make` tells at first use; None when others may read it too.

    OSError where there is none and none can be made.
    """
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_own(file, make())
    with file.open("rb") as open_file:
        return open_file.read() if is_own(os.fstat(open_file.fileno())) else None


def make_own(file: Path, content: bytes) -> None:
    """Make a file of mode 0600, whole or not at all; where another process was faster, its file stays."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f"{file.stem}.") as new:
        new.write(content)
        new.flush()
        with suppress(FileExistsError):
            file.hardlink_to(new.name)


def is_own(told: os.stat_result) -> bool:
    """Tell whether a file is this user's, and closed to all others."""
    return told.st_uid == os.geteuid() and not told.st_mode & 0o077

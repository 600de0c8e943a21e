"""The key under which a user's own things are sealed: in the user's own folder, so that no folder brings one along."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from twin.engine.own_file import is_own, make_own
from twin.errors import UsageError

LENGTH = 32
"""Bytes of the key."""


class UntrustedSeal(UsageError):
    """There is no key, or no place for one, that is its user's alone; what another's key seals proves nothing."""


def own_folder(environ: Mapping[str, str]) -> Path:
    """Return where what belongs to the user and to no project is kept (XDG base directories)."""
    data = Path(environ.get("XDG_DATA_HOME", ""))
    try:
        return (data if data.is_absolute() else Path.home() / ".local" / "share") / "twin"
    except RuntimeError as error:
        raise UntrustedSeal("you have no home folder; set XDG_DATA_HOME to a folder of yours") from error


def seal_key(environ: Mapping[str, str]) -> bytes:
    """Return the user's key, made at first use, for its user's eyes only.

    UntrustedSeal for one that is not, and where none can be made: what it seals runs code when it is read.
    """
    file = own_folder(environ) / "seal.key"
    try:
        if not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_own(file, secrets.token_bytes(LENGTH))
        with file.open("rb") as open_file:
            told, key = os.fstat(open_file.fileno()), open_file.read()
    except OSError as error:
        raise UntrustedSeal(
            f"{file}: there is no key to seal with ({error.strerror}), so that nothing is kept; set XDG_DATA_HOME to "
            "a folder of yours"
        ) from error
    if not is_own(told) or len(key) != LENGTH:
        raise UntrustedSeal(
            f"{file}: the key with which what you keep is sealed is not yours alone, so that nothing sealed with it "
            "is read; remove it, and the next run makes another"
        )
    return key

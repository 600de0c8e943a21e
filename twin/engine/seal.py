"""The key under which a user's own things are sealed: in the user's own folder, so that no folder brings one along."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from twin.engine.own_file import own_content
from twin.errors import UsageError

LENGTH = 32
"""Bytes of the key."""


class UntrustedSeal(UsageError):
    """There is no key, or no place for one, that is its user's alone; what another's key seals proves nothing."""


def own_folder(environ: Mapping[str, str]) -> Path:
    """Return where what belongs to the user and to no project is kept (XDG base directories); it is absolute.

    UntrustedSeal where no folder is the user's: a relative one would be whatever the project brings.
    """
    data = Path(environ.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():
        try:
            data = Path.home() / ".local" / "share"
        except RuntimeError as error:
            raise UntrustedSeal("you have no home folder; set XDG_DATA_HOME to a folder of yours") from error
    if not data.is_absolute():
        raise UntrustedSeal(f"your home folder is {Path.home()}, which is relative; set HOME or XDG_DATA_HOME in full")
    return data / "twin"


def seal_key(environ: Mapping[str, str]) -> bytes:
    """Return the user's key, made at first use, for its user's eyes only.

    UntrustedSeal for one that is not, and where none can be made: what it seals runs code when it is read.
    """
    file = own_folder(environ) / "seal.key"
    try:
        key = own_content(file, lambda: secrets.token_bytes(LENGTH))
    except OSError as error:
        raise UntrustedSeal(
            f"{file}: there is no key to seal with ({error.strerror}), so that nothing is kept; set XDG_DATA_HOME to "
            "a folder of yours"
        ) from error
    if key is None or len(key) != LENGTH:
        raise UntrustedSeal(
            f"{file}: the key with which what you keep is sealed is not yours alone, so that nothing sealed with it "
            "is read; remove it, and the next run makes another"
        )
    return key

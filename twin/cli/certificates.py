"""Where the user's test authority lives, and what the served twin and its clients take from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from twin.engine.seal import own_folder
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.world.authority import Identity


@dataclass(frozen=True, slots=True)
class Trust:
    """The twin's identity, and the file by which clients trust it beside everybody whom they trust already."""

    identity: "Identity"
    bundle: Path


def authority_folder(environ: Mapping[str, str]) -> Path:
    """Return `TWIN_CA_DIR`, or the authority's folder under the user's data (XDG base directories)."""
    if own := environ.get("TWIN_CA_DIR"):
        return Path(own)
    return own_folder(environ) / "ca"


def trust(environ: Mapping[str, str], *, now: datetime) -> Trust:
    """Make or find the user's authority; UsageError when it cannot be trusted any more."""
    from twin.world.authority import identity
    from twin.world.trusted_roots import write_bundle

    try:
        found = identity(authority_folder(environ).absolute(), now=now)
        return Trust(found, write_bundle(found.root, environ=environ))
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        told = f"{why}; the authority for HTTPS is kept there: set TWIN_CA_DIR or XDG_DATA_HOME"
        raise UsageError(told) from error

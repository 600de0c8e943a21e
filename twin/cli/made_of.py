"""On what depends what a workspace keeps, as one text: what is told of it, this very program and its libraries."""

import hashlib
import json
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from twin import __version__
from twin.cli.sealing import own_seal
from twin.engine.shelf import Shelf, program
from twin.engine.workspace import Workspace

MOST = 12
LIBRARIES = {"pydantic": "version.py", "botocore": "__init__.py"}
"""Where each library that has a say in what is kept tells its version; reading it takes less than importing them."""


def shelf_of(home: Workspace, kind: str, most: int = MOST) -> Shelf | None:
    """Return where one kind of what is kept stands; nowhere while there is no workspace, or no key of its user's."""
    seal = own_seal() if home.root.is_dir() else None
    return Shelf(home.root / "specs", seal, most, kind) if seal is not None else None


def key(data: bytes, path: Path, environment: str | None) -> str:
    """Return what a compiled spec depends on as one text."""
    return digest_of(hashlib.sha256(data).hexdigest(), str(path), environment)


def digest_of(*told: str | None) -> str:
    """Return the digest of something that this very program and its libraries make of what is told."""
    made_by = (__version__, sys.version, libraries(), program())
    return hashlib.sha256(json.dumps([*told, made_by]).encode()).hexdigest()


@cache
def libraries() -> list[str]:
    """Return digests of the files in which the libraries tell their versions."""
    found = ((find_spec(name), file) for name, file in LIBRARIES.items())
    files = (Path(spec.origin).parent / file for spec, file in found if spec is not None and spec.origin is not None)
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]

"""A spec that was compiled without a problem is kept in the workspace: the same bytes mean the same, without work.

What is kept holds no secret, as a spec has none. It is read only under its user's own seal, of this very program and
its libraries, and while the secrets that it names are where they were; else the spec is compiled again.
"""

import pickle
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.engine.shelf import Shelf
from twin.resources import catalogue as types
from twin.resources.declaration import Desired
from twin.resources.declaration import Path as Place
from twin.resources.reference import texts
from twin.resources.resource import Sensitive
from twin.resources.scope import Scope
from twin.spec.secrets import ENV, FILE, absence


@dataclass(frozen=True, slots=True)
class Outline:
    """What of a spec goes into a plan besides its resources."""

    digest: str
    path: Path
    places: Mapping[Place, tuple[str | None, int | None]]
    """The file and line of each origin of a resource."""
    sections: Mapping[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A compiled spec, the sources of the secrets that it names, and an index of all types."""

    desired: Desired
    scope: Scope
    outline: Outline
    sources: tuple[str, ...]
    index: types.Index


def recall(shelf: Shelf, digest: str, base: Path, environ: Mapping[str, str] | None) -> Kept | None:
    """Return what is kept of a spec; None where nothing is that still holds."""
    body = shelf.get_sealed(digest)
    if body is None:
        return None
    kept: Kept = pickle.loads(body)  # noqa: S301 - sealed with the reader's own key
    if any(absence(source, environ, base) for source in kept.sources):
        return None
    types.tell(kept.index)
    return kept


def keep(shelf: Shelf, digest: str, kept: Kept) -> None:
    """Keep a compiled spec; where there is no room for it, the next run has the work again."""
    with suppress(OSError):
        shelf.put_sealed(digest, pickle.dumps(kept))


def sources(written: Any, desired: Desired) -> tuple[str, ...]:
    """Return the sources of secrets in a spec's plain values and in its resources."""
    found = {text for text in texts(written) if text.startswith((ENV, FILE))}
    for declaration in desired:
        for name in type(declaration.resource).marked(Sensitive):
            found |= {getattr(declaration.resource, name)} - {None}
    return tuple(sorted(found))

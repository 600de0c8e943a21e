"""Specs and scenarios that ship with twin: found by path first, then by name among the bundled ones."""

from importlib.resources import files
from pathlib import Path

from twin.errors import UsageError


def folder(kind: str) -> Path:
    """Return the folder of bundled `specs` or `scenarios`: in the wheel, or at the top of a clone."""
    inside = Path(str(files("twin"))) / "bundled" / kind
    return inside if inside.is_dir() else Path(str(files("twin"))).parent / kind


def find_spec(path: Path) -> Path:
    """Return the spec that a path means: the file itself, else the bundled one of that name."""
    if path.exists():
        return path
    shipped = folder("specs") / path.name
    if not shipped.is_file():
        raise UsageError(f"{path}: there is no such file, and no bundled spec of that name")
    return shipped

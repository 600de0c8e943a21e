"""Where the specs and scenarios lie that ship with twin."""

from importlib.resources import files
from pathlib import Path


def folder(kind: str) -> Path:
    """Return the folder of bundled `specs` or `scenarios`: in the wheel, or at the top of a clone."""
    inside = Path(str(files("twin"))) / "bundled" / kind
    return inside if inside.is_dir() else Path(str(files("twin"))).parent / kind

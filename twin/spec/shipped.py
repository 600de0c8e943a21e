"""Where the specs and scenarios lie that ship with twin."""

import re
from importlib.resources import files
from pathlib import Path


def folder(kind: str) -> Path:
    """Return the folder of bundled `specs` or `scenarios`: in the wheel, or at the top of a clone."""
    inside = Path(str(files("twin"))) / "bundled" / kind
    return inside if inside.is_dir() else Path(str(files("twin"))).parent / kind


def scenario_of(name: str) -> Path | None:
    """Return the scenario that ships with twin under an id; None where none does."""
    return next((file for file in sorted(folder("scenarios").glob("*.yaml")) if scenario_id(file) == name), None)


def scenario_id(file: Path) -> str | None:
    """Return the id that a scenario file begins with, without judging the rest."""
    found = re.search(r"^id:\s*(\S+)\s*$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None

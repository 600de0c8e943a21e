"""Where the specs and scenarios lie that ship with twin."""

import re
from importlib.resources import files
from pathlib import Path

from twin.data_files import read_yaml

ID = re.compile(r"""^(id|"id"|'id')[ \t]*:[ \t]+\S.*$""", re.MULTILINE)


def folder(kind: str) -> Path:
    """Return the folder of bundled `specs` or `scenarios`: in the wheel, or at the top of a clone."""
    inside = Path(str(files("twin"))) / "bundled" / kind
    return inside if inside.is_dir() else Path(str(files("twin"))).parent / kind


def scenario_of(name: str) -> Path | None:
    """Return the scenario that ships with twin under an id; None where none does."""
    return next((file for file in sorted(folder("scenarios").glob("*.yaml")) if scenario_id(file) == name), None)


def scenario_id(file: Path) -> str | None:
    """Return the id that a scenario file tells in a line of its own, without judging the rest; None without one."""
    from yaml import YAMLError  # which commands that read no YAML have no need to wait for

    found = ID.search(file.read_text(encoding="utf-8-sig"))
    try:
        told = read_yaml(found[0]) if found else {}
    except YAMLError:
        return None
    return next((value for value in told.values() if isinstance(value, str)), None)

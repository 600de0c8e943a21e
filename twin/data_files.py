"""How data files of ours are read: as YAML, in C where libyaml is there, which is ten times as fast."""

from typing import Any


def read_yaml(text: str) -> Any:
    """Read a YAML text of plain values."""
    import yaml  # which a command that reads none has no need to wait for

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - the safe loader

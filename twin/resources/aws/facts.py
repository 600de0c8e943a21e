"""Facts about AWS (limits, patterns, allowed values), each with its source, from the data files of the families."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml


@cache
def facts(family: str) -> Mapping[str, Any]:
    """Return the facts of `data/<family>.yaml` by name; each entry there holds `value`, `source` and `read`."""
    entries = yaml.safe_load((files("twin.resources.aws") / "data" / f"{family}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({name: entry["value"] for name, entry in entries.items()})

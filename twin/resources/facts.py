"""Facts about a vendor (limits, patterns, allowed values), each with its source, from data files beside its types."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from twin.data_files import read_yaml


@cache
def facts(system: str, family: str) -> Mapping[str, Any]:
    """Return the facts of `<system>/data/<family>.yaml` by name.

    An entry there holds `value`, `source` (the page that states it) and `read`: the date on which the value was held
    against that page, or `assumed` where nobody has done so yet.
    """
    entries = read_yaml((files(f"twin.resources.{system}") / "data" / f"{family}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({name: entry["value"] for name, entry in entries.items()})

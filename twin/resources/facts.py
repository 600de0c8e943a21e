"""Facts about a vendor (limits, patterns, allowed values), each with its source, from data files beside its types."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str) -> Any:
    """Read a data file of ours, with the safe loader, in C where it is there."""
    return yaml.load(text, Loader=Loader)  # noqa: S506


@cache
def facts(system: str, family: str) -> Mapping[str, Any]:
    """Return the facts of `<system>/data/<family>.yaml` by name.

    An entry there holds `value`, `source` (the page that states it) and `read`: the date on which the value was held
    against that page, or `assumed` where nobody has done so yet.
    """
    entries = load_yaml((files(f"twin.resources.{system}") / "data" / f"{family}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({name: entry["value"] for name, entry in entries.items()})

"""The facts about the edge that come from Cloudflare's documentation, read from the data files of this package."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def fact(section: str) -> Any:
    """Return a section of `data/edge.json`."""
    return _file("edge")[section]


@cache
def managed(ruleset: str) -> dict[str, Any] | None:
    """Return one of the vendor's own rulesets as far as it is modelled, None for any other."""
    found: dict[str, Any] | None = _file("managed_rulesets")["rulesets"].get(ruleset)
    return found


@cache
def _file(name: str) -> Any:
    return json.loads(files(__package__).joinpath("data", f"{name}.json").read_text(encoding="utf-8"))

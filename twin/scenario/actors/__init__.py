"""Who acts in a scenario, one kind per file, found by being there."""

import importlib
import pkgutil
from functools import cache

from twin.scenario.stage import Actor


@cache
def kinds() -> dict[str, type[Actor]]:
    """Return the kinds of actors by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        kind: type[Actor] = importlib.import_module(f"{__name__}.{module.name}").ACTOR
        found[module.name.replace("_", "-")] = kind
    return found

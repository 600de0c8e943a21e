"""The kinds of faults, one file each, found by being there: `node_loss.py` holds `node-loss` as its `FAULT`."""

import importlib
import pkgutil
from functools import cache

from twin.world.fault import Fault


@cache
def kinds() -> dict[str, type[Fault]]:
    """Return the kinds of faults by name."""
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        kind: type[Fault] = importlib.import_module(f"{__name__}.{module.name}").FAULT
        found[module.name.replace("_", "-")] = kind
    return found

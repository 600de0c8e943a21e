"""What the calls of a service ask for beyond AWS's published tables: one file per service, found by being there."""

import importlib
import pkgutil
from functools import cache


@cache
def load_askers() -> tuple[str, ...]:
    """Import every file of this package, by which its functions are bound; returns their names."""
    names = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
    for name in names:
        importlib.import_module(f"{__name__}.{name}")
    return names

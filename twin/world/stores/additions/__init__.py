"""Operations that moto lacks or does wrongly, added to moto's own classes, so that they answer in every protocol."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

Method = Callable[..., Any]


def adds(owner: type) -> Callable[[Method], Method]:
    """Put a function into a class of moto's under its own name, in place of any that moto has."""

    def put(function: Method) -> Method:
        setattr(owner, function.__name__, function)
        return function

    return put


@cache
def install() -> tuple[str, ...]:
    """Import every module of this package, which adds its operations; returns their names."""
    names = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
    for name in names:
        importlib.import_module(f"{__name__}.{name}")
    return names

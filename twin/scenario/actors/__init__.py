"""Who acts in a scenario, one kind per file, found by being there."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from pydantic import BaseModel

from twin.scenario.stage import Actor


class Kinds(Mapping[str, type[Actor]]):
    """The kinds of actors by name; a kind's file, and the libraries it needs, are imported when it is asked for."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> type[Actor]:
        kind: type[Actor] = self._module(name).ACTOR
        return kind

    def options(self, name: str) -> type[BaseModel]:
        """Return the form of what an actor of a kind is told."""
        form: type[BaseModel] = self._module(name).Options
        return form

    def _module(self, name: str) -> ModuleType:
        if name not in self._names:
            raise KeyError(name)
        return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def kinds() -> Kinds:
    """Return the kinds of actors by name."""
    return Kinds(tuple(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))

"""The catalogue of resource types: every file of this package is found by being there, and read when it is needed."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest

import twin.resources
from twin.resources.resource import RefTo, Resource


@dataclass(frozen=True, slots=True)
class Index:
    """What is known of the types without reading their files: each one's module, those it refers to, the layers.

    `told_with` has, for each type that is read whenever others are, those others.
    """

    modules: Mapping[str, str]
    needs: Mapping[str, tuple[str, ...]]
    told_with: Mapping[str, tuple[str, ...]]
    layers: list[list[str]]


class Catalogue(Mapping[str, type[Resource]]):
    """The types by name, sorted; the file of a type is imported when somebody asks for it."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = modules

    def __getitem__(self, name: str) -> type[Resource]:
        if name in self.modules and name not in Resource.CATALOGUE:
            importlib.import_module(self.modules[name])
        return Resource.CATALOGUE[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.modules)

    def __len__(self) -> int:
        return len(self.modules)

    def __contains__(self, name: object) -> bool:
        return name in self.modules


_told: list[Index] = []


def tell(index: Index) -> None:
    """Take an index of this very program that was kept, before anybody had to import all of its types."""
    _told.append(index)


@cache
def index() -> Index:
    """Return the index that was told, else that of all files, which are imported for it."""
    if _told:
        return _told[0]
    for module in pkgutil.walk_packages(twin.resources.__path__, "twin.resources."):
        importlib.import_module(module.name)
    types = dict(sorted(Resource.CATALOGUE.items()))
    needs = {name: tuple(_needs(class_)) for name, class_ in types.items()}
    modules = {name: class_.__module__ for name, class_ in types.items()}
    told_with = {name: class_.TOLD_WITH for name, class_ in types.items() if class_.TOLD_WITH}
    return Index(modules, needs, told_with, _layers(needs))


def _needs(class_: type[Resource]) -> Iterator[str]:
    for field in class_.model_fields.values():
        for marker in field.metadata:
            if isinstance(marker, RefTo):
                yield from (target for target in marker.types if target != class_.TYPE)


@cache
def catalogue() -> Catalogue:
    """Return the types by name, sorted."""
    return Catalogue(index().modules)


@cache
def users() -> dict[str, set[str]]:
    """Return, for each type, those that refer to it."""
    found: dict[str, set[str]] = {name: set() for name in index().needs}
    for name, needs in index().needs.items():
        for target in needs:
            found[target].add(name)
    return found


def levels() -> list[list[str]]:
    """Return the types in layers: each comes after those that it refers to, and the types of a layer go side by side.

    Types that refer to each other in a circle come one after the other, by name.
    """
    return index().layers


def _layers(needs: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, targets in needs.items():
        graph.add_node(name)
        graph.add_edges_from((target, name) for target in targets)
    groups = nx.condensation(graph)
    found = []
    for generation in nx.topological_generations(groups):
        members = [sorted(groups.nodes[group]["members"]) for group in generation]
        found += [sorted(filter(None, layer)) for layer in zip_longest(*members)]
    return found


@cache
def rank() -> dict[str, int]:
    """Return the place of each type in the order of the layers."""
    return {name: place for place, name in enumerate(chain.from_iterable(levels()))}

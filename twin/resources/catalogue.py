"""The catalogue of resource types: every file of this package is found by being there."""

import importlib
import pkgutil
from functools import cache
from itertools import chain, zip_longest

import networkx as nx

import twin.resources
from twin.resources.resource import RefTo, Resource


@cache
def catalogue() -> dict[str, type[Resource]]:
    """Import every family and return the types by name, sorted."""
    for module in pkgutil.walk_packages(twin.resources.__path__, "twin.resources."):
        importlib.import_module(module.name)
    return dict(sorted(Resource.CATALOGUE.items()))


@cache
def references() -> "nx.DiGraph[str]":
    """Return the graph of types, with an edge from each type to those that refer to it."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, class_ in catalogue().items():
        graph.add_node(name)
        for field in class_.model_fields.values():
            for marker in field.metadata:
                if isinstance(marker, RefTo):
                    graph.add_edges_from((target, name) for target in marker.types if target != name)
    return graph


@cache
def levels() -> list[list[str]]:
    """Return the types in layers: each comes after those that it refers to, and the types of a layer go side by side.

    Types that refer to each other in a circle come one after the other, by name.
    """
    groups = nx.condensation(references())
    found = []
    for generation in nx.topological_generations(groups):
        members = [sorted(groups.nodes[group]["members"]) for group in generation]
        found += [sorted(filter(None, layer)) for layer in zip_longest(*members)]
    return found


@cache
def rank() -> dict[str, int]:
    """Return the place of each type in the order of the layers."""
    return {name: place for place, name in enumerate(chain.from_iterable(levels()))}

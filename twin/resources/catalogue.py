"""The catalogue of resource types: every file of this package is found by being there."""

import importlib
import pkgutil
from functools import cache

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
def rank() -> dict[str, int]:
    """Order the types so that a type comes after those it refers to; ties and cycles go by name.

    Used where no desired resource tells the edges: objects that we own and no longer want.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, class_ in catalogue().items():
        graph.add_node(name)
        for field in class_.model_fields.values():
            for marker in field.metadata:
                if isinstance(marker, RefTo):
                    graph.add_edges_from((target, name) for target in marker.types if target != name)
    groups = nx.condensation(graph)
    order = nx.lexicographical_topological_sort(groups, key=lambda n: min(groups.nodes[n]["members"]))
    return {name: place for place, group in enumerate(order) for name in sorted(groups.nodes[group]["members"])}

"""The catalogue of resource types: every file of this package is found by being there."""

import importlib
import pkgutil
from functools import cache
from itertools import chain, zip_longest

import twin.resources
from twin.resources.links import Links
from twin.resources.resource import RefTo, Resource


@cache
def catalogue() -> dict[str, type[Resource]]:
    """Import every family and return the types by name, sorted."""
    for module in pkgutil.walk_packages(twin.resources.__path__, "twin.resources."):
        importlib.import_module(module.name)
    return dict(sorted(Resource.CATALOGUE.items()))


@cache
def references() -> Links[str]:
    """Return the graph of types: a type needs those that it refers to."""
    graph = Links[str]()
    for name, class_ in catalogue().items():
        graph.add(name)
        for field in class_.model_fields.values():
            for marker in field.metadata:
                if isinstance(marker, RefTo):
                    for target in marker.types:
                        if target != name:
                            graph.join(target, name)
    return graph


@cache
def levels() -> list[list[str]]:
    """Return the types in layers: each comes after those that it refers to, and the types of a layer go side by side.

    Types that refer to each other in a circle come one after the other, by name.
    """
    links, depth = references(), dict[str, int]()
    generations: dict[int, list[list[str]]] = {}
    for group in links.groups():
        needs = [depth[need] for name in group for need in links.needs[name] if need not in group]
        deep = max(needs, default=-1) + 1
        depth |= dict.fromkeys(group, deep)
        generations.setdefault(deep, []).append(sorted(group))
    layers = (zip_longest(*generations[deep]) for deep in sorted(generations))
    return [sorted(filter(None, layer)) for layer in chain.from_iterable(layers)]


@cache
def rank() -> dict[str, int]:
    """Return the place of each type in the order of the layers."""
    return {name: place for place, name in enumerate(chain.from_iterable(levels()))}

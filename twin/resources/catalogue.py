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
    """Return the types, each of which leads to those that refer to it."""
    links = Links[str]()
    for name, class_ in catalogue().items():
        links.add(name)
        for field in class_.model_fields.values():
            for marker in field.metadata:
                if isinstance(marker, RefTo):
                    for target in marker.types:
                        if target != name:
                            links.connect(target, name)
    return links


@cache
def levels() -> list[list[str]]:
    """Return the types in layers: each comes after those that it refers to, and the types of a layer go side by side.

    Types that refer to each other in a circle come one after the other, by name.
    """
    links = references()
    group: dict[str, tuple[str, ...]] = {name: (name,) for name in links}
    for knot in links.knots():
        group |= dict.fromkeys(knot, tuple(sorted(knot)))
    groups = Links[tuple[str, ...]]()
    for name in links:
        groups.add(group[name])
        for user in links.after(name):
            if group[user] != group[name]:
                groups.connect(group[name], group[user])
    found = []
    for generation in groups.generations():
        found += [sorted(filter(None, layer)) for layer in zip_longest(*generation)]
    return found


@cache
def rank() -> dict[str, int]:
    """Return the place of each type in the order of the layers."""
    return {name: place for place, name in enumerate(chain.from_iterable(levels()))}

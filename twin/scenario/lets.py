"""Values of `let` that stand on one another: each after those that it names."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.scenario.values import NAME


class Circular(Exception):
    """Values that stand on one another in a circle; its argument is their names, the first again at the end."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names

    def __str__(self) -> str:
        return f"it stands on itself: {' → '.join(self.names)}"


def in_order(let: Mapping[str, Any]) -> list[str]:
    """Return the names, each after those that its value names; Circular where there is no such order."""
    found: list[str] = []
    for name in let:
        _place(name, let, (), found)
    return found


def _place(name: str, let: Mapping[str, Any], way: tuple[str, ...], found: list[str]) -> None:
    if name in found:
        return
    if name in way:
        raise Circular((*way[way.index(name) :], name))
    for other in _named(let[name]):
        if other in let:
            _place(other, let, (*way, name), found)
    found.append(name)


def _named(value: Any) -> Iterator[str]:
    """Yield the names in a value; of `login.username` also `login`, whose field it may be."""
    if isinstance(value, str):
        for match in NAME.finditer(value):
            yield from dict.fromkeys((match[1], match[1].partition(".")[0]))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named(item)

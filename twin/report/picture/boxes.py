"""What a picture is made of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Way = Literal["row", "column", "grid", "zones"]
Stroke = Literal["traffic", "dns", "route", "data", "replication", "private"]


@dataclass(frozen=True, slots=True)
class Box:
    """A thing, or a place with things in it; `detail` is the second line of a thing."""

    id: str
    kind: str
    title: str
    detail: str = ""
    inside: tuple["Box", ...] = ()
    way: Way = "grid"

    def all(self) -> Iterator["Box"]:
        """Yield the box and every one inside, from the outside in."""
        yield self
        for one in self.inside:
            yield from one.all()


@dataclass(frozen=True, slots=True)
class Line:
    """A connection between two boxes."""

    start: str
    end: str
    kind: Stroke


@dataclass(frozen=True, slots=True)
class Marks:
    """What is laid over a picture, by ids of boxes.

    `way` is a packet's, in order; `dead` and `hurt` what a fault takes and what it touches; `added`, `changed` and
    `gone` (titles) what a change does. `caption` says what it is.
    """

    caption: str = ""
    way: tuple[str, ...] = ()
    dead: frozenset[str] = frozenset()
    hurt: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    gone: tuple[str, ...] = ()

    def of(self, box: str) -> str:
        """Return the mark of a box as one word, empty when it has none."""
        for name in ("dead", "hurt", "added", "changed"):
            if box in getattr(self, name):
                return name
        return "way" if box in self.way else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """The outermost box and the lines; `homes` says in which box each id of the topology is drawn."""

    root: Box
    lines: tuple[Line, ...] = ()
    homes: dict[str, str] = field(default_factory=dict)

    def home(self, name: str) -> str:
        """Return the box of an id, empty when it is not drawn."""
        return self.homes.get(name, "")

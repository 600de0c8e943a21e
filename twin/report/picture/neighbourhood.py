"""What is around one thing of a picture: on its left what leads to it and holds it, on its right where it leads."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from twin.errors import UsageError
from twin.report.picture.boxes import Box, Picture

DEEPEST = 3
FRAMES = ("strip", "org")
"""Boxes that only put others beside one another."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one box to another; `kind` is the line's, or `in` from a place to what is in it."""

    start: str
    end: str
    kind: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The boxes by column, 0 being the centre's, and the edges between them."""

    centre: str
    columns: Mapping[int, tuple[Box, ...]]
    edges: tuple[Edge, ...]

    def boxes(self) -> Iterator[Box]:
        """Yield all boxes, column by column."""
        for number in sorted(self.columns):
            yield from self.columns[number]


def edges(picture: Picture) -> tuple[Edge, ...]:
    """Return the lines of a picture, and which place holds which thing."""
    lines = (Edge(line.start, line.end, line.kind) for line in picture.lines)
    return tuple(dict.fromkeys((*lines, *_within(picture.root, ""))))


def _within(box: Box, place: str) -> Iterator[Edge]:
    here = place if box.kind in FRAMES else box.id
    if place and here != place:
        yield Edge(place, here, "in")
    for one in box.inside:
        yield from _within(one, here)


def named(picture: Picture, written: str) -> str:
    """Return the box that a user means by an id or a name; UsageError when there is none or more than one."""
    home = picture.home(written)
    if home:
        return home
    found = [box.id for box in picture.root.all() if box.kind not in FRAMES and written in (box.id, box.title)]
    found = found or [
        box.id for box in picture.root.all() if box.kind not in FRAMES and written.lower() in box.title.lower()
    ]
    if len(found) == 1:
        return found[0]
    raise UsageError(f"{written} is one of {', '.join(found[:8])}: say which" if found else f"{written} is not drawn")


def neighbourhood(picture: Picture, centre: str, depth: int) -> Neighbourhood:
    """Return what is within so many steps of a box; UsageError when it is none of the picture."""
    known = {box.id: box for box in picture.root.all() if box.kind not in FRAMES}
    if centre not in known:
        raise UsageError(f"{centre} is not drawn")
    all_edges = [edge for edge in edges(picture) if edge.start in known and edge.end in known]
    after: dict[str, list[str]] = defaultdict(list)
    before: dict[str, list[str]] = defaultdict(list)
    for edge in all_edges:
        after[edge.start].append(edge.end)
        before[edge.end].append(edge.start)
    place = {centre: 0}
    queue = deque([centre])
    while queue:
        here = queue.popleft()
        column = place[here]
        if abs(column) == depth:
            continue
        for side, names in ((1, after[here]), (-1, before[here])):
            # A side is chosen by the first step; beyond it what is next to a box is further out on that side.
            out = (column > 0) - (column < 0) or side
            for name in names:
                if name not in place:
                    place[name] = column + out
                    queue.append(name)
    columns: dict[int, list[Box]] = defaultdict(list)
    for name, column in place.items():
        columns[column].append(known[name])
    drawn = tuple(edge for edge in all_edges if edge.start in place and edge.end in place)
    return Neighbourhood(centre, {number: tuple(boxes) for number, boxes in columns.items()}, drawn)

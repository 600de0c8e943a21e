"""A neighbourhood drawn with the characters of a terminal: boxes in columns, lines between neighbouring columns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rich.cells import cell_len, set_cell_size

from twin.report.picture.boxes import Box, Marks, Picture
from twin.report.picture.neighbourhood import Edge, Neighbourhood, named, neighbourhood

WIDEST = 30
HEIGHT = 3
LANES = 3
"""Lines that can turn beside one another in the gap between two columns."""
GAP = LANES + 3
BORDERS = {"": "┌─┐│└┘", "way": "┏━┓┃┗┛", "dead": "╔═╗║╚╝", "hurt": "┌╌┐╎└┘", "centre": "┏━┓┃┗┛"}
SIGNS = {"dead": "✗ ", "hurt": "! ", "way": "● ", "": "", "added": "+ ", "changed": "~ "}
_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_JOINTS = {
    _LEFT | _RIGHT: "─", _UP | _DOWN: "│", _DOWN | _RIGHT: "┌", _DOWN | _LEFT: "┐", _UP | _RIGHT: "└", _UP | _LEFT: "┘",
    _UP | _DOWN | _RIGHT: "├", _UP | _DOWN | _LEFT: "┤", _DOWN | _LEFT | _RIGHT: "┬", _UP | _LEFT | _RIGHT: "┴",
    _UP | _DOWN | _LEFT | _RIGHT: "┼", _LEFT: "─", _RIGHT: "─", _UP: "│", _DOWN: "│",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands: its left upper corner, and its width."""

    x: int
    y: int
    width: int

    @property
    def middle(self) -> int:
        """The line at which lines come in and go out."""
        return self.y + 1


@dataclass
class Drawing:
    """Lines of text in pieces, each with a word for its style: a mark's, a line's, `centre`, or none."""

    width: int
    height: int
    places: dict[str, Place] = field(default_factory=dict)
    _cells: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)

    def put(self, x: int, y: int, text: str, style: str = "") -> None:
        """Write a text whose letters take one cell each, or two, from a place on."""
        for letter in text:
            self._cells[x, y] = (letter, style)
            x += max(cell_len(letter), 1)

    def line(self, y: int) -> list[tuple[str, str]]:
        """Return a line as pieces of one style, as wide as the drawing."""
        pieces: list[tuple[str, str]] = []
        x = 0
        while x < self.width:
            letter, style = self._cells.get((x, y), (" ", ""))
            pieces.append((letter, style))
            x += max(cell_len(letter), 1)
        return [
            ("".join(letter for letter, _ in same), style) for style, same in groupby(pieces, key=lambda one: one[1])
        ]

    def lines(self) -> Iterator[str]:
        """Yield the lines as plain text."""
        for y in range(self.height):
            yield "".join(text for text, _ in self.line(y)).rstrip()


def draw(found: Neighbourhood, marks: Marks | None = None) -> Drawing:
    """Draw a neighbourhood, with what is laid over it."""
    marks = marks or Marks()
    places = _places(found, marks)
    width = max(one.x + one.width for one in places.values())
    height = max(one.y + HEIGHT for one in places.values())
    drawing = Drawing(width, height, places)
    column = {box.id: number for number, boxes in found.columns.items() for box in boxes}
    for number in sorted(found.columns):
        if number + 1 in found.columns:
            between = [one for one in found.edges if {column[one.start], column[one.end]} == {number, number + 1}]
            _connect(drawing, between, column)
    for box in found.boxes():
        _box(drawing, box, marks, centre=box.id == found.centre)
    return drawing


def around(picture: Picture, name: str, marks: Marks, *, depth: int) -> str:
    """Return what is around a thing as text: the drawing, the lines that it leaves out, what is laid over it."""
    found = neighbourhood(picture, named(picture, name), depth)
    titles = {box.id: label(box, Marks()) for box in found.boxes()}
    told = [*draw(found, marks).lines(), *beside(found, titles), *([marks.caption] if marks.caption else ())]
    return "\n".join(told) + "\n"


def label(box: Box, marks: Marks) -> str:
    """Return what stands in a box: its sign, its name, what it is."""
    kind = box.kind.split()[0]
    title = box.title if kind in box.title.lower() or kind in ("internet", "edge") else f"{kind} {box.title}"
    return f"{SIGNS[marks.of(box.id)]}{title}"


def beside(found: Neighbourhood, names: Mapping[str, str]) -> list[str]:
    """Return the lines that are not drawn, as they would cross columns or stay in one."""
    column = {box.id: number for number, boxes in found.columns.items() for box in boxes}
    far = (one for one in found.edges if abs(column[one.start] - column[one.end]) != 1)
    return [f"{names.get(one.start, one.start)} → {names.get(one.end, one.end)} ({one.kind})" for one in far]


def _places(found: Neighbourhood, marks: Marks) -> dict[str, Place]:
    highest = max(len(boxes) for boxes in found.columns.values()) * HEIGHT
    places: dict[str, Place] = {}
    x = 0
    for number in sorted(found.columns):
        boxes = found.columns[number]
        width = min(max(cell_len(label(box, marks)) for box in boxes), WIDEST) + 4
        # The centre stands level with the first rows, so that it is on the screen however long its neighbours are.
        y = 0 if len(boxes) > 1 else min((highest - HEIGHT) // 2, 2 * HEIGHT)
        for box in boxes:
            places[box.id] = Place(x, y, width)
            y += HEIGHT
        x += width + GAP
    return places


def _box(drawing: Drawing, box: Box, marks: Marks, *, centre: bool) -> None:
    place, mark = drawing.places[box.id], marks.of(box.id)
    style = mark or ("centre" if centre else "")
    left, flat, right, side, low_left, low_right = tuple(BORDERS.get(style, BORDERS[""]))
    text = label(box, marks)
    inner = place.width - 4
    shown = text if cell_len(text) <= inner else f"{set_cell_size(text, inner - 1)}…"
    drawing.put(place.x, place.y, f"{left}{flat * (place.width - 2)}{right}", style)
    drawing.put(place.x, place.y + 1, f"{side} {set_cell_size(shown, inner)} {side}", style)
    drawing.put(place.x, place.y + 2, f"{low_left}{flat * (place.width - 2)}{low_right}", style)


def _connect(drawing: Drawing, found: Sequence[Edge], column: Mapping[str, int]) -> None:
    """Draw the lines of one gap: out of the left box, up or down in a lane of its own, into the right box."""
    joints: dict[tuple[int, int], int] = defaultdict(int)
    heads: dict[tuple[int, int], str] = {}
    lanes: dict[str, int] = {}
    for edge in found:
        forward = column[edge.start] < column[edge.end]
        left, right = (edge.start, edge.end) if forward else (edge.end, edge.start)
        one, other = drawing.places[left], drawing.places[right]
        lane = lanes.setdefault(left, len(lanes) % LANES)
        begin, end = one.x + one.width, other.x - 1
        turn = begin + 1 + lane
        _run(joints, (begin, turn, one.middle), (other.middle, end))
        heads[(end, other.middle) if forward else (begin, one.middle)] = "▶" if forward else "◀"
    for (x, y), ways in joints.items():
        drawing.put(x, y, _JOINTS[ways], "line")
    for (x, y), head in heads.items():
        drawing.put(x, y, head, "line")


def _run(joints: dict[tuple[int, int], int], out: tuple[int, int, int], into: tuple[int, int]) -> None:
    begin, turn, y = out
    target, end = into
    for x in range(begin, turn):
        joints[x, y] |= _LEFT | _RIGHT
    joints[turn, y] |= _LEFT | (_RIGHT if target == y else _DOWN if target > y else _UP)
    low, high = sorted((y, target))
    for line in range(low + 1, high):
        joints[turn, line] |= _UP | _DOWN
    if target != y:
        joints[turn, target] |= _RIGHT | (_UP if target > y else _DOWN)
    for x in range(turn + 1, end + 1):
        joints[x, target] |= _LEFT | _RIGHT

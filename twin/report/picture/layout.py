"""Where each box stands: sizes from the inside out, places from the outside in; nothing overlaps."""

from dataclasses import dataclass

from twin.report.picture.boxes import Box

CHARACTER, LINE = 6.7, 15.0
"""Advance and height of a character of the monospaced face at 11 px."""
PAD, GAP, TITLE = 10.0, 14.0, 22.0
LONGEST = 34
COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its corner and size."""

    box: Box
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """The centre."""
        return self.x + self.width / 2, self.y + self.height / 2


Size = tuple[float, float]


def shortened(text: str, most: int = LONGEST) -> str:
    """Leave out the middle of a text that is too long."""
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


class Layout:
    """Places a box and all inside it; `placed` holds them by id, from the outside in."""

    def __init__(self, root: Box) -> None:
        self.placed: dict[str, Placed] = {}
        self._sizes: dict[str, Size] = {}
        self._put(root, GAP, GAP, self._size(root))

    def _size(self, box: Box) -> Size:
        if box.id not in self._sizes:
            self._sizes[box.id] = self._measured(box)
        return self._sizes[box.id]

    def _measured(self, box: Box) -> Size:
        if not box.inside:
            title, detail = len(shortened(box.title)), len(shortened(box.detail))
            lines = 2 if box.detail else 1
            return max(title, detail, 8) * CHARACTER + 2 * PAD, lines * LINE + PAD
        rows = self._rows(box)
        width = max(sum(w for w, _ in row) + GAP * (len(row) - 1) for row in rows)
        height = sum(max(h for _, h in row) for row in rows) + GAP * (len(rows) - 1)
        frame, head = self._frame(box), self._head(box)
        return max(width, len(box.title) * CHARACTER * 1.1) + 2 * frame, height + head + frame

    def _frame(self, box: Box) -> float:
        return 0.0 if box.kind == "strip" else PAD

    def _head(self, box: Box) -> float:
        return 0.0 if box.kind == "strip" else TITLE

    def _rows(self, box: Box) -> list[list[Size]]:
        return [[self._size(one) for one in row] for row in self._arranged(box)]

    def _arranged(self, box: Box) -> list[list[Box]]:
        if box.way in ("row", "zones"):
            if box.way == "zones":
                self._level(box)
            return [list(box.inside)]
        columns = 1 if box.way == "column" else COLUMNS
        return [list(box.inside[n : n + columns]) for n in range(0, len(box.inside), columns)]

    def _level(self, box: Box) -> None:
        """Give the subnets of one row in all zones the same height, and all zones the same height."""
        deepest = max(len(zone.inside) for zone in box.inside)
        for number in range(deepest):
            row = [zone.inside[number] for zone in box.inside if number < len(zone.inside)]
            height = max(self._size(one)[1] for one in row)
            self._sizes.update((one.id, (self._size(one)[0], height)) for one in row)
        for zone in box.inside:
            width = max(self._size(one)[0] for one in zone.inside)
            self._sizes.update((one.id, (width, self._size(one)[1])) for one in zone.inside)
            self._sizes[zone.id] = self._measured(zone)
        height = max(self._size(zone)[1] for zone in box.inside)
        self._sizes.update((zone.id, (self._size(zone)[0], height)) for zone in box.inside)

    def _put(self, box: Box, x: float, y: float, size: Size) -> None:
        self.placed[box.id] = Placed(box, round(x, 1), round(y, 1), round(size[0], 1), round(size[1], 1))
        if not box.inside:
            return
        top = y + self._head(box)
        for row in self._arranged(box):
            left = x + self._frame(box)
            for one in row:
                width, height = self._size(one)
                if box.way == "column" and one.kind != "strip":
                    width = size[0] - 2 * self._frame(box)
                self._put(one, left, top, (width, height))
                left += width + GAP
            top += max(self._size(one)[1] for one in row) + GAP

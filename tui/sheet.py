"""Rows under columns, as a table shows them: cells, colours, what sorts them, and how wide each column is."""

import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from rich.cells import cell_len, set_cell_size

GAP = 2
"""Cells between two columns."""
WIDEST = 64
_SINGLE = re.compile("[ -~✓≠±→·…●]*")
"""Texts in which every letter takes one cell, as almost all do: these need no measuring."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; as wide as its widest cell, `most` at the most, drawn without the `bare` beginning of its cells.

    Where there is little room it gives way to the next one until that fits, down to `least`.
    """

    title: str
    most: int = WIDEST
    right: bool = False
    bare: str = ""
    least: int | None = None

    def drawn(self, cell: str) -> str:
        """Return what is seen of a cell."""
        return cell.removeprefix(self.bare)


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its key, its cells, their colours (the last one for those that remain), and what it is sorted by.

    `order` holds a value for each column where the text would sort wrongly, as an amount does.
    """

    key: str
    cells: tuple[str, ...]
    colours: tuple[str, ...] = ("",)
    order: tuple[Any, ...] = ()

    def rank(self, column: int) -> Any:
        """Return what the row is sorted by in a column."""
        return self.order[column] if self.order else self.cells[column].lower()


@dataclass(slots=True)
class Sorting:
    """The column that a table is sorted by, None as the rows came; and whether the other way round."""

    column: int | None = None
    backwards: bool = False


@dataclass(frozen=True)
class Sheet:
    """Rows under columns, with the widths worked out once for all of them."""

    columns: tuple[Column, ...]
    lines: Sequence[Line]
    widths: tuple[int, ...] = field(init=False)
    _whole: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the widths where there is room for all."""
        by_column: Iterable[tuple[str, ...]] = zip(*(line.cells for line in self.lines), strict=True)
        drawn = (map(c.drawn, cells) if c.bare else cells for c, cells in zip(self.columns, by_column, strict=False))
        widths = [_widest(tuple(cells)) for cells in drawn] or [0] * len(self.columns)
        # A title has room for the arrow of an order.
        made = [min(max(w, cell_len(c.title) + 1), c.most) for c, w in zip(self.columns, widths, strict=True)]
        object.__setattr__(self, "widths", tuple(made))
        object.__setattr__(self, "_whole", self.widths)

    def within(self, room: int) -> "Sheet":
        """Return the same where there are so many cells for a row."""
        widths = list(self._whole)
        for number, column in enumerate(self.columns[:-1]):
            if column.least is not None:
                over = 2 + sum(widths[: number + 2]) + GAP * (number + 1) - room
                widths[number] = min(widths[number], max(column.least, widths[number] - max(over, 0)))
        made = copy(self)
        object.__setattr__(made, "widths", tuple(widths))
        return made

    @property
    def width(self) -> int:
        """How wide a row is, the sign of a mark before it included."""
        return 2 + sum(self.widths) + GAP * (len(self.widths) - 1)


def fit(text: str, width: int, *, right: bool) -> str:
    """Return a cell as wide as its column: cut with an ellipsis, or filled up."""
    if text.isascii():
        if len(text) > width:
            return f"{text[: width - 1]}…"
        return text.rjust(width) if right else text.ljust(width)
    length = cell_len(text)
    if length > width:
        return f"{set_cell_size(text, width - 1)}…"
    return " " * (width - length) + text if right else text + " " * (width - length)


def _widest(cells: Sequence[str]) -> int:
    measure = len if _SINGLE.fullmatch("".join(cells)) else cell_len
    return max(map(measure, cells), default=0)

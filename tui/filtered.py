"""A table with a filter over it."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from tui.actions import bindings
from tui.keyboard import give
from tui.sheet import Column, Line
from tui.table import Table
from twin.report.query import Facets, Index

Told = Callable[[Line], tuple[str, Facets]]


def by_cells(line: Line) -> tuple[str, Facets]:
    """Return what a filter looks at where nothing else is said: the cells."""
    return " ".join((line.key, *line.cells)), {}


class Filtered(Vertical):
    """A table, and the words that narrow it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filtered")
    DEFAULT_CSS = """
    Filtered > Input { height: 1; border: none; padding: 0 1; background: $panel; display: none; }
    Filtered > Input:focus { height: 1; border: none; }
    Filtered.filtered > Input { display: block; }
    """

    def __init__(self, columns: Iterable[Column], *, id: str, hint: str, told: Told = by_cells) -> None:
        super().__init__(id=id)
        self._columns, self._hint, self._told = tuple(columns), hint, told
        self._lines: Sequence[Line] = ()
        self._index: Index | None = None

    def compose(self) -> ComposeResult:
        """Make the filter and the table."""
        yield Input(placeholder=self._hint, select_on_focus=False)
        yield Table(self._columns, id=f"{self.id}-table")

    @property
    def table(self) -> Table:
        """The table."""
        return self.query_one(Table)

    @property
    def written(self) -> str:
        """What stands in the filter."""
        return self.query_one(Input).value

    @property
    def index(self) -> Index:
        """What the filter is asked of, built when it is needed first."""
        if self._index is None:
            self._index = Index.of(self._lines, self._told)
        return self._index

    def fill(self, lines: Sequence[Line]) -> None:
        """Take other rows."""
        self._lines, self._index = lines, None
        self.table.fill(lines, self.index.matching(self.written) if self.written else None)

    def action_filter(self) -> None:
        """Open the filter."""
        self.add_class("filtered")
        give(self.query_one(Input))

    def action_clear(self) -> None:
        """Drop the filter; where there is none, escape means something else."""
        if not self.has_class("filtered"):
            raise SkipAction
        self.remove_class("filtered")
        self.query_one(Input).value = ""
        give(self.table)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        event.stop()
        self.table.narrow(self.index.matching(event.value))
        self.table.tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go from the filter to what it found."""
        event.stop()
        give(self.table)

"""A table that draws only the rows on the screen, so that ten thousand of them open and move like ten."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.keys import TABLE
from tui.listing import Listing
from tui.sheet import Column, Line, Sheet, Sorting
from tui.strips import head, row

STEP = 8
"""Cells that a table is moved sideways at once."""


class Table(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor, marks and an order; the header stays on top."""

    class Highlighted(Message):
        """The cursor stands on another row."""

        def __init__(self, table: "Table", key: str) -> None:
            self.table, self.key = table, key
            super().__init__()

        @property
        def control(self) -> "Table":
            """The table."""
            return self.table

    class Selected(Highlighted):
        """The user chose a row."""

    class Left(Message):
        """The user goes left of the first column."""

    BINDINGS: ClassVar[list[BindingType]] = TABLE
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head", "table--cursor", "table--blurred"}
    DEFAULT_CSS = """
    Table { height: 1fr; background: $surface; scrollbar-size: 1 1; overflow-x: hidden; }
    Table > .table--head { background: $panel; color: $foreground 70%; text-style: bold; }
    Table > .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    Table > .table--blurred { background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground; }
    """

    def __init__(self, columns: Iterable[Column], *, id: str) -> None:
        super().__init__(id=id)
        self.sheet = Sheet(tuple(columns), ())
        self.sorting = Sorting()
        self.marks: set[str] = set()
        self.cursor = 0
        self._shown: list[int] = []
        self._placed: list[int] = []

    def fill(self, lines: Sequence[Line], shown: Sequence[int] | None = None) -> None:
        """Take other rows, and show all of them or some; the cursor stays on its row where that is left."""
        key = self.key
        self.sheet = Sheet(self.sheet.columns, lines)
        self._lay()
        self._show(range(len(lines)) if shown is None else shown, key)

    def narrow(self, shown: Sequence[int]) -> None:
        """Show only these of the rows; the cursor stays on its row where that is left."""
        self._show(shown, self.key)

    def _show(self, shown: Sequence[int], key: str | None) -> None:
        self._placed = list(shown)
        self._shown = self._sorted(self._placed)
        self.virtual_size = Size(self.sheet.width, len(self._shown) + 1)
        lines = self.sheet.lines
        self.cursor = 0
        if key is not None:
            self.cursor = next((at for at, index in enumerate(self._shown) if lines[index].key == key), 0)
        self._reveal()
        self.refresh()

    def _sorted(self, shown: Sequence[int]) -> list[int]:
        column = self.sorting.column
        if column is None:
            return list(shown)
        lines = self.sheet.lines
        return sorted(shown, key=lambda index: lines[index].rank(column), reverse=self.sorting.backwards)

    @property
    def lines(self) -> list[Line]:
        """The rows that are shown, in their order."""
        return [self.sheet.lines[index] for index in self._shown]

    @property
    def key(self) -> str | None:
        """The key of the row under the cursor, None in an empty table."""
        return self.sheet.lines[self._shown[self.cursor]].key if self._shown else None

    def go(self, key: str) -> bool:
        """Put the cursor on a row; False when the table does not show it."""
        lines = self.sheet.lines
        at = next((at for at, index in enumerate(self._shown) if lines[index].key == key), None)
        if at is None:
            return False
        self.move(at)
        return True

    def move(self, to: int) -> None:
        """Put the cursor on a row by its place, the first or last where there is none so far."""
        if not self._shown:
            return
        left, top = self.cursor, self.scroll_y
        self.cursor = min(max(to, 0), len(self._shown) - 1)
        self._reveal()
        if self.scroll_y == top:
            self.refresh_line(left + 1)
            self.refresh_line(self.cursor + 1)
        self.tell()

    def tell(self) -> None:
        """Say which row the cursor is on."""
        if self.key is not None:
            self.post_message(self.Highlighted(self, self.key))

    def listing(self, name: str) -> Listing:
        """Return the rows that are shown, in their order."""
        return Listing(name, [column.title for column in self.sheet.columns], [line.cells for line in self.lines])

    def mark(self, key: str) -> None:
        """Mark a row, or take its mark away."""
        self.marks ^= {key}
        self.refresh()

    def _reveal(self) -> None:
        if not self.scrollable_content_region.height:
            return  # not laid out yet; `on_resize` comes then
        page = max(self.scrollable_content_region.height - 1, 1)
        top = round(self.scroll_y)
        top = min(max(top, self.cursor - page + 1), self.cursor)
        self.scroll_to(y=top, animate=False, force=True)

    def _lay(self) -> None:
        if room := self.scrollable_content_region.width:
            self.sheet = self.sheet.within(room)

    def on_resize(self) -> None:
        """Lay the columns out for the room that there is, and keep the cursor on the screen."""
        self._lay()
        self.virtual_size = Size(self.sheet.width, len(self._shown) + 1)
        self._reveal()

    def render_line(self, y: int) -> Strip:
        """Make one line of the screen."""
        width, left = self.scrollable_content_region.width, self.scroll_offset.x
        if y == 0:
            style = self.get_component_rich_style("table--head")
            return head(self.sheet, self.sorting, left, width=width, style=style)
        at = self.scroll_offset.y + y - 1
        if at >= len(self._shown):
            return Strip.blank(width, self.rich_style)
        line = self.sheet.lines[self._shown[at]]
        style, here = self.rich_style, at == self.cursor
        if here:
            style = self.get_component_rich_style("table--cursor" if self.has_focus else "table--blurred")
        strip = Strip(row(self.sheet, line, style, marked=line.key in self.marks), self.sheet.width)
        return strip.crop_extend(left, left + width, style).apply_style(Style(meta={"row": at}))

    def on_click(self, event: events.Click) -> None:
        """Sort by the column of a header that is clicked, or go to a row; on the row under the cursor, choose it."""
        meta = event.style.meta
        if "column" in meta:
            self.sort(meta["column"])
        elif "row" in meta:
            chosen = meta["row"] == self.cursor and event.chain > 1
            self.move(meta["row"])
            if chosen:
                self.action_select()

    def sort(self, column: int | None) -> None:
        """Sort by a column; by the same again, the other way round."""
        same = column is not None and column == self.sorting.column
        self._sort(Sorting(column, same and not self.sorting.backwards))

    def _sort(self, sorting: Sorting) -> None:
        self.sorting = sorting
        self._show(self._placed, self.key)

    def action_sort(self) -> None:
        """Sort by a column, then the other way round, then by the next; after the last one as the rows came."""
        now = self.sorting
        if now.column is not None and not now.backwards:
            self._sort(Sorting(now.column, True))
            return
        after = 0 if now.column is None else now.column + 1
        self._sort(Sorting(after if after < len(self.sheet.columns) else None))

    def action_order(self) -> None:
        """Ask by which column to sort."""
        from tui.ordering import OrderScreen

        def answer(number: int | None) -> None:
            if number is not None:
                self.sort(number if number >= 0 else None)

        self.app.push_screen(OrderScreen([column.title for column in self.sheet.columns]), answer)

    @property
    def row(self) -> str | None:
        """The row under the cursor as text, with tabs between its cells."""
        return "\t".join(self.sheet.lines[self._shown[self.cursor]].cells).rstrip() if self._shown else None

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.key is not None:
            self.mark(self.key)

    def action_cursor_down(self) -> None:
        """Go down."""
        self.move(self.cursor + 1)

    def action_cursor_up(self) -> None:
        """Go up."""
        self.move(self.cursor - 1)

    def action_page_down(self) -> None:
        """Go a page down."""
        self.move(self.cursor + max(self.size.height - 1, 1))

    def action_page_up(self) -> None:
        """Go a page up."""
        self.move(self.cursor - max(self.size.height - 1, 1))

    def action_first(self) -> None:
        """Go to the first row."""
        self.move(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.move(len(self._shown) - 1)

    def action_left(self) -> None:
        """Show what is left of it, or leave the table."""
        if self.scroll_x <= 0:
            self.post_message(self.Left())
        self.scroll_to(x=self.scroll_x - STEP, animate=False, force=True)

    def action_right(self) -> None:
        """Show what is right of it."""
        self.scroll_to(x=self.scroll_x + STEP, animate=False, force=True)

    def action_select(self) -> None:
        """Choose the row."""
        if self.key is not None:
            self.post_message(self.Selected(self, self.key))

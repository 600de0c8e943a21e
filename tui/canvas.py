"""A drawing of boxes and lines that scrolls, with a cursor on one of its boxes."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import bindings
from tui.palette import ACCENT, FAINT
from tui.states import AS_SPEC, DRIFT, TO_REMOVE
from twin.report.picture.neighbourhood import Neighbourhood
from twin.report.picture.terminal import HEIGHT, Drawing

STYLES = {
    "line": FAINT, "centre": f"bold {ACCENT}", "way": f"bold {AS_SPEC.colour}", "dead": f"bold {TO_REMOVE.colour}",
    "hurt": DRIFT.colour, "": "",
}  # fmt: skip


class Canvas(ScrollView, can_focus=True, inherit_bindings=False):
    """A drawing with a cursor on one of its boxes."""

    DEFAULT_CSS = "Canvas { height: 1fr; background: $surface; scrollbar-size: 1 1; padding: 0; }"

    class Moved(Message):
        """The cursor stands on another box."""

    class Chosen(Message):
        """The user wants what is around the box under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("canvas")

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.drawing: Drawing | None = None
        self.columns: list[tuple[str, ...]] = []
        self.at = ""

    def show(self, drawing: Drawing, found: Neighbourhood, at: str) -> None:
        """Show a drawing with the cursor on a box."""
        self.drawing, self.at = drawing, at
        self.columns = [tuple(box.id for box in found.columns[number]) for number in sorted(found.columns)]
        self.virtual_size = Size(drawing.width + 2, drawing.height)
        place, room = drawing.places[at], self.scrollable_content_region
        self.scroll_to(
            place.x + place.width // 2 - room.width // 2, place.y - room.height // 2, animate=False, force=True
        )
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Make one line of the screen."""
        width, left, row = self.scrollable_content_region.width, self.scroll_offset.x, y + self.scroll_offset.y
        if self.drawing is None or row >= self.drawing.height:
            return Strip.blank(width, self.rich_style)
        base = self.rich_style
        strip = Strip([Segment(" ", base), *(Segment(text, base + Style.parse(STYLES.get(style, "")))
                                             for text, style in self.drawing.line(row))])  # fmt: skip
        place = self.drawing.places.get(self.at)
        if place is not None and place.y <= row < place.y + HEIGHT:
            begin, end = place.x + 1, place.x + 1 + place.width
            chosen = Style(reverse=True) if self.has_focus else Style(bold=True)
            inside = strip.crop(begin, end).apply_style(chosen)
            strip = Strip.join([strip.crop(0, begin), inside, strip.crop(end)])
        return strip.crop_extend(left, left + width, base)

    def action_step(self, right: int, down: int) -> None:
        """Move the cursor to the next box in its column, or to the nearest one of the next column."""
        number = next((n for n, names in enumerate(self.columns) if self.at in names), None)
        if number is None or self.drawing is None:
            return
        names = self.columns[number]
        if right:
            number += right
            if not 0 <= number < len(self.columns):
                return
            y = self.drawing.places[self.at].y
            places = self.drawing.places
            self._go(min(self.columns[number], key=lambda name: abs(places[name].y - y)))
        else:
            self._go(names[min(max(names.index(self.at) + down, 0), len(names) - 1)])

    def action_choose(self) -> None:
        """Show what is around the box."""
        self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Go to the box under the mouse; on the one under the cursor, show what is around it."""
        if self.drawing is None:
            return
        x, y = event.x + self.scroll_offset.x - 1, event.y + self.scroll_offset.y
        for name, place in self.drawing.places.items():
            if place.x <= x < place.x + place.width and place.y <= y < place.y + HEIGHT:
                if name == self.at:
                    self.action_choose()
                else:
                    self._go(name)
                return

    def _go(self, name: str) -> None:
        self.at = name
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())

    def _reveal(self) -> None:
        if self.drawing is not None and self.at in self.drawing.places:
            place = self.drawing.places[self.at]
            self.scroll_to_region(
                Region(place.x, place.y, place.width + 2, HEIGHT), animate=False, force=True, immediate=True
            )

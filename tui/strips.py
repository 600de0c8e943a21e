"""The lines of a table as they are drawn: the header over its columns, and a row under it."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.palette import ACCENT
from tui.sheet import GAP, Line, Sheet, Sorting, fit

MARK = "●"
_MARKED = Style.parse(f"bold {ACCENT}")


def head(sheet: Sheet, sorting: Sorting, left: int, *, width: int, style: Style) -> Strip:
    """Return the header from a column of the screen on; an arrow at an edge tells that there is more beyond it."""
    segments = [Segment("  ", style)]
    for number, (column, wide) in enumerate(zip(sheet.columns, sheet.widths, strict=True)):
        title = column.title
        if number == sorting.column:
            title += "↓" if sorting.backwards else "↑"
        segments.append(Segment(" " * GAP * bool(number), style))
        segments.append(Segment(fit(title, wide, right=column.right), style + Style(meta={"column": number})))
    strip = Strip(segments).crop_extend(left, left + width, style)
    if left > 0:
        strip = Strip.join([Strip([Segment("‹", style)]), strip.crop(1, width)])
    if left + width < sheet.width:
        strip = Strip.join([strip.crop(0, width - 1), Strip([Segment("›", style)])])
    return strip


def row(sheet: Sheet, line: Line, style: Style, *, marked: bool) -> list[Segment]:
    """Return the cells of a row, each as wide as its column and in its colour."""
    segments = [Segment(f"{MARK} " if marked else "  ", style + _MARKED if marked else style)]
    last = len(line.colours) - 1
    for number, (column, width, cell) in enumerate(zip(sheet.columns, sheet.widths, line.cells, strict=True)):
        colour = line.colours[min(number, last)]
        text = " " * GAP * bool(number) + fit(column.drawn(cell), width, right=column.right)
        segments.append(Segment(text, style + Style.parse(colour) if colour else style))
    return segments

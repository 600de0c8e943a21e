"""Events of the target's logs as the events view shows them: columns, a row for each, and one of them as JSON."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.json import JSON
from rich.text import Text

from tui.palette import ACCENT, FAINT
from tui.sheet import Column, Line
from tui.states import AS_SPEC, DRIFT, TO_REMOVE, TO_REPLACE
from twin.observe.happenings import OK, Happening
from twin.report.happenings import cells, written

NARROW = 120


def columns(width: int) -> tuple[Column, ...]:
    """Return the columns; on a narrow screen principal and action are cut, so that the result is seen too."""
    who, what = (34, 34) if width >= NARROW else (12, 20)
    return Column("time"), Column("source"), Column("principal", who), Column("action", what), Column("result", 60)


COLOURS = {
    "trail": ACCENT, "guardduty": TO_REMOVE.colour, "okta": AS_SPEC.colour, "cloudflare": TO_REPLACE.colour,
    "alarms": DRIFT.colour,
}  # fmt: skip


def line(one: Happening) -> Line:
    """Return the row of an event."""
    shown = cells(one)
    colours = (FAINT, COLOURS.get(one.source, ""), "", "", FAINT if one.result == OK else TO_REMOVE.colour)
    return Line(one.id, shown, colours, (one.time, *(cell.lower() for cell in shown[1:])))


def detail(one: Happening | None, gaps: tuple[str, ...], why: str) -> Iterator[RenderableType]:
    """Yield an event as JSON, or why there is none; then what could not be read."""
    if one is None:
        yield Text(why, FAINT)
    else:
        yield Text.assemble((f"{one.principal} {one.action}", "bold"), (f"  {one.resource}", FAINT))
        yield JSON(written(one), indent=2)
    for gap in gaps:
        yield Text(f"not seen: {gap}", DRIFT.colour)

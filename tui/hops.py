"""A way as the paths view shows it: its row, and its hops with what permits each."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table as Grid
from rich.text import Text

from tui import ways
from tui.palette import ACCENT, FAINT
from tui.sheet import Line
from tui.states import DRIFT, TO_REMOVE
from tui.ways import Break, Way
from twin.report.query import Facets


def line(way: Way) -> Line:
    """Return the row of a way."""
    count = len(way.stops)
    cells = (ways.short(way.start), ways.short(way.goal), str(count), way.by)
    return Line(way.key, cells, ("", DRIFT.colour, "", FAINT), (cells[0], cells[1], count, cells[3]))


def told(line: Line) -> tuple[str, Facets]:
    """Return what a filter looks at."""
    return " ".join((line.key, *line.cells)), {"from": line.key.partition(" ")[0], "to": line.cells[1]}


def hops(way: Way, found: Break | None, *, looking: bool) -> Iterator[RenderableType]:
    """Yield the hops with what permits each; a rule whose removal breaks the way is marked."""
    yield Text.assemble((way.start, "bold"), (" to ", FAINT), (way.goal, "bold"))
    if not way.stops:
        yield Text("by its own rights: nobody else has to be become on the way", FAINT)
        return
    cuts = found.rules if found is not None else ()
    table = Grid.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=2, style=FAINT)
    table.add_column(ratio=2, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    table.add_row("", Text("hop", FAINT), Text("permitted by", FAINT))
    for number, stop in enumerate(way.stops, 1):
        permits = Text()
        for rule in stop.permits:
            cut = any(one.endswith(rule) for one in cuts)
            permits.append(f"✗ break here: {rule}\n" if cut else f"{rule}\n", TO_REMOVE.colour if cut else "")
        for note in stop.notes:
            permits.append(f"{note}\n", DRIFT.colour)
        permits.rstrip()
        table.add_row(str(number), Text(stop.does), permits)
    yield table
    yield _broken(found, looking=looking)


def _broken(found: Break | None, *, looking: bool) -> Text:
    if found is None:
        return Text("looking for the narrowest change …" if looking else "b: what breaks it", FAINT)
    if not found.rules:
        return Text("\nnothing narrow breaks it", TO_REMOVE.colour)
    told = Text.assemble(("\nbroken by taking away", f"bold {ACCENT}"), (f"  {found.beside}\n", FAINT))
    return told.append("\n".join(found.rules), TO_REMOVE.colour)

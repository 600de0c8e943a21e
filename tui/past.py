"""What had happened in a run by an instant, as rows of the events view."""

import json
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.json import JSON
from rich.text import Text

from tui.palette import ACCENT, FAINT
from tui.sheet import Line
from tui.states import AS_SPEC, DRIFT, TO_REMOVE
from tui.then import Then
from twin.scenario.recording.journal import Event
from twin.scenario.recording.moment import clock

HERE = "the cursor"
"""The key of the row that marks the cursor's place."""
COLOURS = {"traffic": ACCENT, "responder": AS_SPEC.colour, "faults": TO_REMOVE.colour, "attacker": TO_REMOVE.colour,
           "alarms": DRIFT.colour}  # fmt: skip


def events_by(then: Then) -> dict[str, Event]:
    """Return what had happened by an instant, the newest first, by the number that it has in its run."""
    return {str(number): then.run.events[number] for number in reversed(range(then.run.at(then.t)))}


def line(number: str, event: Event) -> Line:
    """Return the row of an event."""
    cells = (clock(event.t), event.lane, event.actor, event.kind, event.details())
    order = (event.t, *(cell.lower() for cell in cells[1:]))
    return Line(number, cells, (FAINT, COLOURS.get(event.lane, ""), "", "", FAINT), order)


def cursor(then: Then, later: int) -> Line:
    """Return the row that marks the cursor's place."""
    more = f"{later:,} happen later" if later else "the newest"
    time = f"{then.until:%Y-%m-%d %H:%M:%S}" if then.until else clock(then.t)
    cells = (f"◷ {time}", HERE, "", "", more)
    return Line(HERE, cells, (f"bold {ACCENT}",), (then.until or float("inf"), HERE, "", "", ""))


def detail(event: Event) -> Iterator[RenderableType]:
    """Yield an event with its facts."""
    yield Text.assemble((f"{event.actor} {event.kind}", "bold"), (f"  {clock(event.t)}", FAINT))
    yield JSON(json.dumps(event.facts, default=str, ensure_ascii=False), indent=2)


def lines(then: Then, found: dict[str, Event]) -> Sequence[Line]:
    """Return the rows of what had happened, under the cursor's place."""
    later = len(then.run.events) - len(found)
    return [cursor(then, later), *(line(number, event) for number, event in found.items())]


def head(then: Then, found: int) -> Text:
    """Say how much of the run's journal is shown."""
    told = Text(f"{found:,} of {len(then.run.events):,} events by {then.name}")
    return told.append("  the run's journal", FAINT)

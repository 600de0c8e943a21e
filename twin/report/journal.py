"""What happened in a recorded run, as lines, as JSON, and as what a filter looks at."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from twin.report.query import Facets
from twin.scenario.recording.journal import Event
from twin.scenario.recording.moment import clock

STYLES = {"traffic": "cyan", "faults": "red", "attacker": "red", "alarms": "yellow", "responder": "green"}


def lines(found: Sequence[Event]) -> Iterator[Text]:
    """Yield one line per event."""
    for one in found:
        line = Text(f"{clock(one.t):>10}  ", style="dim")
        line.append(f"{one.lane:9}  ", STYLES.get(one.lane, ""))
        line.append(one.told(), "default")
        yield line


def document(found: Sequence[Event]) -> list[dict[str, Any]]:
    """Return the events as plain data; `at` is in seconds since the run began."""
    return [
        {"at": one.t, "lane": one.lane, "actor": one.actor, "event": one.kind, "facts": dict(one.facts)}
        for one in found
    ]


def told(one: Event) -> tuple[str, Facets]:
    """Return what a filter looks at."""
    found = {"source": one.lane, "principal": one.actor, "action": one.kind, "type": one.kind,
             "result": one.details(), "resource": one.details(), "state": ""}  # fmt: skip
    return f"{one.lane} {one.told()}", found

"""Findings about a network, as text and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from twin.analysis.exposure.finding import Finding

SCHEMA = 1
COLOURS = {"high": "bold red", "medium": "yellow", "low": "cyan"}
SHOWN = 14


def lines(found: Sequence[Finding]) -> Iterator[Text]:
    """Yield each finding with what shows it and its mend."""
    if not found:
        yield Text("nothing found", style="green")
    for one in found:
        yield Text.assemble((f"{one.severity:<6} ", COLOURS[one.severity]), f"{one.rule}: {one.message}")
        for fact in one.witness[:SHOWN]:
            yield Text(f"         {fact}", style="dim")
        if len(one.witness) > SHOWN:
            yield Text(f"         and {len(one.witness) - SHOWN} more hops", style="dim")
        yield Text(f"       mend: {one.mend}")


def document(found: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings as plain data."""
    return {"schema": SCHEMA, "findings": [one.as_data() for one in found]}

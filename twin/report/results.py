"""Results of scenarios, as text and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from twin.scenario.told import found
from twin.scenario.verdict import Result, tell

STYLES = {
    "PASS": "bold green",
    "FAIL": "bold red",
    "VACUOUS": "bold yellow",
    "UNSUPPORTED": "yellow",
    "ERROR": "bold red",
}
SCHEMA = 1


def lines(result: Result, wanted: str) -> Iterator[Text]:
    """Yield a result: its verdict, what did not hold, its figures."""
    name = f"{result.scenario} {result.variant}" if result.variant else result.scenario
    line = Text(f"{result.verdict:8}", style=STYLES[result.verdict])
    line.append(name, style="bold")
    if result.verdict != wanted:
        line.append(f"  (wanted {wanted})", style="bold red")
    elif wanted != "PASS":
        line.append("  as it must", style="green")
    yield line
    if result.verdict != "PASS":
        yield Text(f"        {result.reason}")
    for check in result.checks:
        sign = "✓" if check.held else "✗"
        yield Text(f"        {sign} {tell(check)}", style="" if check.held else "red")
    for actor, figures in _by_actor(result.figures).items():
        yield Text(f"        {actor}: {', '.join(figures)}", style="dim")
    if ours := [_span(line) for line in drawn(result) if line["read"] == "assumed"]:
        yield Text(f"        rests on our assumptions (no page gives a figure): {', '.join(ours)}", style="dim")


def drawn(result: Result) -> list[Mapping[str, Any]]:
    """Return the times that a run drew, each with its span, its source and the day on which that was read."""
    return [line for line in map(json.loads, _listed(result.journal)) if line["event"] == "delay"]


def _listed(journal: str) -> list[str]:
    return [line for line in journal.splitlines() if '"event":"delay"' in line]


def _span(line: Mapping[str, Any]) -> str:
    seconds = line["seconds"]
    least, most = seconds if isinstance(seconds, list) else (seconds, seconds)
    return f"{line['name']} {least:g} s" if least == most else f"{line['name']} {least:g} to {most:g} s"


def _by_actor(figures: Mapping[str, Any]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in figures.items():
        actor, _, figure = name.partition(".")
        if figure.endswith("because") and (not value or "." in figure):  # which its check tells
            continue
        grouped.setdefault(actor, []).append(f"{figure} {found(value)}")
    return grouped


def document(results: Sequence[Result], wanted: Sequence[str]) -> Mapping[str, Any]:
    """Return results as JSON data."""
    return {
        "schema": SCHEMA,
        "good": all(r.verdict == w for r, w in zip(results, wanted, strict=True)),
        "results": [
            {**asdict(r), "wanted": w, "journal": [json.loads(line) for line in r.journal.splitlines()]}
            for r, w in zip(results, wanted, strict=True)
        ],
    }

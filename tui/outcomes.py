"""A scenario as the pane tells of it: what it is about, and what its last runs came to."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tui.catalogue import Item
from tui.detail import heading
from tui.palette import FAINT
from tui.runs import Run
from tui.states import DRIFT, TO_CREATE, TO_REMOVE
from twin.scenario.told import found

COLOURS = {"PASS": TO_CREATE.colour, "FAIL": TO_REMOVE.colour, "ERROR": TO_REMOVE.colour}


def about(item: Item, runs: list[Run]) -> Iterator[RenderableType]:
    """Yield what a scenario is about, what its last runs came to, its runbook and its variants."""
    yield Text.assemble((item.id, "bold"), f"  {item.title}")
    yield Text(f"{item.file}", FAINT)
    if item.wrong:
        yield Text(f"\n✗ {item.wrong}", TO_REMOVE.colour)
        yield Text(f"twin run {item.file} tells the lines", FAINT)
        return
    yield Text(f"\n{' '.join(item.about.split())}")
    for run in runs:
        yield from _outcome(run)
    if item.steps:
        yield heading("Runbook", len(item.steps))
        yield Text("\n".join(f"  {number}. {step}" for number, step in enumerate(item.steps, 1)))
    if item.variants:
        yield heading("Variants", len(item.variants))
        table = Table.grid(padding=(0, 2, 0, 0))
        for name, (title, verdict) in item.variants.items():
            table.add_row(Text(verdict, COLOURS.get(verdict, DRIFT.colour)), Text(name, "bold"), Text(title, FAINT))
        yield table


def _outcome(run: Run) -> Iterator[RenderableType]:
    sign = "✓" if run.good else "✗"
    line = Text.assemble("\n", (f"{sign} {run.verdict}", COLOURS.get(run.verdict, DRIFT.colour)), f"  {run.name}")
    if not run.good:
        line.append(f"  (wanted {run.wanted})", TO_REMOVE.colour)
    yield line
    if run.verdict != "PASS":
        yield Text(f"  {run.reason}", FAINT)
    if run.variant is None:
        for check in run.checks:
            held = bool(check["held"])
            told = f"  {'✓' if held else '✗'} {check['name']}: {found(check['found'])}, wanted {check['wanted']}"
            yield Text(told, "" if held else TO_REMOVE.colour)
        yield heading("Figures", len(run.figures))
        table = Table.grid(padding=(0, 2, 0, 0))
        for name, value in run.figures.items():
            table.add_row(Text(name, FAINT), found(value))
        yield table

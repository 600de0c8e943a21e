"""What many seeds gave: how often each verdict, and how each figure is spread."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from twin.scenario.sweep import Spread
from twin.scenario.verdict import Result

SCHEMA = 1
SEEDS = 8
"""How many seeds a line names."""


def verdicts(results: Sequence[Result]) -> Mapping[str, int]:
    """Count the verdicts."""
    return dict(sorted(Counter(result.verdict for result in results).items()))


def reasons(results: Sequence[Result]) -> Iterator[str]:
    """Yield why runs did not pass, the commonest first, and under which seeds."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in results:
        if one.verdict != "PASS":
            names = ", ".join(check.name for check in one.checks if not check.held) or one.reason
            found.setdefault((one.verdict, names), []).append(one.seed)
    for (verdict, names), seeds in sorted(found.items(), key=lambda item: -len(item[1])):
        more = f" and {len(seeds) - SEEDS} more" if len(seeds) > SEEDS else ""
        yield f"{verdict} under seed {', '.join(map(str, seeds[:SEEDS]))}{more}: {names}"


def table(spreads: Sequence[Spread]) -> Table:
    """Return the spreads as a table."""
    made = Table(box=None, pad_edge=False)
    made.add_column("figure", overflow="fold")
    for name in ("min", "p50", "p95", "max", "seed of max", "came"):
        made.add_column(name, justify="right")
    for one in spreads:
        values = ("never" if value is None else f"{value:g}" for value in (one.least, one.p50, one.p95, one.most))
        made.add_row(one.figure, *values, str(one.worst), f"{one.came} of {one.runs}")
    return made


def document(results: Sequence[Result], spreads: Sequence[Spread]) -> Mapping[str, Any]:
    """Return all of it as JSON data."""
    return {
        "schema": SCHEMA,
        "scenario": results[0].scenario,
        "variant": results[0].variant,
        "seeds": [result.seed for result in results],
        "verdicts": verdicts(results),
        "failed": {str(result.seed): result.reason for result in results if result.verdict != "PASS"},
        "spreads": [asdict(one) for one in spreads],
    }

"""What each channel is worth: the times and costs of a scenario with the channel silent, beside those with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from twin.scenario.ablation import TIMES, Silence, Times

SCHEMA = 1
NEVER = "never"


def figures(silences: Sequence[Silence]) -> list[str]:
    """Return the figures that any of the runs has."""
    return [name for name in TIMES if any(one.told(name) is not None for one in silences)]


def table(silences: Sequence[Silence]) -> Table:
    """Return a row for each channel: the verdicts and each figure, its median and 95th percentile of several runs."""
    made = Table(box=None, pad_edge=False)
    names = figures(silences)
    made.add_column("silent", overflow="fold")
    made.add_column("verdict")
    for name in names:
        made.add_column(name.replace(".", "\n").replace("_", "\n"), justify="right")
    for one in silences:
        counted = Counter(result.verdict for result in one.results)
        verdicts = ", ".join(
            verdict if len(one.results) == 1 else f"{verdict} {n}" for verdict, n in sorted(counted.items())
        )
        made.add_row(one.channel, verdicts, *(_cell(one.told(name)) for name in names))
    return made


def _cell(times: Times | None) -> str:
    if times is None:
        return "-"
    shown = [NEVER if value is None else f"{value:g}" for value in (times.rank(0.5), times.rank(0.95))]
    return shown[0] if times.runs == 1 else f"{shown[0]} / {shown[1]}"


def document(scenario: str, silences: Sequence[Silence]) -> Mapping[str, Any]:
    """Return all of it as JSON data; what never came to pass is null."""
    names = figures(silences)
    return {
        "schema": SCHEMA,
        "scenario": scenario,
        "seeds": [result.seed for result in silences[0].results],
        "channels": [
            {
                "silent": one.channel,
                "verdicts": dict(sorted(Counter(result.verdict for result in one.results).items())),
                "figures": {name: _figure(told) for name in names if (told := one.told(name)) is not None},
            }
            for one in silences
        ],
    }


def _figure(told: Times) -> Mapping[str, Any]:
    spread = {"p50": told.rank(0.5), "p95": told.rank(0.95), "max": told.rank(1.0)}
    return {**spread, "came": len(told.values), "runs": told.runs}

"""Weak points of an org as text and as JSON, and how two reports differ."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.text import Text

from twin.errors import UsageError
from twin.explore.weak_points import Loss, hidden

SCHEMA = 1
MUCH = 0.01
"""The share of all requests above which a loss is shown as a weak point."""


def document(scenario: str, seed: int, alone: Sequence[Loss], together: Sequence[Loss]) -> Mapping[str, Any]:
    """Return a report as JSON data, the worst first."""
    return {
        "schema": SCHEMA,
        "scenario": scenario,
        "seed": seed,
        "singles": [asdict(one) for one in sorted(alone, key=lambda one: one.rank)],
        "pairs": [asdict(one) | {"hidden": hidden(one, alone)} for one in sorted(together, key=lambda one: one.rank)],
    }


def lines(alone: Sequence[Loss], together: Sequence[Loss], most: int) -> Iterator[Text]:
    """Yield the worst blows, then the worst pairs that are worse than their two blows."""
    yield Text("lost requests  bad seconds  lost writes", style="dim")
    for loss in sorted(alone, key=lambda one: one.rank):
        yield _line(loss)
    more = [one for one in sorted(together, key=lambda one: one.rank) if hidden(one, alone)]
    if together:
        yield Text(f"{len(together)} pairs, {len(more)} of them worse than both one by one", style="bold")
    for loss in more[:most]:
        yield _line(loss)


def _line(loss: Loss) -> Text:
    if loss.failed:
        return Text(f"{'-':>13}  {'-':>11}  {'-':>11}  {' + '.join(loss.blows)}: {loss.failed}", style="dim")
    line = Text(f"{loss.lost:>13,}  {loss.seconds:>11g}  {loss.writes_lost:>11,}  ")
    line.append(" + ".join(loss.blows), style="bold red" if loss.lost > MUCH * loss.requests else "")
    if loss.lasting:
        line.append("  and it lasts", style="red")
    if loss.because:
        line.append(f"  {loss.because}", style="dim")
    return line


def read(file: Path) -> Mapping[str, Any]:
    """Read a saved report; UsageError when it is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise UsageError(f"{file}: {wrong}") from wrong
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or "singles" not in found:
        raise UsageError(f"{file} is no report of weak points")
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is worse, better, new, gone or more since an earlier report: the sign and the words.

    A loss has changed when it differs by more than a hundredth of the requests, or by any write. What is new and costs
    no more than that is `more`. Pairs are compared where both reports have some; UsageError for two scenarios.
    """
    if before.get("scenario") != after.get("scenario"):
        raise UsageError(f"the saved report is about {before.get('scenario')}, this one about {after.get('scenario')}")
    parts = ("singles", "pairs") if before.get("pairs") and after.get("pairs") else ("singles",)
    old, new = _by_name(before, parts), _by_name(after, parts)
    found: list[tuple[str, str]] = []
    for name, loss in new.items():
        told = f"{name}: {loss['lost']:,} requests, {loss['writes_lost']:,} writes lost"
        if name not in old:
            costs = int(loss["lost"]) > MUCH * int(loss["requests"]) or loss["writes_lost"]
            found.append(("new" if costs else "more", told))
            continue
        was = old[name]
        words = f"{told}; before {was['lost']:,} and {was['writes_lost']:,}"
        slack = MUCH * max(int(loss["requests"]), 1)
        change = int(loss["lost"]) - int(was["lost"]), int(loss["writes_lost"]) - int(was["writes_lost"])
        if change[0] > slack or change[1] > 0:
            found.append(("worse", words))
        elif change[0] < -slack or change[1] < 0:
            found.append(("better", words))
    found += [("gone", name) for name in old if name not in new]
    return found


def _by_name(report: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    return {" + ".join(one["blows"]): one for part in parts for one in report.get(part, ())}

"""PagerDuty's limits and defaults, from the data beside."""

import json
from pathlib import Path
from typing import Any

FIGURES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "figures.json").read_text())


def figure(name: str) -> int:
    """Return a figure: a count, or seconds."""
    told = FIGURES[name]
    return int(told["value"] if "value" in told else told["seconds"])


def figures(name: str) -> list[int]:
    """Return figures that belong together, in order."""
    return [int(one) for one in FIGURES[name]["values"]]

"""GitHub's limits and defaults, from the data beside."""

import json
from pathlib import Path
from typing import Any

FIGURES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "figures.json").read_text())


def figure(name: str) -> int:
    """Return a figure: a count, seconds, minutes or days, as its name says."""
    return int(FIGURES[name]["value"])

"""The scenarios that can be run: those in `scenarios` here, and those that ship with twin."""

from pathlib import Path
from typing import Any

from twin.cli.console import data, out, say
from twin.errors import SpecError
from twin.scenario import document as scenarios
from twin.spec.shipped import folder, scenario_id


def listed(*, as_json: bool) -> int:
    """Print them by id with their variants; of two with one id the one that is here is meant."""
    found: dict[str, dict[str, Any]] = {}
    for file in [*sorted(folder("scenarios").glob("*.yaml")), *sorted(Path("scenarios").glob("*.yaml"))]:
        try:
            loaded = scenarios.outline(file)
        except SpecError as wrong:
            say(f"{file} is left out: {wrong.diagnostics[0].message}; `twin run {file}` tells more")
            continue
        found[scenario_id(file) or file.stem] = {"title": loaded.title, "variants": list(loaded.variants)}
    found = dict(sorted(found.items()))
    if as_json:
        data({"schema": 1, "scenarios": found})
        return 0
    wide = max(map(len, found), default=0) + 2
    for name, item in found.items():
        out.print(f"{name:{wide}}{item['title']}")
        if item["variants"]:
            out.print(f"{'':{wide}}variants: {', '.join(item['variants'])}")
    return 0

"""The part of `bench/world.py` about time and copies of the bundled org's world: forks, a scenario, a quiet month.

`python bench/forks.py` prints its figures as JSON.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from twin.cli.bundled import find_scenario
from twin.cli.compiled import compile_file
from twin.engine.shelf import Shelf
from twin.scenario import document as scenarios
from twin.scenario.fork import in_forks
from twin.scenario.kept import stand
from twin.scenario.rehearsal import build, rehearse
from twin.spec.secrets import read_secret

SPEC = Path(__file__).parents[1] / "specs" / "mini-org.yaml"
DAY = 86_400
Figure = tuple[str, float, str, float]


def forks() -> list[Figure]:
    """Return each figure with its name, its unit and its goal."""
    scenario, values = scenarios.load(find_scenario("K1"))
    compiled = compile_file(SPEC, None)

    def secret(source: str) -> str:
        return read_secret(source, os.environ, SPEC.parent)

    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), b"k" * 32)
        given: dict[str, Any] = {"seed": scenario.seed, "read_secret": secret}
        build(compiled.desired, compiled.scope, **given)  # what is loaded once per process is nobody's figure
        built = _seconds(lambda: stand(compiled.desired, compiled.scope, **given, shelf=shelf))
        restored = _seconds(lambda: stand(compiled.desired, compiled.scope, **given, shelf=shelf))
        rehearsal = build(compiled.desired, compiled.scope, **given)
    aws: Any = rehearsal.target.systems["aws"]
    aws.client("iam").list_users()
    first = median(_seconds(lambda: list(in_forks([lambda: len(aws.client("iam").list_users())]))) for _ in range(9))
    run = median(_seconds(lambda: list(rehearse(scenario, values, rehearsal, [None]))) for _ in range(3))
    month = list(in_forks([lambda: _seconds(lambda: rehearsal.timeline.run(rehearsal.timeline.elapsed + 30 * DAY))]))
    return [
        ("build the org", built, "s", float("inf")),
        ("stand it up from the shelf", restored, "s", float("inf")),
        ("fork, and its first call", 1000 * first, "ms", 30.0),
        ("K1 on a fork", run, "s", 1.0),
        ("30 quiet days", month[0], "s", 1.0),
    ]


def _seconds(work: Callable[[], Any]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    json.dump(forks(), sys.stdout)

"""Measures customers' requests on the virtual clock: `python bench/traffic.py [--json]`.

The bundled org stands once; 30 minutes of its customers at ticks of one second are played on it, in peace and while a
zone dies. The time is the whole run's CPU time: reads of the org through its API, decisions, draws, and the world's own
tasks, Auto Scaling's and the database's among them.
Then every single failure of the org is tried for 20 minutes each.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from rich.console import Console
from rich.table import Table

from twin.cli.compiled import compile_file
from twin.explore.blows import blows
from twin.explore.weak_points import prepare, singles
from twin.scenario.document import FaultSpec, Scenario, load
from twin.scenario.fork import in_forks
from twin.scenario.play import Play
from twin.scenario.rehearsal import Rehearsal, build, stage_of
from twin.spec.secrets import read_secret

ROOT = Path(__file__).parents[1]
GOALS = {"peace": 1.0, "a zone dies": 1.0, "all single faults": 60.0}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args(arguments)
    found = _measure()
    if told.json:
        sys.stdout.write(json.dumps({"schema": 1, "measured": found}) + "\n")
    else:
        _show(found)
    return 0 if all(one["seconds"] <= one["goal"] for one in found) else 1


def _measure() -> list[dict[str, Any]]:
    scenario, _ = load(ROOT / "scenarios" / "az_power_loss.yaml")
    calm = scenario.model_copy(update={"faults": {}, "converge": None, "duration": 1800.0})
    rehearsal = _stand(scenario)
    prepare(rehearsal)
    zone = {"kind": "zone-loss", "with": {"zone": "us-east-1a"}, "at": 300, "for": 900}
    dark = calm.model_copy(update={"faults": {"dark": FaultSpec.model_validate(zone)}})
    found = [_timed("peace", calm, rehearsal), _timed("a zone dies", dark, rehearsal)]
    begin, every = perf_counter(), blows(rehearsal.world)
    losses = list(singles(calm.model_copy(update={"duration": 1200.0}), rehearsal, every))
    seconds, asked = perf_counter() - begin, sum(loss.requests for loss in losses)
    return [*found, _row("all single faults", seconds, asked)]


def _stand(scenario: Scenario) -> Rehearsal:
    compiled = compile_file(ROOT / "specs" / scenario.spec, None)
    base = compiled.spec.path.parent
    return build(
        compiled.desired, compiled.scope, seed=scenario.seed,
        read_secret=lambda source: read_secret(source, os.environ, base),
    )  # fmt: skip


def _timed(name: str, scenario: Scenario, rehearsal: Rehearsal) -> dict[str, Any]:
    def run() -> tuple[float, int]:
        begin = process_time()
        play = Play(scenario, stage_of(scenario, rehearsal), list)
        failure = play.perform()
        if failure is not None:
            raise RuntimeError(failure)
        return process_time() - begin, int(play.figures()["customers.requests"])

    seconds, asked = min(in_forks([run, run, run], at_once=1))
    return _row(name, seconds, asked)


def _row(name: str, seconds: float, asked: int) -> dict[str, Any]:
    return {"what": name, "seconds": round(seconds, 3), "goal": GOALS[name], "requests": asked}


def _show(found: list[dict[str, Any]]) -> None:
    table = Table(title="Customers of the bundled org")
    for head in ("", "seconds", "goal", "requests"):
        table.add_column(head, justify="right" if head else "left")
    for one in found:
        table.add_row(one["what"], f"{one['seconds']:.2f}", f"{one['goal']:g}", f"{one['requests']:,}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

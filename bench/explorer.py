"""Measures the explorer on a big org: `python bench/explorer.py [--resources 10000] [--json]`.

Each figure is the wall time from what the user does to the paint that shows it: the screen is made as on a terminal,
and only its bytes go nowhere. The worst of some rounds is held against the goal.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter, process_time
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table as Printed
from textual.events import Key as Pressed
from textual.widgets import Input

from tui.app import Explorer
from tui.runs import Run
from tui.table import Table
from tui.views.timeline import TimelineView
from twin.address import Address
from twin.engine.plan import Change, Difference, Plan
from twin.resources.aws.kms import Key
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.sqs import Queue
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired
from twin.resources.scope import Scope
from twin.scenario.recording.journal import Event

GOALS = {"first paint": 150.0, "key to paint": 50.0, "filter": 50.0, "seek": 100.0}
EVENTS = 100_000
ROUNDS = 12
APART = 0.1
"""Seconds between two keys: about as fast as one types."""
SIZE = (120, 40)


@dataclass
class Paints:
    """When the screen was painted."""

    at: list[float] = field(default_factory=list)


class Measured(Explorer):
    """The explorer, which notes when it paints."""

    paints = Paints()

    def _display(self, screen: object, renderable: object) -> None:
        super()._display(screen, renderable)  # type: ignore[arg-type]
        self.paints.at.append(perf_counter())


def org(count: int) -> tuple[Plan, Desired]:
    """Return a plan of so many resources, a tenth of which are changed."""
    catalogue()
    wanted = Desired()
    key = wanted.add("data", Key(description="data at rest"), ("keys",))
    for number in range((count - 1) // 2):
        tags = {"team": f"team-{number % 40}"}
        wanted.add(
            f"bucket-{number:05}", Bucket(bucket=f"acme-{number}", policy={"Key": key.arn}, tags=tags), ("data",)
        )
        wanted.add(f"queue-{number:05}", Queue(name=f"acme-{number}"), ("data",))
    changes = tuple(_change(number, d.address, dict(d.values)) for number, d in enumerate(wanted))
    return Plan(
        Scope("acme", "prod", account="111122223333"), "spec", "observed", changes, spec_file="org.yaml"
    ), wanted


def _change(number: int, address: Address, fields: dict[str, object]) -> Change:
    if number % 10:
        return Change(address, "no-op", f"id-{number}", fields, fields)
    differences = (Difference("tags", before={}, after={"a": "b"}, cause="drift"),)
    return Change(address, "update", f"id-{number}", fields, fields, differences=differences, reason="drift")


def journal(count: int) -> Run:
    """Return a run of so many events."""
    kinds = (("traffic", "clients-1", "lost"), ("world", "world", "rds.failover"), ("faults", "world", "fault.began"))
    events = (Event(n * 0.5, *kinds[n % 3], {"number": n}) for n in range(count))
    return Run("big", None, "PASS", "PASS", "", 1, events=tuple(events))


class Took(NamedTuple):
    """Milliseconds by the clock, and of them those in which the explorer had a processor: the rest others had."""

    wall: float
    cpu: float


async def until_painted(act: Callable[[], Any], settled: Callable[[], bool]) -> Took:
    """Return the milliseconds from an act until, after the screen is as it should be, it was painted."""
    painted, begun, used = Measured.paints.at, perf_counter(), process_time()
    act()
    while not settled():
        await _turn(begun)
    before = len(painted)
    while len(painted) == before:
        await _turn(begun)
    return Took((painted[-1] - begun) * 1000, (process_time() - used) * 1000)


async def _turn(begun: float) -> None:
    await asyncio.sleep(0)
    if perf_counter() - begun > 10:
        raise TimeoutError("the screen was not painted within ten seconds")


async def measure(count: int) -> dict[str, list[Took]]:
    """Return what was measured, in milliseconds."""
    plan, wanted = org(count)
    app = Measured(plan, wanted, runs=[journal(EVENTS)])
    found: dict[str, list[Took]] = {name: [] for name in GOALS}
    begun, used = perf_counter(), process_time()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        found["start to first paint"] = [Took((Measured.paints.at[0] - begun) * 1000, (process_time() - used) * 1000)]
        await pilot.press("1")
        gc.collect()
        gc.freeze()
        table = app.query_one("#resources", Table)
        for _ in range(ROUNDS):
            found["first paint"].append(await until_painted(partial(table.fill, app.org.lines), lambda: True))
        table.focus()
        for key in ("j", "pagedown", "G", "k", "pageup", "g") * (ROUNDS // 6):
            await asyncio.sleep(APART)
            found["key to paint"].append(await _key(app, table, key))
        found["filter"] = await _filter(app, pilot.press, table)
        await pilot.press("4")
        view = app.query_one(TimelineView)
        for tenth in range(ROUNDS):
            await pilot.pause()
            t = EVENTS * 0.5 * ((tenth * 7) % ROUNDS) / ROUNDS + 1
            found["seek"].append(await until_painted(partial(setattr, view, "t", t), lambda: True))
    return found


async def _key(app: Explorer, table: Table, key: str) -> Took:
    before = table.cursor
    character = key if len(key) == 1 else None
    return await until_painted(lambda: app.post_message(Pressed(key, character)), lambda: table.cursor != before)


async def _filter(app: Explorer, press: Callable[..., Awaitable[None]], table: Table) -> list[Took]:
    await press("slash")
    box, found = app.query_one("#filter", Input), []
    for text in ("4", "42", "bucket 42", "!queue", "type:sqs", "state:drift", "tag:team-7", "~bckt99", "", "b", "zzz"):
        await asyncio.sleep(APART)
        wanted = len(app.org.matching(text))
        act, settled = partial(setattr, box, "value", text), partial(_shows, table, wanted)
        found.append(await until_painted(act, settled))
    return found


def _shows(table: Table, count: int) -> bool:
    return len(table.lines) == count


def main() -> int:
    """Measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = asyncio.run(measure(options.resources))
    if options.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        _print(found, options.resources)
    return 1 if any(max(took.wall for took in found[name]) > goal for name, goal in GOALS.items()) else 0


def _print(found: dict[str, list[Took]], count: int) -> None:
    made = Printed(box=None, title=f"{count:,} resources, {EVENTS:,} events", title_justify="left")
    for title in ("milliseconds", "median", "worst", "goal", "median of CPU"):
        made.add_column(title, justify="left" if title == "milliseconds" else "right")
    for name, values in found.items():
        goal = f"{GOALS[name]:.0f}" if name in GOALS else ""
        wall, cpu = (sorted(took[n] for took in values) for n in (0, 1))
        middle = len(values) // 2
        made.add_row(name, f"{wall[middle]:.1f}", f"{wall[-1]:.1f}", goal, f"{cpu[middle]:.1f}")
    Console().print(made)


if __name__ == "__main__":
    sys.exit(main())

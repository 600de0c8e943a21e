"""`twin crash`: ends the applier at every call of an org's apply and destroy, and shows that the next run mends it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.console import data, out, say
from twin.cli.never_live import never_live
from twin.cli.session import Compiled, compile_file
from twin.engine.state import Store

if TYPE_CHECKING:
    from twin.explore.crash_points import Survival


@click.command("crash")
@never_live
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="End at each Nth call only.")
@click.option("--seed", type=int, default=0, show_default=True, help="Where the recovery ends too.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each as JSON.")
def command(spec: Path, environment: str | None, every: int, seed: int, *, as_json: bool) -> int:
    """End the applier at each call: dead before it or after it, throttled, refused, cut off, its disk full.

    One that died is ended once more at each call of its recovery, until that is where the undisturbed run was. Exit 0:
    the run after that left no orphan, no double, no difference. 1: it left some, which are named.
    """
    compiled = compile_file(spec, environment)
    found = []
    for one in _survivals(compiled, every, seed):
        found.append(one)
        if not one.good and not as_json:
            out.print(f"✗ {one.verb} ended {one.moment} call {one.number}: {one.call}", style="red", markup=False)
            doubles = (f"double {name}" for name in one.doubles)
            for line in (*one.failed, *one.pending, *doubles, *(f"orphan {name}" for name in one.orphans)):
                out.print(f"    {line}", markup=False)
    lost = [one for one in found if not one.good]
    ends = sum(one.stands_for for one in found if one.moment != "never" and not one.again)
    calls = sum(one.number for one in found if one.moment == "never")
    twice = sum(bool(one.again) for one in found)
    if as_json:
        told = [_told(one) for one in lost]
        data({"schema": 1, "good": not lost, "calls": calls, "ends": ends, "twice": twice, "lost": told})
    else:
        say(_sum(found, f"{calls} calls, {ends} ends of the applier, {twice} more in its recovery"), style="bold")
    return 1 if lost else 0


def _sum(found: "list[Survival]", played: str) -> str:
    counts = {
        "orphans": sum(len(one.orphans) for one in found),
        "doubles": sum(len(one.doubles) for one in found),
        "differences": sum(len(one.pending) for one in found),
        "failures": sum(len(one.failed) for one in found),
    }
    return f"{played}: " + ", ".join(f"{count} {what}" for what, count in counts.items())


def _survivals(compiled: Compiled, every: int, seed: int) -> "Iterator[Survival]":
    from twin.explore.course import Course, Verb
    from twin.explore.crash_points import crash_points
    from twin.scenario.embedded import make_world
    from twin.scenario.rehearsal import build, target_of
    from twin.scenario.timeline import Timeline

    build(
        compiled.desired, compiled.scope, seed=seed, read_secret=compiled.secret
    )  # loads what each copy would load for itself
    timeline = Timeline()
    world = make_world(compiled.scope, seed=seed, clock=timeline)
    timeline.lead(world)
    verbs: tuple[Verb, ...] = ("apply", "destroy")
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder) / "state")
        for verb in verbs:
            say(f"{verb} of {compiled.spec.path.name} ({len(compiled.desired)} resources)")
            course = Course(compiled.desired, target_of(world, compiled.scope), compiled.secret, verb, world)
            yield from crash_points(course, store, every=every, seed=seed)


def _told(one: "Survival") -> dict[str, object]:
    return {name: getattr(one, name) for name in type(one).__slots__}

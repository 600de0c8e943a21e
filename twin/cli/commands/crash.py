"""`twin crash`: ends the applier at every call of an org's apply and destroy, and shows that the next run mends it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.compiled import Compiled, compile_file
from twin.cli.console import data, out, say
from twin.cli.never_live import never_live
from twin.engine.state import Store

if TYPE_CHECKING:
    from twin.explore.survival import Survival


@click.command("crash")
@never_live
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@click.option("--from", "before", type=click.Path(path_type=Path), help="What stands before: the spec as it was.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="End at each Nth call only.")
@click.option("--seed", type=int, default=0, show_default=True, help="Where the recovery ends too.")
@click.option("--markdown", "page", type=click.Path(path_type=Path), help="Write the counts as a page.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts, and what became of each, as JSON.")
def command(
    spec: Path, environment: str | None, before: Path | None, *, every: int, seed: int, page: Path | None, as_json: bool
) -> int:
    """End the applier at each call: dead before it or after it, throttled, refused, cut off, kept waiting, out of disk.

    One that died is ended once more at each call of its recovery, until that is where the undisturbed run was. Exit 0:
    the run after that left no orphan, no double, no difference. 1: it left some, which are named. With `--from` the
    org of that spec stands already, so that its updates and replacements are cut short.
    """
    from twin.report.survivals import document, heading, lines, markdown, sentence

    compiled = compile_file(spec, environment)
    stood = compile_file(before, environment) if before is not None else None
    found = []
    for one in _survivals(compiled, stood, every, seed):
        found.append(one)
        if not one.good and not as_json:
            out.print(f"✗ {heading(one)}", style="red", markup=False)
            for line in lines(one):
                out.print(f"    {line}", markup=False)
    if page is not None:
        named = f"{spec.name}, {environment}" if environment else spec.name
        page.write_text(markdown(found, named, every), encoding="utf-8")
    if as_json:
        data(document(found))
    else:
        say(sentence(found), style="bold")
    return 0 if all(one.good for one in found) else 1


def _survivals(compiled: Compiled, stood: Compiled | None, every: int, seed: int) -> "Iterator[Survival]":
    from twin.explore.course import Course, Verb
    from twin.explore.crash_points import crash_points
    from twin.explore.undisturbed import carry_out
    from twin.scenario.embedded import make_world
    from twin.scenario.rehearsal import build, target_of
    from twin.scenario.timeline import Timeline

    build(
        compiled.desired, compiled.scope, seed=seed, read_secret=compiled.secret
    )  # loads what each copy would load for itself
    timeline = Timeline()
    world = make_world(compiled.scope, seed=seed, clock=timeline)
    timeline.lead(world)
    target = target_of(world, compiled.scope)
    verbs: tuple[Verb, ...] = ("apply", "destroy")
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder) / "state")
        if stood is not None:
            carry_out(Course(stood.desired, target, stood.secret, "apply", world), store)
        for verb in verbs:
            say(f"{verb} of {compiled.spec.path.name} ({len(compiled.desired)} resources)")
            course = Course(compiled.desired, target, compiled.secret, verb, world)
            yield from crash_points(course, store, every=every, seed=seed)

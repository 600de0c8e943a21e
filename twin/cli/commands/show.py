"""`twin show`: draws the network of an org."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.console import out, say
from twin.cli.observed import Sight, planned_topology, sight_options, topology_of
from twin.cli.recalled import Recalled, recall_options
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.analysis.passage.passages import View
    from twin.report.picture.boxes import Marks, Picture

FORMS = ("svg", "mermaid", "text", "json")


@click.command("show")
@sight_options
@click.option("--topology", is_flag=True, required=True, help="The network: account, VPC, zone, subnet, resource.")
@click.option("--format", "form", type=click.Choice(FORMS), default="svg", show_default=True, help="How it is drawn.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--near", metavar="NAME", help="As text: what is around one thing, by its id or name.")
@click.option(
    "--depth", type=click.IntRange(1, 3), default=1, show_default=True, help="With --near: how many steps around it."
)
@click.option("--save", "file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write it there.")
@click.option(
    "--path", "way", nargs=2, metavar="FROM TO", help="Mark the way of packets, as twin paths --network does."
)
@click.option("--protocol", help="With --path: only these packets.")
@click.option("--port", help="With --path: only these packets.")
@click.option("--without", "fault", metavar="FAULT", help="Mark what zone:NAME, nat:ID, instance:ID, … takes with it.")
@click.option(
    "--before", metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
    help="Mark what has changed since that saved folder.",
)  # fmt: skip
@click.option("--planned", is_flag=True, help="Draw what SPEC would make, and mark what that changes in the target.")
@recall_options("topology", "form", "as_json", "near", "depth", "file", "way", "protocol", "port", "fault", "before")
def command(
    spec: Path | None, environment: str | None, target: str, *, snapshot: Path | None, regions: tuple[str, ...],
    topology: bool, form: str, as_json: bool, file: Path | None, way: tuple[str, str] | None, protocol: str | None,
    port: str | None, fault: str | None, before: Path | None, planned: bool, near: str | None, depth: int,
    then: Recalled | None,
) -> int:  # fmt: skip
    """Draw the network of SPEC, of the running twin, of live accounts, of a saved folder, or of a recorded run."""
    from twin.analysis.passage.passages import View
    from twin.cli.overlaying import change, marks_of
    from twin.report.picture.drawn import picture

    form = "json" if as_json else form
    if not topology:
        raise UsageError("--topology is what can be shown")
    if form != "json" and (near is None) == (form == "text"):
        raise UsageError("--format text draws what is around one thing: --near NAME; svg and mermaid draw everything")
    if sum(one is not None for one in (way, fault, before)) + planned > 1:
        raise UsageError("one of --path, --without, --before and --planned at a time")
    sight = Sight(spec, environment, target, snapshot, regions)
    view = _view(sight, then, planned=planned)
    drawn = picture(view, spec.stem if spec else snapshot.name if snapshot else then.name if then else "org")
    packets = {name: value for name, value in (("protocol", protocol), ("port", port)) if value is not None}
    if planned:
        marks = change(View(topology_of(sight)), drawn)
    elif then is not None and (way, fault, before) == (None, None, None):
        marks = _lost(then, view, drawn)
    else:
        marks = marks_of(view, drawn, (way, packets), fault=fault, before=before)
    text = _written(drawn, marks, form, near=near, depth=depth)
    if file is None:
        out.print(text, end="", markup=False, highlight=False, soft_wrap=True)
    else:
        file.write_text(text, "utf-8")
        say(f"drawn in {file}")
    return 0


def _view(sight: Sight, then: Recalled | None, *, planned: bool) -> "View":
    """Return the network that is meant: of an instant, of the spec, or of the target."""
    from twin.analysis.passage.passages import View

    if then is not None:
        say(f"as of {then.name}")
        return then.instants.network(then.t)
    return View(planned_topology(sight) if planned else topology_of(sight))


def _lost(then: Recalled, view: "View", drawn: "Picture") -> "Marks":
    """Mark what the instant has lost."""
    from twin.report.picture.losses import losses
    from twin.report.picture.recorded import instant

    return losses(view, drawn, instant(then.recording, then.t))


def _written(drawn: "Picture", marks: "Marks", form: str, *, near: str | None, depth: int) -> str:
    """Return a picture in a form, all of it or what is around one thing."""
    from twin.report.picture.document import document
    from twin.report.picture.neighbourhood import named, neighbourhood
    from twin.report.picture.terminal import around
    from twin.report.topology_mermaid import mermaid
    from twin.report.topology_svg import svg

    if form == "json":
        found = neighbourhood(drawn, named(drawn, near), depth) if near is not None else None
        return json.dumps(document(drawn, marks, found), indent=2, ensure_ascii=False) + "\n"
    if near is not None:
        return around(drawn, near, marks, depth=depth)
    return svg(drawn, marks) if form == "svg" else mermaid(drawn, marks)

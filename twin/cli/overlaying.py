"""What `twin show` lays over a picture, as its options say."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.analysis.passage.passages import View
    from twin.report.picture.boxes import Marks, Picture

Way = tuple[tuple[str, str] | None, Mapping[str, Any]]


def marks_of(view: "View", drawn: "Picture", way: Way, *, fault: str | None, before: Path | None) -> "Marks":
    """Return the marks of a way of packets, of a fault, or of a change; none when none is asked for."""
    from twin.analysis.passage.ends import ends
    from twin.analysis.passage.passages import Asked, View, passages
    from twin.observe.topology import observe
    from twin.report.picture.boxes import Marks
    from twin.report.picture.overlays import of_fault, of_passage

    names, packets = way
    if names is not None:
        asked = Asked(ends(view.topology, names[0]), ends(view.topology, names[1]), packets)
        try:
            return of_passage(drawn, passages(view, asked)[0])
        except ValueError as wrong:
            raise UsageError(str(wrong)) from wrong
    if fault is not None:
        return of_fault(view, drawn, fault)
    if before is not None:
        return change(View(observe(before)), drawn)
    return Marks()


def change(before: "View", drawn: "Picture") -> "Marks":
    """Return the marks of what is other in the picture than in a network before."""
    from twin.report.picture.drawn import picture
    from twin.report.picture.overlays import of_change

    return of_change(picture(before, drawn.root.title), drawn)

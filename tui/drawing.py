"""What the topology view says of its drawing: where it stands, what is laid over it, and the box under the cursor."""

from collections.abc import Sequence

from rich.text import Text

from tui.listing import Listing
from tui.palette import FAINT
from tui.states import DRIFT
from twin.analysis.passage.ends import INTERNET
from twin.report.picture.boxes import Box, Marks, Picture
from twin.report.picture.neighbourhood import DEEPEST, Neighbourhood
from twin.report.picture.terminal import beside, label


def titles(drawn: Picture, centres: Sequence[str]) -> list[str]:
    """Return the names of the last centres."""
    known = {box.id: box.title for box in drawn.root.all()}
    return [known.get(one, one) for one in centres[-3:]]


def caption(found: Neighbourhood, marks: Marks) -> str:
    """Say what is laid over the drawing, and how much of it is elsewhere."""
    if not marks.caption:
        return ""
    shown = {box.id for box in found.boxes()}
    marked = marks.dead | marks.hurt | set(marks.way)
    away = len(marked - shown)
    counts = f", {len(marks.dead)} lost, {len(marks.hurt)} hurt" if marks.dead else ""
    return f"  {marks.caption}{counts}{f', {away} elsewhere' if away else ''}"


def thing(found: Neighbourhood | None, box: Box | None, marks: Marks) -> Text:
    """Tell of a box, and of what is beside it that is not drawn."""
    if box is None or found is None:
        return Text("")
    told = Text.assemble((label(box, marks), "bold"), f"  {box.detail}", (f"  {box.id}", FAINT))
    far = beside(found, {one.id: one.title for one in found.boxes()})
    told.append(f"\nnot drawn: {', '.join(far)}" if far else "", FAINT)
    told.no_wrap, told.overflow = True, "ellipsis"
    return told


def same(before: Picture, drawn: Picture, box: str) -> str:
    """Return the box of another picture that has a name in common with one of this, the internet where none has."""
    if any(one.id == box for one in drawn.root.all()):
        return box
    names = (box, *(name for name, home in before.homes.items() if home == box))
    return next((drawn.home(name) for name in names if drawn.home(name)), INTERNET)


def around(found: Neighbourhood, names: Sequence[str], depth: int, *, marks: Marks) -> Text:
    """Say around what is drawn, how far, and what is laid over it."""
    head = Text(" › ".join(names), no_wrap=True, overflow="ellipsis")
    head.append(f"  depth {depth} of {DEEPEST}", FAINT)
    return head.append(caption(found, marks), DRIFT.colour)


def listing(found: Neighbourhood | None, marks: Marks) -> Listing:
    """Return the boxes that are drawn, each with its mark."""
    boxes = found.boxes() if found is not None else ()
    rows = [(box.kind, box.title, box.detail, box.id, marks.of(box.id)) for box in boxes]
    return Listing("topology", ("kind", "name", "detail", "id", "mark"), rows)

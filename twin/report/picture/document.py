"""A picture as JSON: its boxes, what each stands in and is marked with, and the lines between them."""

from collections.abc import Iterator
from typing import Any

from twin.report.picture.boxes import Box, Marks, Picture
from twin.report.picture.neighbourhood import FRAMES, Neighbourhood


def document(picture: Picture, marks: Marks, around: Neighbourhood | None = None) -> dict[str, Any]:
    """Return all of a picture, or what is around one thing of it."""
    near = {box.id for box in around.boxes()} if around is not None else None
    boxes = [one for one in _boxes(picture.root, "", marks) if near is None or one["id"] in near]
    lines = [
        {"from": line.start, "to": line.end, "kind": line.kind}
        for line in picture.lines
        if near is None or {line.start, line.end} <= near
    ]
    return {"schema": 1, "boxes": boxes, "lines": lines, "over": marks.caption, "way": list(marks.way),
            "gone": list(marks.gone)}  # fmt: skip


def _boxes(box: Box, place: str, marks: Marks) -> Iterator[dict[str, Any]]:
    frame = box.kind in FRAMES
    if not frame:
        yield {"id": box.id, "kind": box.kind, "name": box.title, "detail": box.detail, "in": place,
               "mark": marks.of(box.id)}  # fmt: skip
    for one in box.inside:
        yield from _boxes(one, place if frame else box.id, marks)

"""A picture as a Mermaid flowchart: subgraphs within subgraphs, the same text for the same picture."""

from collections.abc import Iterator
from itertools import pairwise

from twin.report.picture.boxes import Box, Marks, Picture

ARROWS = {
    "traffic": "-->", "dns": "-->|DNS|", "route": "-.->|way out|", "data": "-->|data|", "replication": "-.->|copies|",
    "private": "---|private link|",
}  # fmt: skip
CLASSES = {
    "dead": "fill:#fecaca,stroke:#b91c1c,color:#1f2937",
    "hurt": "fill:#fde68a,stroke:#b45309,color:#1f2937",
    "added": "fill:#bbf7d0,stroke:#15803d,color:#1f2937",
    "changed": "fill:#bfdbfe,stroke:#1d4ed8,color:#1f2937",
    "way": "stroke:#dc2626,stroke-width:3px",
}


def mermaid(picture: Picture, marks: Marks | None = None) -> str:
    """Return the picture as Mermaid text; every box has a name of its own, from the outside in."""
    marks = marks or Marks()
    names = {box.id: f"b{number}" for number, box in enumerate(picture.root.all())}
    body = ["flowchart TB"]
    notes = [marks.caption, f"gone: {', '.join(marks.gone)}" if marks.gone else ""]
    body += [f"  %% {_plain(note)}" for note in notes if note]
    body += _box(picture.root, names, "  ")
    for line in picture.lines:
        if line.start in names and line.end in names:
            body.append(f"  {names[line.start]} {ARROWS[line.kind]} {names[line.end]}")
    stops = [names[one] for one in marks.way if one in names]
    body += [f"  {start} ==>|{number}| {end}" for number, (start, end) in enumerate(pairwise(stops), 1)]
    marked: dict[str, list[str]] = {}
    for box in picture.root.all():
        if mark := marks.of(box.id):
            marked.setdefault(mark, []).append(names[box.id])
    for mark, boxes in sorted(marked.items()):
        body.append(f"  classDef {mark} {CLASSES[mark]}")
        body.append(f"  class {','.join(boxes)} {mark}")
    return "\n".join([*body, ""])


def _box(box: Box, names: dict[str, str], indent: str) -> Iterator[str]:
    if box.kind == "strip" and not box.title:
        for one in box.inside:
            yield from _box(one, names, indent)
        return
    if not box.inside:
        detail = f"<br/>{_plain(box.detail)}" if box.detail else ""
        yield f'{indent}{names[box.id]}["{_plain(box.title)}{detail}"]'
        return
    yield f'{indent}subgraph {names[box.id]}["{_plain(box.title)}"]'
    for one in box.inside:
        yield from _box(one, names, f"{indent}  ")
    yield f"{indent}end"


def _plain(text: str) -> str:
    """Write a text so that Mermaid takes it for one: its own signs as entities."""
    for sign, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("\n", " ")):
        text = text.replace(sign, entity)
    return text

"""A picture as SVG: one file, readable on light and dark, the same bytes for the same picture."""

from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from twin.report.picture.boxes import Line, Marks, Picture
from twin.report.picture.layout import CHARACTER, GAP, LINE, PAD, TITLE, Layout, Placed, shortened

FACE = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
LIGHT = {
    "bg": "#ffffff", "ink": "#1f2937", "soft": "#6b7280", "rim": "#9ca3af", "org": "#f9fafb", "vpc": "#eef6ff",
    "public": "#ecfdf3", "private": "#f5f3ff", "zone": "#ffffff", "thing": "#ffffff", "traffic": "#2563eb",
    "dns": "#d97706", "route": "#9ca3af", "data": "#7c3aed", "replication": "#059669", "private-line": "#64748b",
    "way": "#dc2626", "dead": "#fecaca", "hurt": "#fde68a", "added": "#bbf7d0", "changed": "#bfdbfe",
}  # fmt: skip
DARK = {
    "bg": "#0d1117", "ink": "#e6edf3", "soft": "#9da7b3", "rim": "#57606a", "org": "#11161d", "vpc": "#0f1c2e",
    "public": "#0f2318", "private": "#1b1730", "zone": "#0d1117", "thing": "#161b22", "traffic": "#58a6ff",
    "dns": "#e3a008", "route": "#6e7681", "data": "#b392f0", "replication": "#3fb950", "private-line": "#8b949e",
    "way": "#ff7b72", "dead": "#5c1f1f", "hurt": "#544014", "added": "#12422a", "changed": "#15345c",
}  # fmt: skip
RULES = """\
text {{ fill: {ink}; font: 11px {face}; }}
.title {{ font-weight: bold; }} .soft {{ fill: {soft}; }}
rect {{ fill: {thing}; stroke: {rim}; }}
.org {{ fill: {bg}; }} .account {{ fill: {org}; }} .vpc {{ fill: {vpc}; }}
.zone {{ fill: {zone}; stroke-dasharray: 4 3; }}
.public {{ fill: {public}; }} .private {{ fill: {private}; }}
path {{ fill: none; stroke-width: 1.4; opacity: 0.8; }}
.traffic {{ stroke: {traffic}; }} .dns {{ stroke: {dns}; }} .route {{ stroke: {route}; stroke-dasharray: 3 3; }}
.data {{ stroke: {data}; }} .replication {{ stroke: {replication}; stroke-dasharray: 6 3; }}
.line.private {{ fill: none; stroke: {private-line}; }}
.dead {{ fill: {dead}; }} .hurt {{ fill: {hurt}; }} .added {{ fill: {added}; }} .changed {{ fill: {changed}; }}
rect.way {{ stroke: {way}; stroke-width: 2.5; }} path.way {{ stroke: {way}; stroke-width: 3; opacity: 1; }}
circle {{ fill: {way}; }} .step {{ fill: {bg}; font-weight: bold; text-anchor: middle; }}
"""
LEGEND = (
    ("traffic", "traffic"), ("dns", "DNS"), ("route", "way out"), ("data", "may reach data"),
    ("replication", "copies"), ("private", "private link"),
)  # fmt: skip
MARKED = (("dead", "lost"), ("hurt", "touched"), ("added", "new"), ("changed", "changed"))
SWATCH, LEGEND_HEIGHT, STEP, ARCH = 22.0, 30.0, 8.0, 26.0


def svg(picture: Picture, marks: Marks | None = None) -> str:
    """Return the picture as an SVG document."""
    marks = marks or Marks()
    layout = Layout(picture.root)
    root = layout.placed[picture.root.id]
    notes = list(_notes(picture, marks))
    width = max(root.x + root.width, *(len(text) * CHARACTER + 2 * GAP for text in notes), _legend_width()) + GAP
    height = root.y + root.height + GAP + LEGEND_HEIGHT + LINE * len(notes)
    body = [f'<rect class="org" x="0" y="0" width="{width:.1f}" height="{height:.1f}" stroke="none"/>']
    places = [one for one in layout.placed.values() if one.box.inside]
    things = [one for one in layout.placed.values() if not one.box.inside]
    # Lines run above places and below things and words, which stay readable.
    body += [_frame(one, marks) for one in places if one.box.kind != "strip"]
    body += [_line(line, layout) for line in picture.lines if line.start in layout.placed and line.end in layout.placed]
    body += [_text(one.x + PAD, one.y + TITLE - 7, "title", one.box.title) for one in places if one.box.title]
    body += [part for one in things for part in _thing(one, marks)]
    body += _way(marks, layout)
    body += _legend(root.y + root.height + GAP, notes, marks)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
    head += f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label={quoteattr(picture.root.title)}>'
    dark = f"@media (prefers-color-scheme: dark) {{\n{RULES.format(face=FACE, **DARK)}}}\n"
    return "\n".join([head, f"<style>\n{RULES.format(face=FACE, **LIGHT)}{dark}</style>", *body, "</svg>", ""])


def _frame(placed: Placed, marks: Marks) -> str:
    kind = f"{placed.box.kind} {marks.of(placed.box.id)}".strip()
    place = f'x="{placed.x}" y="{placed.y}" width="{placed.width}" height="{placed.height}"'
    return f'<rect class="{kind}" {place} rx="5"><title>{escape(placed.box.id)}</title></rect>'


def _thing(placed: Placed, marks: Marks) -> Iterator[str]:
    yield _frame(placed, marks)
    yield _text(placed.x + PAD, placed.y + LINE, "title", shortened(placed.box.title))
    if placed.box.detail:
        yield _text(placed.x + PAD, placed.y + 2 * LINE, "soft", shortened(placed.box.detail))


def _text(x: float, y: float, kind: str, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _line(line: Line, layout: Layout) -> str:
    return f'<path class="line {line.kind}" d="{_curve(layout.placed[line.start], layout.placed[line.end])}"/>'


def _curve(start: Placed, end: Placed) -> str:
    """Return a curve from the border of one box to that of the other: sideways when they stand side by side."""
    (x1, y1), (x2, y2) = start.middle, end.middle
    if start.y + start.height <= end.y or end.y + end.height <= start.y:
        down = 1 if y2 > y1 else -1
        y1, y2 = y1 + down * start.height / 2, y2 - down * end.height / 2
        bend = (y2 - y1) / 2
        return f"M{x1:.1f} {y1:.1f} C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
    if abs(x2 - x1) > (start.width + end.width) / 2 + 2 * GAP and start.y == end.y:
        top = start.y - ARCH  # over what stands between them
        return f"M{x1:.1f} {start.y:.1f} C{x1:.1f} {top:.1f} {x2:.1f} {top:.1f} {x2:.1f} {end.y:.1f}"
    right = 1 if x2 > x1 else -1
    x1, x2 = x1 + right * start.width / 2, x2 - right * end.width / 2
    bend = (x2 - x1) / 2
    return f"M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"


def _way(marks: Marks, layout: Layout) -> Iterator[str]:
    """Yield a packet's way: its lines, and the number of each box on it."""
    stops = [layout.placed[one] for one in marks.way if one in layout.placed]
    for start, end in pairwise(stops):
        yield f'<path class="way" d="{_curve(start, end)}"/>'
    for number, stop in enumerate(stops, 1):
        x, y = stop.x + stop.width, stop.y
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{STEP}"/>'
        yield _text(x, y + 4, "step", str(number))


def _notes(picture: Picture, marks: Marks) -> Iterator[str]:
    if marks.caption:
        yield marks.caption
    if marks.gone:
        yield f"gone: {', '.join(marks.gone)}"
    if marks.way:
        titles = {box.id: box.title for box in picture.root.all()}
        yield "way: " + " > ".join(titles[one] for one in marks.way if one in titles)


def _legend_width() -> float:
    words = (*LEGEND, *MARKED)
    return sum(SWATCH + len(text) * CHARACTER + GAP for _, text in words) + GAP


def _legend(top: float, notes: list[str], marks: Marks) -> Iterator[str]:
    x, y = GAP, top + LINE
    for kind, text in LEGEND:
        yield f'<path class="line {kind}" d="M{x:.1f} {y - 4:.1f} L{x + SWATCH - 6:.1f} {y - 4:.1f}"/>'
        yield _text(x + SWATCH, y, "soft", text)
        x += SWATCH + len(text) * CHARACTER + GAP
    for kind, text in MARKED:
        if getattr(marks, kind):
            yield f'<rect class="{kind}" x="{x:.1f}" y="{y - 11:.1f}" width="14" height="14" rx="3"/>'
            yield _text(x + SWATCH, y, "soft", text)
            x += SWATCH + len(text) * CHARACTER + GAP
    for number, text in enumerate(notes, 1):
        yield _text(GAP, y + number * LINE, "title", text)

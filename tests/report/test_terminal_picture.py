"""A neighbourhood as text: every box once, lines from box to box, marks that read without colour."""

import pytest
from small_network import topology

from twin.analysis.passage.passages import View
from twin.errors import UsageError
from twin.report.picture.boxes import Box, Marks, Picture
from twin.report.picture.drawn import picture
from twin.report.picture.neighbourhood import edges, named, neighbourhood
from twin.report.picture.overlays import of_fault
from twin.report.picture.terminal import around, draw

FRONT = """\
┌─────────────────────────┐                              ┌────────────────┐
│ Cloudflare acme.example │─┐    ┏━━━━━━━━━━━━━━━━┓ ┌───▶│ instance web-a │
└─────────────────────────┘ └┬──▶┃ balancer front ┃─┤    └────────────────┘
┌─────────────────────────┐  │   ┗━━━━━━━━━━━━━━━━┛ │    ┌────────────────┐
│ VPC main 10.0.0.0/16    │──┘                      └───▶│ instance web-b │
└─────────────────────────┘                              └────────────────┘
"""


@pytest.fixture(scope="module")
def view() -> View:
    """A network of two zones."""
    return View(topology())


@pytest.fixture(scope="module")
def drawn(view: View) -> Picture:
    """Its picture."""
    return picture(view, "small org")


def test_a_balancer_stands_between_what_leads_to_it_and_its_targets(drawn: Picture) -> None:
    """The same text for the same network."""
    assert around(drawn, "front", Marks(), depth=1) == FRONT


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_no_box_covers_another_and_each_is_there_once(drawn: Picture, depth: int) -> None:
    """Of every centre: boxes of one column do not meet, columns neither, and none is further than the depth."""
    for centre in (box for box in drawn.root.all() if box.kind not in ("strip", "org")):
        found = neighbourhood(drawn, centre.id, depth)
        made = draw(found)
        spots = [
            (x, y)
            for place in made.places.values()
            for x in range(place.x, place.x + place.width)
            for y in range(place.y, place.y + 3)
        ]
        assert len(spots) == len(set(spots))
        assert max(abs(number) for number in found.columns) <= depth
        assert len(made.places) == len(list(found.boxes()))
        assert {len("".join(text for text, _ in made.line(y))) for y in range(made.height)} == {made.width}


def test_more_depth_never_loses_a_box(drawn: Picture) -> None:
    """What is within one step is within two."""
    one, two = (neighbourhood(drawn, "front", depth) for depth in (1, 2))
    assert {box.id for box in one.boxes()} < {box.id for box in two.boxes()}
    assert set(one.edges) <= set(edges(drawn))


def test_marks_read_without_colour(view: View, drawn: Picture) -> None:
    """What is lost has a double border and a sign, what is hurt a broken one; the caption says what it is."""
    text = around(drawn, "front", of_fault(view, drawn, "instance:i-web-a"), depth=1)
    assert "║ ✗ instance web-a ║" in text
    assert "╎ ! balancer front ╎" in text
    assert "│ instance web-b" in text
    assert text.endswith("without instance:i-web-a\n")


def test_long_names_are_cut_and_wide_letters_count_twice() -> None:
    """No line is longer than the drawing."""
    boxes = tuple(Box(f"i-{n}", "instance", "東京" * 20) for n in range(2))
    made = draw(neighbourhood(Picture(Box("vpc-1", "vpc", "main", inside=boxes)), "vpc-1", 1))
    assert all("…" in line for line in list(made.lines())[1::3])


def test_names_are_found_or_refused(drawn: Picture) -> None:
    """By id, by name, by a part that only one has; what several have is said with their names."""
    assert named(drawn, "i-web-a") == named(drawn, "web-a") == "i-web-a"
    with pytest.raises(UsageError, match="is one of"):
        named(drawn, "subnet")
    with pytest.raises(UsageError, match="is not drawn"):
        neighbourhood(drawn, "zones of vpc-1", 1)

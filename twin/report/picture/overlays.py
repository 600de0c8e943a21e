"""What is laid over a picture: a packet's way, a fault's blast radius, a change."""

from twin.analysis.exposure.blast import blast
from twin.analysis.passage.passages import Passage, View
from twin.report.picture.boxes import Box, Marks, Picture

WHOLES = ("balancer", "function", "cluster")
"""Kinds of which one box stands for parts in several zones."""


def of_passage(picture: Picture, passage: Passage) -> Marks:
    """Mark the boxes that a passage goes through, in order; where it ends, when it does not get there."""
    stops = [picture.home(passage.start.id)]
    for leg in passage.legs:
        stops += [picture.home(hop.at) for hop in leg.decision.path]
    places = {box.id for box in picture.root.all() if box.inside}
    ordered = [one for one in stops if one and one not in places]
    way = tuple(one for number, one in enumerate(ordered) if number == 0 or ordered[number - 1] != one)
    end = "" if passage.open else f": {passage.legs[-1].decision.because}"
    return Marks(f"{passage.start} to {passage.goal}{end}", way)


def of_fault(view: View, picture: Picture, fault: str) -> Marks:
    """Mark what a fault takes and what it touches."""
    found = blast(view, fault)
    homes = {box.id for box in picture.root.all()}
    dead = {picture.home(one) or one for one in found.dead} & homes
    hurt = {picture.home(one) or one for one in found.hurt} & homes
    spared = {box.id for box in picture.root.all() if box.kind in ("vpc", "account", "org")}
    # A box that stands for a whole is hurt when a part of it is dead, unless it is the fault's own.
    wholes = {box.id for box in picture.root.all() if box.kind in WHOLES and box.id not in found.dead}
    dead -= spared | wholes
    return Marks(f"without {fault}", dead=frozenset(dead), hurt=frozenset(hurt - spared - dead))


def of_change(before: Picture, after: Picture) -> Marks:
    """Mark what a change adds and alters, and name what it takes away; things are known by kind, name and place."""
    old, new = _known(before.root), _known(after.root)
    added = {box.id for key, box in new.items() if key not in old}
    changed = {box.id for key, box in new.items() if key in old and _said(box) != _said(old[key])}
    gone = tuple(sorted(box.title for key, box in old.items() if key not in new))
    return Marks("what changes", added=frozenset(added), changed=frozenset(changed), gone=gone)


Key = tuple[str, ...]


def _known(box: Box, above: Key = ()) -> dict[Key, Box]:
    """Return every box that is not only a frame by its place: the names from the outside in."""
    kind = box.kind.split()[0]
    # Of a place the name counts: blocks beside it may change.
    words = box.title.removeprefix("VPC ").split() if kind in ("vpc", "subnet") else [box.title]
    key = (*above, kind, words[0])
    key = above if box.kind == "strip" else key
    found = {} if box.kind == "strip" else {key: box}
    for one in box.inside:
        for name, inner in _known(one, key).items():
            number = 2
            while (*name, str(number)) in found:
                number += 1
            found[(*name, str(number)) if name in found else name] = inner
    return found


def _said(box: Box) -> tuple[str, str]:
    return box.title, box.detail

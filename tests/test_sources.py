"""Figures and choices from outside say where they come from, and own up to it where they come from nowhere."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from twin.data_files import read_yaml

TWIN = Path(__file__).parents[1] / "twin"
ROOTS = ("world", "scenario", "analysis", "promote")
OWN = "our assumption"
PLACE = re.compile(r"https://|\w/\w|botocore|openapi|page above")
READERS: dict[str, Callable[[str], Any]] = {".yaml": read_yaml, ".json": json.loads}


def claims(node: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield each thing that says when its source was read: where it stands, its source, the day or `assumed`."""
    if isinstance(node, list):
        for position, one in enumerate(node):
            yield from claims(one, f"{path}.{position}")
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "read" and not isinstance(value, list) and "source" in node:
                source = node["source"]
                yield path, " ".join(source) if isinstance(source, list) else str(source), str(value)
            elif (source := node.get(f"{str(name).removesuffix('_read')}_source")) and name.endswith("_read"):
                yield f"{path}.{name}", str(source), str(value)
            yield from claims(value, f"{path}.{name}")


def amiss(claimed: Iterator[tuple[str, str, str]]) -> list[str]:
    """Name what passes an assumption off as read, or was read nowhere that one could look."""
    return [
        f"{place}: {source}"
        for place, source, read in claimed
        if source.startswith(OWN) != (read == "assumed") or (read != "assumed" and not PLACE.search(source))
    ]


def test_assumption_never_looks_as_if_it_had_been_read():
    """Each source that nobody read begins by saying that it is our assumption; each that was read can be looked up."""
    found = [
        claim
        for root in ROOTS
        for file in sorted((TWIN / root).rglob("*"))
        if file.suffix in READERS
        for claim in claims(READERS[file.suffix](file.read_text("utf-8")), str(file.relative_to(TWIN)))
    ]
    assert len(found) > 250
    assert amiss(iter(found)) == []


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("https://docs.example/page.html", "assumed"),
        ("https://docs.example/page.html (our assumption)", "assumed"),
        ("our assumption; no figure documented", "2026-11-29"),
        ("what everybody knows", "2026-11-29"),
    ],
)
def test_source_that_is_passed_off_is_found(source, read):
    """A page that nobody read, an assumption with a day, and a day without a page each count as amiss."""
    assert amiss(claims({"it": {"seconds": 5, "source": source, "read": read}}, "x"))
    assert amiss(claims({"all": [1], "all_source": source, "all_read": read}, "x"))

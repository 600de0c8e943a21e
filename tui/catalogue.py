"""The scenarios that can be run, as their files tell them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from twin.errors import SpecError
from twin.scenario import document as scenarios


@dataclass(frozen=True, slots=True)
class Item:
    """A scenario: what it is about, the steps of its runbook, its variants with the verdicts that they must have."""

    id: str
    title: str
    about: str
    file: Path
    steps: tuple[str, ...]
    variants: Mapping[str, tuple[str, str]]
    wrong: str = ""
    """Why its file is none, where that is so."""


def read(files: Iterable[Path]) -> list[Item]:
    """Return the scenarios of some files by id; one without a form goes by its file's name, with what is wrong."""
    found = []
    for file in files:
        try:
            loaded = scenarios.outline(file)
        except SpecError as wrong:
            why = "; ".join(one.message for one in wrong.diagnostics)
            found.append(Item(file.stem, "what is wrong stands beside it", "", file, (), {}, why))
            continue
        variants = {name: (variant.title, variant.verdict) for name, variant in loaded.variants.items()}
        steps = tuple(loaded.runbook or ())
        found.append(Item(loaded.id, loaded.title, loaded.about, file, steps, variants))
    return sorted(found, key=lambda item: item.id)

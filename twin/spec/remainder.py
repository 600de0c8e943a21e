"""What of a broken spec is right, so that the later checks can look at it too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from twin.diagnostics import Diagnostic, Span
from twin.errors import SpecError
from twin.spec.document import Document
from twin.spec.load import Spec, abroad, digest
from twin.spec.located import Located, Step
from twin.spec.model import Org
from twin.spec.model.reference import Context
from twin.spec.model.section import PROBLEMS, Section
from twin.spec.overlay import environments, patched, select
from twin.spec.problems import KEY, Path, model_at, place, translate

LEFT_OUT = "TW0118"
OF_ABSENCE = ("TW0711", "TW0717", "TW0731", "TW0732", "TW0735", "TW0736", "TW0737", "TW0740")
"""What is said where something is missing, which may be what was left out."""
ROUNDS = 20
"""How often what refers to what was left out is left out too."""
SHOWN = 8
STAND_INS: Mapping[Path, str | int] = {
    ("version",): 1,
    ("org", "name"): "stand-in",
    ("org", "domain"): "stand-in.example",
    ("org", "contact"): "somebody@stand-in.example",
    ("aws", "account"): "000000000000",
    ("aws", "alias"): "stand-in",
}
"""What takes the place of a value that no spec can be without; a Region is not among them, as zones follow from it."""


@dataclass(frozen=True)
class Remainder:
    """A good spec, made of a broken one by leaving out `lost`; `found` is what its sections say now of themselves."""

    spec: Spec
    whole: Located
    lost: tuple[Path, ...]
    doubtful: tuple[Path, ...]
    """What was put right in a way that may not be what is meant."""
    found: tuple[Diagnostic, ...]

    def judges(self, diagnostic: Diagnostic) -> bool:
        """Tell whether a diagnostic of the remainder is one of the whole: it is not about what lost a part."""
        if diagnostic.code in OF_ABSENCE and any(self._held_more(path) for path in self.lost):
            return False
        at = diagnostic.span
        owners = (self.whole.find(owner) for path in (*self.lost, *self.doubtful) if (owner := self._owner(path)))
        return at is None or not any(_holds(owner, at) for owner in owners if owner is not None)

    def note(self) -> Iterator[Diagnostic]:
        """Say what could not be checked further, at the first of it."""
        paths = dict.fromkeys(self._owner(path) or path for path in self.lost)
        tops = [path for path in paths if not any(path[:end] in paths for end in range(1, len(path)))]
        if tops:
            tops.sort(key=lambda path: place(self.whole, path).line)
            names = [f"`{'.'.join(map(str, path))}`" for path in tops[:SHOWN]]
            more = f" and {len(tops) - SHOWN} more" if tops[SHOWN:] else ""
            message = f"not checked further until it is mended: {', '.join(names)}{more}"
            yield Diagnostic(LEFT_OUT, message, place(self.whole, tops[0]), severity="note")

    def _held_more(self, path: Path) -> bool:
        """Tell whether what was left out may have declared something."""
        found = self.whole.find(path)
        return found is None or isinstance(found.value, tuple | Mapping) or model_at(path) is not None

    def _owner(self, path: Path) -> Path:
        """Return the item, or the section, of which a part was left out; empty where that is the spec itself."""
        ends = (end for end in range(len(path), 0, -1) if isinstance(path[end - 1], str))
        return next((path[:end] for end in ends if model_at(path[:end]) and not _of_section(path[:end])), path[:-1])


def remainder(
    document: Document, file: File, environment: str | None, *, environ: Mapping[str, str] | None,
    patch: Located | None = None,
) -> Remainder | None:  # fmt: skip
    """Leave out of a broken spec whatever is wrong, and what refers to it; None when that leaves none."""
    assert document.root is not None
    try:
        whole, chosen = select(document.root, environment)
    except SpecError:
        return None
    whole = patched(whole, patch, []) if patch is not None else whole
    root, lost, doubtful, found = whole, dict[Path, None](), dict[Path, None](), list[Diagnostic]()
    for number in range(ROUNDS):
        try:
            org = Org.model_validate(root.plain(), context=Context(root, environ, file.parent))
            break
        except ValidationError as error:
            details = error.errors(include_url=False)
        if number:
            found += [one for detail in details for one in _of_intact(detail, lost, root, document.text)]
        changes = _changes(root, details)
        if changes is None:
            return None
        lost |= dict.fromkeys(path for path, value in changes.items() if value is None)
        doubtful |= dict.fromkeys(path for path, value in changes.items() if value is not None)
        for path in sorted(changes, key=lambda one: [str(step).zfill(6) for step in one], reverse=True):
            root = _changed(root, path, changes[path])
    else:
        return None
    spec = Spec(org, document, root, chosen, environments(document.root), file, digest(root.plain()))
    there = {name: abroad(spec, name, environ, []) for name in org.regions}
    lost |= dict.fromkeys(("regions", name) for name, one in there.items() if one is None)
    spec = replace(spec, regions={name: one for name, one in there.items() if one is not None})
    return Remainder(spec, whole, tuple(lost), tuple(doubtful), tuple(found))


def _of_intact(detail: ErrorDetails, lost: Mapping[Path, None], root: Located, text: str) -> Iterator[Diagnostic]:
    """Yield what a section says of itself that lost nothing; what else is new comes of what was left out."""
    if detail["type"] == PROBLEMS and not any(path[: len(detail["loc"])] == detail["loc"] for path in lost):
        yield from translate(detail, root, text)


def _changes(root: Located, details: Sequence[ErrorDetails]) -> dict[Path, Located | None] | None:
    """Return what to put where, None for what to leave out, so that an error is gone; None where nothing helps."""
    changes: dict[Path, Located | None] = {}
    for detail in details:
        for path in _places(detail):
            if (value := _instead(detail, path, root)) is not None:
                changes[path] = value
            elif (gone := _removable(root, path)) is not None:
                changes[gone] = None
            else:
                return None
    return changes


def _places(detail: ErrorDetails) -> Iterator[Path]:
    """Yield the paths that an error is about."""
    at = detail["loc"]
    if detail["type"] == PROBLEMS:
        yield from ((*at, *problem.path) for problem in detail["ctx"][PROBLEMS])
    else:
        yield at[:-1] if at and at[-1] == KEY else at


def _instead(detail: ErrorDetails, path: Path, root: Located) -> Located | None:
    """Return what a value may mean, or what stands in for one that cannot be left out."""
    found, value = root.find(path), detail["input"]
    near = (found or root.nearest(path)).span
    if detail["type"] == "string_type" and type(value) is int:
        return Located(str(value).zfill(12) if path == ("aws", "account") else str(value), near)
    standing = STAND_INS.get(path)
    return Located(standing, near) if standing is not None and root.find(path[:-1]) is not None else None


def _removable(root: Located, path: Path) -> Path | None:
    """Return the path itself, or the nearest one above it that a spec can be without."""
    for end in range(len(path), 0, -1):
        way = path[:end]
        if root.find(way) is not None and not _required(way):
            return way
    return None


def _required(path: Path) -> bool:
    model: Any = model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model is not None else None
    return field is not None and field.is_required()


def _of_section(path: Path) -> bool:
    """Tell whether the last step of a path is a field of a section, and no item that the user named or listed."""
    model = model_at(path[:-1])
    return model is not None and issubclass(model, Section)


def _changed(here: Located, path: Sequence[Step], value: Located | None) -> Located:
    """Return a tree with another value at the end of a path, or without it."""
    step, rest = path[0], path[1:]
    below = here.get(step)
    if rest and below is None:
        return here  # it went with what it was part of
    new = _changed(below, rest, value) if rest and below is not None else value
    if isinstance(here.value, tuple):
        items = [(item if number != step else new) for number, item in enumerate(here.value)]
        return replace(here, value=tuple(item for item in items if item is not None))
    children = {**here.children, str(step): new}
    return replace(here, value={key: child for key, child in children.items() if child is not None})


def _holds(owner: Located, at: Span) -> bool:
    """Tell whether a place is within a value or at its key."""
    first, last = owner.anchor, owner.span
    return at.file == first.file and (first.line, first.column) <= (at.line, at.column) < (
        last.end_line, last.end_column,
    )  # fmt: skip

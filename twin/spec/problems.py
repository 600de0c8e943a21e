"""Validation errors of the intent model as diagnostics, each at its place in the file."""

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from twin.diagnostics import Diagnostic, Span
from twin.spec.described import meanings
from twin.spec.document import LINE_BREAK
from twin.spec.located import Located, Step
from twin.spec.model import Org
from twin.spec.model.section import PROBLEMS, Problem, Section
from twin.spec.suggest import nearest, suggestion

KEY = "[key]"
WRITTEN_OUT = "TW0210"
EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
DATES = ("date_from_datetime_parsing", "date_parsing", "date_type")
SHOWN = 8
SECTION_DEPTH = 2
"""How deep a key stands at most that may be one of another section."""
MEANT = 2
"""In how many sections it may be one, to be named."""
Path = tuple[Step, ...]


def diagnose(error: ValidationError, root: Located, text: str) -> list[Diagnostic]:
    """Turn every error of a validation into diagnostics about the file that holds `text`."""
    return [found for detail in error.errors(include_url=False) for found in translate(detail, root, text)]


def translate(detail: ErrorDetails, root: Located, text: str) -> Iterator[Diagnostic]:
    """Yield the diagnostics of one validation error."""
    kind, path, context = detail["type"], detail["loc"], detail.get("ctx", {})
    if kind == PROBLEMS:
        for problem in context[PROBLEMS]:
            yield contradiction(problem, path, root)
    elif path and path[-1] == KEY:
        found = root.nearest(path[:-1])
        yield Diagnostic(kind if kind.startswith("TW") else "TW0106", detail["msg"], found.anchor, context.get("help"))
    elif kind == WRITTEN_OUT:  # the whole of it, so that a report can mask it
        yield Diagnostic(kind, detail["msg"], root.nearest(path).span, context["help"])
    elif kind.startswith("TW"):
        yield Diagnostic(kind, detail["msg"], place(root, path), context["help"])
    elif kind == "extra_forbidden":
        yield Diagnostic("TW0104", f"unknown key `{path[-1]}`", root.nearest(path).anchor, unknown(str(path[-1]), path))
    elif kind == "missing":
        yield missing(path, root)
    elif kind == "literal_error":
        yield not_allowed(detail, place(root, path))
    elif kind in DATES:
        written = show(detail["input"])
        yield Diagnostic("TW0201", f"{written} is not a day", place(root, path), "write it like 2027-06-30")
    elif kind in EXPECTED:
        yield wrong_type(EXPECTED[kind], root.nearest(path), text, fields_at(path))
    elif kind == "too_short":
        yield from too_short(context["min_length"], root.find(path), place(root, path))
    else:
        yield Diagnostic("TW0201", constraint(detail), place(root, path))


def place(root: Located, path: Sequence[Step]) -> Span:
    """Return the place that a path means: a value that fits on one line, else the key that names it.

    Where the path leads nowhere, its nearest enclosing key is meant.
    """
    found = root.find(path)
    if found is not None and not isinstance(found.value, Mapping) and found.span.line == found.span.end_line:
        return found.span
    near = found or root.nearest(path)
    if near.key_span:
        return near.key_span
    at = near.span
    return at if at.line == at.end_line else Span(at.file, at.line, at.column, at.line, at.column + 1)


def contradiction(problem: Problem, path: Path, root: Located) -> Diagnostic:
    """Locate a contradiction that a section found in itself."""
    return Diagnostic(problem.code, problem.message, place(root, (*path, *problem.path)), problem.help)


def unknown(key: str, path: Path) -> str:
    """Say which key was meant: of another section, one that is known there, else where all are told."""
    if len(path) <= SECTION_DEPTH:
        if key in Org.model_fields:
            return f"did you mean `{key}` at the top of the spec?"
        sections = {name: model_at((name,)) for name in Org.model_fields}
        there = [f"`{name}.{key}`" for name, model in sections.items() if model and key in model.model_fields]
        if there and len(there) <= MEANT:
            return f"did you mean {' or '.join(there)}?"
    known = fields_at(path[:-1])
    advice = suggestion(key, known)
    if advice is None or nearest(key, known) is not None:
        return advice or ""
    where = ".".join(step for step in path[:-1] if isinstance(step, str)) or "spec"
    return f"{advice}; `twin explain {where}` tells what each is"


def missing(path: Path, root: Located) -> Diagnostic:
    """Tell which key a mapping lacks, at the mapping."""
    owner = f"`{'.'.join(map(str, path[:-1]))}`" if path[:-1] else "the spec"
    meaning = describe(path)
    notes = (f"{path[-1]}: {meaning}",) if meaning else ()
    return Diagnostic("TW0105", f"{owner} lacks `{path[-1]}`", place(root, path[:-1]), f"add `{path[-1]}: …`", notes)


def not_allowed(detail: ErrorDetails, at: Span) -> Diagnostic:
    """Tell which values would have been allowed."""
    expected = detail["ctx"]["expected"]
    allowed = re.findall(r"'([^']*)'", expected) or re.findall(r"\w+", expected.replace(" or ", " "))
    shown = show(detail["input"])
    near = nearest(str(detail["input"]), allowed)  # the note lists them all
    advice = f"did you mean `{near}`?" if near else None
    if str(detail["input"]) in allowed and not isinstance(detail["input"], str):
        advice = f'put quotes around it: "{detail["input"]}"'
    elif isinstance(detail["input"], str) and f"'{detail['input']}'" not in expected and detail["input"] in allowed:
        advice = f"write it without quotes: {detail['input']}"
    return Diagnostic("TW0202", f"{shown} is not allowed here", at, advice, (f"allowed: {', '.join(allowed)}",))


def too_short(least: int, found: Located | None, at: Span) -> Iterator[Diagnostic]:
    """Tell that a list or mapping has too few items, unless it seems so only because those it has are wrong."""
    written = len(found.value) if found is not None and isinstance(found.value, tuple | Mapping) else 0
    if written < least:
        items = "one item" if least == 1 else f"{least} items"
        yield Diagnostic("TW0201", f"this needs at least {items}, and has {written or 'none'}", at)


def wrong_type(expected: str, found: Located, text: str, fields: Sequence[str]) -> Diagnostic:
    """Tell which kind of value was expected, and how to write it; `fields` are the keys of an expected mapping."""
    value, at = found.value, found.span
    advice = None
    if expected == "text" and isinstance(value, int | float) and at.line == at.end_line:
        rows = LINE_BREAK.split(text)  # where a patch from another file gave the value, its row is not in this text
        written = rows[at.line - 1][at.column - 1 : at.end_column - 1] if at.line <= len(rows) else str(value)
        advice = f'put quotes around it: "{written}"'
    elif expected == "a list" and value is not None and not isinstance(value, Mapping):
        advice = f"write a list: [{value}]"
    elif expected == "a mapping" and fields:
        advice = f"write {{{', '.join(f'{field}: …' for field in fields[:SHOWN])}}}, of which not all are needed"
    elif expected == "true or false" and isinstance(value, str):
        advice = "write `true` or `false`; other words are text"
    elif expected in ("a number", "a whole number") and isinstance(value, str):
        advice = "write it without quotes and units"
    place_ = at if at.line == at.end_line else found.anchor
    return Diagnostic("TW0113", f"expected {expected}, found {show(value)}", place_, advice)


def show(value: Any) -> str:
    """Name a value in a message, without repeating long texts."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, tuple):
        return "a list"
    noun = {int: "the whole number", float: "the number", str: "the text"}[type(value)]
    shown = str(value) if len(str(value)) <= 40 else f"{str(value)[:40]}…"
    return f"{noun} `{shown}`"


def constraint(detail: ErrorDetails) -> str:
    """Say which limit a value breaks."""
    message = detail["msg"].removeprefix("Input ").removeprefix("Value ")
    return f"{show(detail['input'])} {message[:1].lower()}{message[1:]}"


def model_at(path: Path) -> type[BaseModel] | None:
    """Return the section that a path of the spec leads to."""
    here: Any = Org
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(step))
            here = field.annotation if field else None
        else:
            here = next(iter(reversed(typing.get_args(here)[: 2 if typing.get_origin(here) is dict else 1])), None)
        here = unwrapped(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def unwrapped(annotation: Any) -> Any:
    """Return an annotation without `Annotated` and without `| None`."""
    if typing.get_origin(annotation) is typing.Annotated:
        return unwrapped(typing.get_args(annotation)[0])
    choices = [choice for choice in typing.get_args(annotation) if choice is not type(None)]
    if type(None) in typing.get_args(annotation) and len(choices) == 1:
        return unwrapped(choices[0])
    return annotation


def fields_at(path: Path) -> list[str]:
    """Return the keys that the section at `path` knows."""
    model = model_at(path)
    return list(model.model_fields) if model else []


def describe(path: Path) -> str | None:
    """Return the one-line meaning of the field at `path`."""
    model = model_at(path[:-1])
    return meanings(model).get(str(path[-1])) if model and issubclass(model, Section) else None

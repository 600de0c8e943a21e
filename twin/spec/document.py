"""A YAML file as a tree of located values, with everything that is wrong with its syntax."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from twin.diagnostics import Diagnostic, Span
from twin.errors import SpecError
from twin.spec.composer import Composer, Refusal
from twin.spec.located import Located

# YAML 1.1 (libyaml) counts these as line breaks, so that its marks do too.
LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
KEY = re.compile(r"""\s*(?:- +)*(?:[^\s'"{}\[\],:]+|'[^']*'|"[^"]*")\s*""")
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text, the tree it holds (None when there is none) and its syntax errors."""

    file: str
    text: str
    root: Located | None
    diagnostics: tuple[Diagnostic, ...] = ()


def read(path: Path) -> Document:
    """Read the file at `path`; SpecError when it cannot be read at all."""
    return compose(content(path), str(path))


def content(path: Path) -> bytes:
    """Return what the file at `path` holds; SpecError when it cannot be read."""
    file = str(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SpecError([Diagnostic("TW0111", f"there is no file {file}", help="check the path")]) from None
    except IsADirectoryError:
        problem = Diagnostic("TW0111", f"{file} is a directory", help="name the file in it that holds the spec")
        raise SpecError([problem]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SpecError([Diagnostic("TW0111", f"{file} cannot be read: {reason}")]) from error


def compose(data: bytes, file: str) -> Document:
    """Turn the bytes of a file into a located tree; never raises."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = position(data[: error.start].decode("utf-8", "replace"), file)
        advice = "save the file as UTF-8"
        problem = Diagnostic("TW0110", f"byte 0x{data[error.start]:02x} is not UTF-8 text", place, advice)
        return Document(file, data.decode("utf-8", "replace"), None, (problem,))
    bad = UNPRINTABLE.search(text)
    if bad:
        place = position(text[: bad.start()], file)
        message = f"the character U+{ord(bad.group()):04X} is not allowed in YAML"
        return Document(
            file, text, None, (Diagnostic("TW0101", message, place, "delete it, or write it as an escape"),)
        )
    root, problems = parse(text, file)
    if root is None and not problems:
        first = Span(file, 1, 1, 1, 1)
        problems.append(Diagnostic("TW0112", "the spec is empty", first, "begin with `version: 1`, or see `twin init`"))
    return Document(file, text, root, tuple(problems))


def parse(text: str, file: str) -> tuple[Located | None, list[Diagnostic]]:
    """Compose the tree of `text`, gathering every diagnostic up to where its syntax ends to make sense."""
    composer = Composer(yaml.parse(text, Loader=Loader), file)
    root = None
    try:
        root = composer.document()
    except Refusal as refusal:
        composer.problems.append(refusal.diagnostic)
    except yaml.MarkedYAMLError as error:
        composer.problems.append(syntax_error(error, text, file))
    if root is not None and not isinstance(root.value, dict) and root.value is not None:
        message = "the spec must be a mapping of sections"
        composer.problems.append(Diagnostic("TW0113", message, root.span, "begin with `version: 1`"))
        root = None
    return (None if root is None or root.value is None else root), composer.problems


def syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> Diagnostic:
    """Tell what the YAML scanner or parser stumbled over, with the usual remedy."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = LINE_BREAK.split(text)
    if line > len(lines) or (line > 1 and not any(rest.strip() for rest in lines[line - 1 :])):
        line = max((number for number, rest in enumerate(lines, 1) if rest.strip()), default=1)
        column = len(lines[line - 1].rstrip()) + 1
    source = lines[line - 1]
    problem = error.problem or "the text ends too early"
    notes = (error.context,) if error.context else ()
    place = Span(file, line, column, line, column + 1)
    return Diagnostic("TW0101", f"not valid YAML: {problem}", place, remedy(problem, source, column), notes)


def remedy(problem: str, source: str, column: int) -> str:
    """Say what usually mends a syntax error at a column of the line `source`."""
    before, here = source[: column - 1], source[column - 1 : column]
    if "\t" in source[: len(source) - len(source.lstrip())]:
        return "indent with spaces; YAML does not allow tabs"
    if "mapping values" in problem and KEY.fullmatch(before):
        return "indent this line as its neighbours are; the line above has a value, so nothing can stand below it"
    if "mapping values" in problem or here == ":":
        return "put quotes around a text that contains `: `"
    if "cannot start any token" in problem:
        return "put quotes around a text that begins with @, `, % or a tab"
    if "end of stream" in problem:
        return "close the quote or bracket that is still open"
    return "check the indentation and the quotes on this line and the one above"


def position(before: str, file: str) -> Span:
    """Return the place of the character that follows the text `before`."""
    lines = LINE_BREAK.split(before)
    line, column = len(lines), len(lines[-1]) + 1
    return Span(file, line, column, line, column + 1)

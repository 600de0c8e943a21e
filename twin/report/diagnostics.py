"""Diagnostics as text in the manner of a compiler, with the source line, and as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from twin.diagnostics import Diagnostic, Span
from twin.spec.document import LINE_BREAK

SCHEMA = 1
WRITTEN_OUT = "TW0210"
MASK = "•"
COLOUR = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
GUTTER = "bold blue"
WIDEST = 160
AFTER = 40
CUT = "… "

Source = Callable[[str], str | None]


def source_file(file: str) -> str | None:
    """Return the text of a file of the user's, or None when it cannot be read."""
    try:
        return Path(file).read_bytes().decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        return None


def show(diagnostics: Sequence[Diagnostic], console: Console, *, source: Source = source_file) -> None:
    """Print all diagnostics, then their number; `console` decides about colour (NO_COLOR, no terminal: none)."""
    for line in (*rendered_all(diagnostics, source=source), *summary(diagnostics)):
        console.print(line, soft_wrap=True)


def rendered_all(diagnostics: Sequence[Diagnostic], *, source: Source = source_file) -> Iterator[Text]:
    """Yield the lines of all diagnostics by their place, an empty one after each."""
    texts: dict[str, str | None] = {}
    for diagnostic in sorted(diagnostics, key=Diagnostic.sort_key):
        span = diagnostic.span
        if span and span.file not in texts:
            texts[span.file] = masked(source(span.file), written_secrets(diagnostics, span.file))
        yield from rendered(diagnostic, texts.get(span.file) if span else None)
        yield Text()


def written_secrets(diagnostics: Sequence[Diagnostic], file: str) -> list[Span]:
    """Return where secrets are written out in `file`."""
    return [d.span for d in diagnostics if d.code == WRITTEN_OUT and d.span and d.span.file == file]


def masked(text: str | None, spans: Sequence[Span]) -> str | None:
    """Return a file's text with the characters of `spans` covered, line for line."""
    if text is None or not spans:
        return text
    lines = LINE_BREAK.split(text)
    for span in spans:
        for number in range(span.line, min(span.end_line, len(lines)) + 1):
            line = lines[number - 1]
            start = span.column - 1 if number == span.line else 0
            end = span.end_column - 1 if number == span.end_line else len(line)
            lines[number - 1] = line[:start] + MASK * (end - start) + line[end:]
    return "\n".join(lines)


def rendered(diagnostic: Diagnostic, text: str | None) -> Iterator[Text]:
    """Yield the lines of one diagnostic; `text` is the whole file that its span points into."""
    colour = COLOUR[diagnostic.severity]
    yield Text.assemble(
        (f"{diagnostic.severity}[{diagnostic.code}]", colour), (f": {printable(diagnostic.message)}", "bold")
    )
    span = diagnostic.span
    width = len(str(span.line)) if span else 1
    if span:
        yield Text.assemble(" " * width, ("--> ", GUTTER), str(span))
        yield from excerpt(span, text, colour)
    remarks = [("help", diagnostic.help)] if diagnostic.help else []
    for word, remark in [*remarks, *(("note", note) for note in diagnostic.notes)]:
        yield Text.assemble(" " * width, (" = ", GUTTER), (word, "bold"), f": {printable(remark)}")


def excerpt(span: Span, text: str | None, colour: str) -> Iterator[Text]:
    """Yield the source line of a span with carets under it; nothing when the file has no such line."""
    lines = LINE_BREAK.split(text) if text is not None else []
    if span.line > len(lines):
        return
    line = lines[span.line - 1]
    end = span.end_column if span.end_line == span.line else len(line) + 1
    before, marked = line[: span.column - 1], line[span.column - 1 : max(end, span.column + 1) - 1]
    if len(before) > WIDEST - AFTER:  # a line of thousands of characters is shown from where the mistake is
        line, before = CUT + line[len(before) - AFTER :], CUT + before[-AFTER:]
    width = len(str(span.line))
    bar = (" " * width + " |", GUTTER)
    yield Text.assemble(bar)
    yield Text.assemble((f"{span.line} |", GUTTER), f" {printable(line)[:WIDEST]}")
    if len(printable(before)) < WIDEST:
        room = WIDEST - Text(printable(before)).cell_len
        carets = "^" * min(max(1, Text(printable(marked)).cell_len), room)
        yield Text.assemble(bar, " " * (Text(printable(before)).cell_len + 1), (carets, colour))


def printable(text: str) -> str:
    """Return a text with tabs and control characters as visible characters, so that none reaches the terminal."""
    return "".join(char if char.isprintable() else "\N{SYMBOL FOR NULL}" if char != "\t" else " " for char in text)


def summary(diagnostics: Sequence[Diagnostic]) -> Iterator[Text]:
    """Yield one line that counts errors, warnings and notes, and how to learn more."""
    counts = {severity: sum(d.severity == severity for d in diagnostics) for severity in COLOUR}
    shown = [f"{number} {severity}{'s' * (number != 1)}" for severity, number in counts.items() if number]
    if shown:
        worst = next(severity for severity, number in counts.items() if number)
        first = min(diagnostic.code for diagnostic in diagnostics if diagnostic.severity == worst)
        yield Text(f"{', '.join(shown)}; `twin explain {first}` tells more")


def as_json(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """Return all diagnostics as plain data."""
    return {"schema": SCHEMA, "diagnostics": [entry(d) for d in sorted(diagnostics, key=Diagnostic.sort_key)]}


def entry(diagnostic: Diagnostic) -> Mapping[str, Any]:
    """Return one diagnostic as plain data; the place is null where there is none."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "help": diagnostic.help,
        "notes": list(diagnostic.notes),
    }

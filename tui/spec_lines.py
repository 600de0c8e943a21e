"""Excerpts of the spec: the line that caused a resource, with its neighbours."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.text import Text

from tui.palette import ACCENT, FAINT
from twin.report.diagnostics import Source, printable, source_file
from twin.spec.document import LINE_BREAK

AROUND = 2


@dataclass(slots=True)
class SpecLines:
    """Reads each file of the user's once."""

    source: Source = source_file
    files: dict[str, list[str] | None] = field(default_factory=dict)

    def around(self, file: str, line: int) -> Iterator[Text]:
        """Yield a line with those around it, marked; says so when the file has gone or is shorter now."""
        if file not in self.files:
            text = self.source(file)
            self.files[file] = None if text is None else LINE_BREAK.split(text)
        lines = self.files[file]
        if lines is None or line > len(lines):
            yield Text("the file cannot be read any more, or has lost this line", FAINT)
            return
        first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
        width = len(str(last))
        for number in range(first, last + 1):
            here = number == line
            yield Text.assemble(
                ("▸ " if here else "  ", ACCENT),
                (f"{number:>{width}} │ ", ACCENT if here else FAINT),
                (printable(lines[number - 1]), "bold" if here else FAINT),
                no_wrap=True,
                overflow="ellipsis",
            )

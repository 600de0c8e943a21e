"""What a view lists, as a table that can be written to a file."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

FORMS = {"c": ("CSV", "csv"), "j": ("JSON", "json"), "m": ("Markdown", "md")}
"""By the key that chooses it: a format's name, and the end of its files' names."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell begins that a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The name of what is listed, its columns, and its rows."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def written(self, end: str) -> str:
        """Return the text of a file whose name ends so."""
        if end == "json":
            rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
            return json.dumps({"schema": 1, "listing": self.name, "rows": rows}, indent=1, ensure_ascii=False) + "\n"
        return _csv(self) if end == "csv" else _markdown(self)

    def save(self, folder: Path, end: str) -> Path:
        """Write a new file and return it; what is there already is left alone."""
        number = 1
        while True:
            file = folder / f"twin-{self.name}{f'-{number}' if number > 1 else ''}.{end}"
            try:
                with file.open("x", encoding="utf-8") as out:
                    out.write(self.written(end))
            except FileExistsError:
                number += 1
            else:
                return file


@runtime_checkable
class Listed(Protocol):
    """A view that lists something."""

    def listing(self) -> Listing:
        """Return what it lists now."""
        ...


def _csv(listing: Listing) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(listing.columns)
    writer.writerows([f"'{cell}" if cell.startswith(DANGEROUS) and len(cell) > 1 else cell for cell in row]
                     for row in listing.rows)  # fmt: skip
    return text.getvalue()


def _markdown(listing: Listing) -> str:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(' '.join(cell.replace('|', chr(92) + '|').split()) for cell in cells)} |"

    return "\n".join([line(listing.columns), line("---" for _ in listing.columns), *map(line, listing.rows), ""])

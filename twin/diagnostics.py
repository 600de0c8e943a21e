"""What a user got wrong, as data: a code, a place in their file, what to do about it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file; lines and columns count from 1, the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about what the user wrote.

    `code` is stable (`TW0102`) and explained by `twin explain CODE`; `help` says what to do.
    """

    code: str
    message: str
    span: Span | None = None
    help: str | None = None
    notes: tuple[str, ...] = ()
    severity: Severity = "error"

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order by file, line and column, then by code."""
        at = self.span
        return (at.file, at.line, at.column, self.code, self.message) if at else ("", 0, 0, self.code, self.message)

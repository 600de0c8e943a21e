"""The loop of every `twin decide`: one JSON object per line in, one per line out, in the same order."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from twin.cli.console import line
from twin.errors import UsageError

Question = Mapping[str, Any]
Answer = Mapping[str, Any]
BUG = 70


def run(decide: Callable[[Question], Answer], source: Path | None) -> int:
    """Answer each line of `source` (None or `-`: stdin) with `{"id": …, **decide(question)}`; return the exit code.

    A line that is no JSON object, or for which `decide` raises ValueError, is answered
    `{"id": …, "error": {"message": …}}` (`decide` returns an `error` of its own when it knows more: an offset, an
    element). Any other exception is a bug of ours: it too is answered on its line, and the code at the end is 70. Input
    that cannot be read is a UsageError.
    """
    code = 0
    for raw in _lines(source):
        if not raw.strip():
            continue
        answer, bug = _answer(decide, raw)
        code = BUG if bug else code
        line(answer)
    return code


def _answer(decide: Callable[[Question], Answer], raw: bytes) -> tuple[Answer, bool]:
    """Answer one line; the second value says that we, not the line, are at fault."""
    name: Any = None
    try:
        question = _parse(raw)
        name = question.get("id")
        return {"id": name, **decide(question)}, False
    except (ValueError, RecursionError) as wrong:
        return {"id": name, "error": {"message": str(wrong)}}, False
    except Exception as bug:
        message = f"a bug of twin, not of this line: {type(bug).__name__}: {bug}"
        return {"id": name, "error": {"message": message}}, True


def _parse(raw: bytes) -> dict[str, Any]:
    """Read one line as a JSON object, or say why it is none."""
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except json.JSONDecodeError as wrong:
        raise ValueError(f"not JSON: {wrong.msg} at character {wrong.pos + 1}") from wrong
    except UnicodeDecodeError as wrong:
        raise ValueError(f"not UTF-8: byte {wrong.start + 1}") from wrong
    if not isinstance(value, dict):
        raise ValueError("a line is a JSON object")  # noqa: TRY004 - the line's value is wrong, not our call
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"not JSON: {name} is no JSON number")


def _lines(source: Path | None) -> Iterator[bytes]:
    """Yield the lines as they come, so that a caller on a pipe gets each answer before its next question."""
    if source is None or str(source) == "-":
        yield from iter(sys.stdin.buffer.readline, b"")
        return
    try:
        with source.open("rb") as file:
            yield from file
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror or error}") from error

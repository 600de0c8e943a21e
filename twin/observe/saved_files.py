"""The files of a saved folder as replies, whatever their names: in pages, wrapped, or as PowerShell wrote them."""

import codecs
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from twin.errors import UsageError

Reply = Mapping[str, Any]
CERTAIN = ".json"
"""What ends so must hold JSON; anything else is looked at, and passed over when it does not."""
DEEPEST = 3
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def candidates(folder: Path) -> list[Path]:
    """Return the files that may hold replies; hidden ones are not meant."""
    return sorted(
        path for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )  # fmt: skip


def replies(path: Path, known: Collection[str]) -> list[Reply]:
    """Return the replies that a file holds, each page as one; UsageError says where it is not JSON.

    Where none of a reply's members is `known`, what it wraps is looked into: `{"describe-vpcs": {"Vpcs": […]}}`.
    """
    certain = path.suffix.lower() == CERTAIN
    try:
        documents = list(_documents(_text(path)))
    except json.JSONDecodeError as wrong:
        if not certain:
            return []
        raise UsageError(f"{path}:{wrong.lineno}:{wrong.colno}: not JSON: {wrong.msg}") from wrong
    except (OSError, UnicodeDecodeError) as wrong:
        if not certain and isinstance(wrong, UnicodeDecodeError):
            return []
        raise UsageError(f"{path}: {wrong}") from wrong
    pages = [page for one in documents for page in (one if isinstance(one, list) else [one])]
    if not all(isinstance(page, Mapping) for page in pages):
        if not certain:
            return []
        raise UsageError(f"{path}: a saved reply is a JSON object")
    return [reply for page in pages for reply in _unwrapped(page, known)]


def _text(path: Path) -> str:
    told = path.read_bytes()
    return told.decode("utf-16" if told.startswith(UTF_16) else "utf-8-sig")


def _documents(text: str) -> Iterator[Any]:
    """Yield the JSON values of a text, one after the other, as paging tools write them."""
    decoder, at = json.JSONDecoder(), 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        value, at = decoder.raw_decode(text, at)
        yield value


def _unwrapped(page: Reply, known: Collection[str], depth: int = 0) -> Iterator[Reply]:
    inner = [value for value in page.values() if isinstance(value, Mapping)]
    if depth == DEEPEST or not inner or any(name in known for name in page):
        yield page
        return
    found = [reply for value in inner for reply in _unwrapped(value, known, depth + 1)]
    useful = [reply for reply in found if any(name in known for name in reply)]
    yield from useful or [page]

"""Writes a patch into the text of a spec, of which everything else stays as its author wrote it."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from twin.spec.document import compose
from twin.spec.located import Located, with_lists

WIDTH = 110
Edit = tuple[int, int, int, str]
"""Line and column (from 0), how many characters go, and what comes in their place."""


def text_of(patch: Mapping[str, Any]) -> str:
    """Write a patch as YAML in blocks."""
    return str(yaml.safe_dump(_plain(patch), sort_keys=False, allow_unicode=True, width=WIDTH))


def inserted(text: str, patch: Mapping[str, Any]) -> str | None:
    """Return a spec's text with a patch in it; None where it must be done by hand.

    A key goes before the first one of its mapping, at the top of the file behind the last one. The result is read
    again, and is only returned when it says exactly what the text and the patch say together.
    """
    root = compose(text.encode(), "").root
    if root is None:
        return None
    edits: list[Edit] = []
    lines = text.rstrip("\n").split("\n")
    if not _collect(lines, root, patch, edits, top=True):
        return None
    for line, column, drop, piece in sorted(edits, reverse=True):
        if line == len(lines):
            lines += piece.rstrip("\n").split("\n")
        else:
            lines[line] = lines[line][:column] + piece + lines[line][column + drop :]
    result = "\n".join(lines).rstrip("\n") + "\n"
    again = compose(result.encode(), "")
    wanted = merged(with_lists(root.plain()), _plain(patch))
    fits = again.root is not None and not again.diagnostics and with_lists(again.root.plain()) == wanted
    return result if fits else None


def merged(base: Any, patch: Any) -> Any:
    """Return two plain values together: mappings deep, anything else is the patch's."""
    if isinstance(base, Mapping) and isinstance(patch, Mapping):
        return {**base, **{key: merged(base.get(key), value) for key, value in patch.items()}}
    return patch


def _collect(
    lines: list[str], node: Located, patch: Mapping[str, Any], edits: list[Edit], *, top: bool = False
) -> bool:
    """Gather the pieces that go into a mapping and below it; False where one has no place."""
    fresh = {}
    for key, value in patch.items():
        child = node.get(key)
        if child is None:
            fresh[key] = value
            continue
        both = isinstance(value, Mapping) and isinstance(child.value, Mapping)
        if not both or not _collect(lines, child, value, edits):
            return False
    if not fresh:
        return True
    if top:
        edits.append((len(lines), 0, 0, text_of(fresh)))
        return True
    edits.append(_placed(lines, node, fresh))
    return True


def _placed(lines: list[str], node: Located, fresh: Mapping[str, Any]) -> Edit:
    """Return where new keys go in a mapping, and how they are written there."""
    keys = [(c.key_span.line - 1, c.key_span.column - 1) for c in node.children.values() if c.key_span]
    if not keys:
        return _opened(lines, node, fresh)
    line, column = min(keys)
    if lines[line][:column].strip():
        return line, column, 0, _flow(fresh) + ", "
    return line, 0, 0, _block(fresh, column)


def _opened(lines: list[str], node: Located, fresh: Mapping[str, Any]) -> Edit:
    """Return how `{}` is filled: by a block where it stands alone behind its key, else in its line."""
    line, column, key = node.span.line - 1, node.span.column - 1, node.key_span
    text = lines[line]
    if key is not None and not text[: key.column - 1].strip() and text[column:].rstrip() == "{}":
        return line, column - 1, len(text) - column + 1, "\n" + _block(fresh, key.column + 1).rstrip("\n")
    return line, column + 1, 0, _flow(fresh)


def _block(fresh: Mapping[str, Any], column: int) -> str:
    return "".join(f"{' ' * column}{row}\n" for row in text_of(fresh).splitlines())


def _flow(value: Mapping[str, Any]) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)[1:-1]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(with_lists(value), default=str))

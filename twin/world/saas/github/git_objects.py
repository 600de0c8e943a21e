"""Git's objects as far as an API shows them: ids of blobs, trees and commits, and what two commits have in common."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Tree = dict[str, str]
"""Paths and what stands in their files, as text."""


def object_id(kind: str, content: bytes) -> str:
    """Return the id that git gives an object."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def blob_id(text: str) -> str:
    """Return the id of a file's content."""
    return object_id("blob", text.encode())


def tree_id(tree: Mapping[str, str]) -> str:
    """Return the id of a folder with all below it."""
    folders: dict[str, Tree] = {}
    entries: list[tuple[bytes, bytes]] = []
    for path, text in tree.items():
        name, _, rest = path.partition("/")
        if rest:
            folders.setdefault(name, {})[rest] = text
        else:
            entries.append((name.encode(), b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob_id(text))))
    for name, inner in folders.items():
        # Git sorts folders as if their names ended with a slash.
        entries.append((f"{name}/".encode(), b"40000 " + name.encode() + b"\0" + bytes.fromhex(tree_id(inner))))
    return object_id("tree", b"".join(entry for _, entry in sorted(entries)))


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit, and when."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; `login` is the account that GitHub knows the author by."""

    sha: str
    tree: Tree
    tree_sha: str
    parents: tuple[str, ...]
    author: Signature
    message: str
    login: str


def commit(tree: Tree, parents: tuple[str, ...], author: Signature, message: str, login: str) -> Commit:
    """Return a commit with the id that git gives it."""
    root = tree_id(tree)
    signed = f"{author.name} <{author.email}> {int(author.at.timestamp())} +0000"
    lines = [
        f"tree {root}",
        *(f"parent {one}" for one in parents),
        f"author {signed}",
        f"committer {signed}",
        "",
        message,
    ]
    return Commit(object_id("commit", "\n".join(lines).encode()), tree, root, parents, author, message, login)


def ancestors(commits: Mapping[str, Commit], sha: str) -> list[str]:
    """Return a commit and all before it, nearest first."""
    found, queue = dict[str, None](), [sha]
    while queue:
        one = queue.pop(0)
        if one not in found:
            found[one] = None
            queue += commits[one].parents
    return list(found)


def merge_base(commits: Mapping[str, Commit], ours: str, theirs: str) -> str | None:
    """Return the nearest commit that both come from; None where they share nothing."""
    known = set(ancestors(commits, ours))
    return next((one for one in ancestors(commits, theirs) if one in known), None)


def merged(base: Tree, ours: Tree, theirs: Tree) -> Tree | None:
    """Merge file by file; None where both sides changed a file differently."""
    result: Tree = {}
    for path in sorted({*base, *ours, *theirs}):
        was, mine, other = base.get(path), ours.get(path), theirs.get(path)
        if mine != other and was not in (mine, other):
            return None
        kept = other if mine == was else mine
        if kept is not None:
            result[path] = kept
    return result


def changed(before: Tree, after: Tree) -> list[str]:
    """Return the paths that differ."""
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))

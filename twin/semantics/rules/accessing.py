"""Fields, functions and their indexes: what stands on the left of an operator or is a value itself."""

import difflib
import string

from twin.semantics.rules import arguments, literals
from twin.semantics.rules.catalogue import field_kinds, functions
from twin.semantics.rules.cursor import Cursor
from twin.semantics.rules.kinds import Kind
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.scope import Scope
from twin.semantics.rules.syntax import Access, Call, Each, Field, Index

NAME = frozenset(string.ascii_letters + string.digits + "_")
LARGEST_INDEX = 2**32 - 1


def name_starts(cursor: Cursor) -> bool:
    """Tell whether a letter or underscore comes next."""
    return cursor.peek() in NAME and not cursor.peek().isdigit() and not cursor.done


def name(cursor: Cursor) -> str:
    """Read a name: words joined by dots."""
    start = cursor.at
    while True:
        if not cursor.run(NAME):
            raise RuleError("expected a field or a function", cursor.at)
        if not cursor.take("."):
            return cursor.text[start : cursor.at]


def access(cursor: Cursor, scope: Scope) -> Access:
    """Read a field or a call, and the indexes after it."""
    start = cursor.at
    root = _root(cursor, scope)
    kind, indexes = root.kind, []
    while cursor.peek() == "[":
        at = cursor.at
        index = _index(cursor)
        kind = _element(kind, index, at)
        indexes.append(index)
    return Access(root, tuple(indexes), kind, start)


def _root(cursor: Cursor, scope: Scope) -> Field | Call:
    start = cursor.at
    named = name(cursor)
    if named in functions():
        return arguments.call(cursor, scope, functions()[named], start)
    kind = field_kinds().get(named)
    if kind is None:
        near = difflib.get_close_matches(named, [*field_kinds(), *functions()], n=1, cutoff=0.8)
        hint = f"; is it {near[0]}?" if near else ""
        raise RuleError(f"unknown identifier {named}{hint}", start)
    scope.field(named, start)
    return Field(named, kind, start)


def _index(cursor: Cursor) -> Index:
    cursor.expect("[")
    cursor.skip_space()
    index = _inside(cursor)
    cursor.skip_space()
    cursor.expect("]")
    return index


def _inside(cursor: Cursor) -> Index:
    start = cursor.at
    if cursor.take("*"):
        return Each.ELEMENT
    if cursor.peek() == '"':
        key = literals.quoted(cursor)
        try:
            return key.value.decode()
        except UnicodeDecodeError:
            raise RuleError("expected a key in UTF-8", start) from None
    if not cursor.peek().isdigit():
        raise RuleError("expected a key in quotes, an index from 0 on, or *", start)
    number = literals.integer(cursor)
    if number > LARGEST_INDEX:
        raise RuleError(f"expected an index up to {LARGEST_INDEX}", start)
    return number


def _element(kind: Kind, index: Index, at: int) -> Kind:
    fits = kind.of is not None and (
        isinstance(index, Each) or (kind.name == "Array" if isinstance(index, int) else kind.name == "Map")
    )
    if not fits or kind.of is None:
        written = "*" if isinstance(index, Each) else f'"{index}"' if isinstance(index, str) else index
        raise RuleError(f"cannot access [{written}] of {kind}", at)
    return kind.of

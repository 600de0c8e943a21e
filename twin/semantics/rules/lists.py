"""Membership in a list: strings by hash, integers and addresses by bisection of their ranges."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from twin.semantics.rules import literals
from twin.semantics.rules.cursor import Cursor
from twin.semantics.rules.kinds import INTEGER, STRING, Kind
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.syntax import InlineList, Interval, NamedList, Text

Lists = Mapping[str, Sequence[Any]]
Member = Callable[[Any], bool]


def member(right: InlineList | NamedList, kind: Kind, lists: Lists) -> Member:
    """Return a function that tells whether a value is in the list."""
    if isinstance(right, NamedList):
        return _of(_named(right, kind, lists))
    return _of(right.items)


def _named(named: NamedList, kind: Kind, lists: Lists) -> list[Text | Interval]:
    if named.name not in lists:
        raise RuleError(f"there is no list ${named.name}", named.at)
    return [_item(item, kind, named) for item in lists[named.name]]


def _item(item: Any, kind: Kind, named: NamedList) -> Text | Interval:
    if kind == STRING and isinstance(item, str):
        return Text(item.encode("utf-8", "surrogatepass"))
    if kind == INTEGER and isinstance(item, int) and not isinstance(item, bool):
        return Interval(item, item)
    try:
        read = literals.ITEMS[kind](Cursor(item)) if kind not in (STRING, INTEGER) and isinstance(item, str) else None
    except RuleError:
        read = None
    if read is None:
        raise RuleError(f"${named.name} has the item {item!r}, which is no {kind}", named.at)
    return read


def _of(items: Iterable[Text | Interval]) -> Member:
    texts = frozenset(item.value for item in items if isinstance(item, Text))
    if texts:
        return texts.__contains__
    intervals = _merged(item for item in items if isinstance(item, Interval))
    firsts, lasts = [first for first, _ in intervals], [last for _, last in intervals]

    def within(value: Any) -> bool:
        position = bisect_right(firsts, value) - 1
        return position >= 0 and bool(value <= lasts[position])

    return within


def _merged(intervals: Iterable[Interval]) -> list[tuple[Any, Any]]:
    merged: list[tuple[Any, Any]] = []
    bounds: list[tuple[Any, Any]] = sorted((item.first, item.last) for item in intervals)
    for first, last in bounds:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged

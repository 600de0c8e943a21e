"""Three-way difference of one resource: what the spec wants, what was applied last, what the endpoint tells."""

from collections.abc import Mapping
from typing import Any

from twin.engine.plan import Cause, Difference
from twin.engine.state import Entry
from twin.resources.reference import unknown
from twin.resources.resource import Immutable, Observed, Resource, Sensitive, WriteOnly

HIDDEN = "(secret)"


def differences(
    class_: type[Resource], wanted: Mapping[str, Any], observed: Observed, last: Entry | None
) -> tuple[Difference, ...]:
    """Return the fields that differ.

    A field that the vendor never shows is compared with what was applied last; without a state it is taken as
    unchanged. A field whose value still holds a reference differs: what it refers to is about to change.
    """
    fixed, secret = class_.marked(Immutable), class_.marked(Sensitive)
    blind = secret | class_.marked(WriteOnly)
    found = []
    for name, after in wanted.items():
        before = observed.fields.get(name)
        if name in blind:
            before = after if last is None else last.fields.get(name)
        if not unknown(after) and class_.same(name, after, before):
            continue
        if unknown(after) and after == before:
            continue
        cause: Cause = "spec" if name in blind else _cause(class_, name, after, before, last)
        shown = (HIDDEN, HIDDEN) if name in secret else (before, after)
        found.append(Difference(name, shown[0], shown[1], cause, name in fixed))
    return tuple(found)


def _cause(class_: type[Resource], name: str, after: Any, before: Any, last: Entry | None) -> Cause:
    if last is None:
        return "unknown"
    applied = last.fields.get(name)
    if unknown(after) or not class_.same(name, after, applied):
        return "spec" if class_.same(name, before, applied) else "both"
    return "drift"

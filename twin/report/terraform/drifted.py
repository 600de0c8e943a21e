"""What became other than it was applied, or is gone, as Terraform tells it beside a plan: `resource_drift`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from twin.engine.plan import Change, Plan
from twin.engine.state import Entry, State
from twin.resources.catalogue import catalogue
from twin.resources.reference import unknown
from twin.resources.resource import Sensitive, WriteOnly

Values = Mapping[str, Any]


def drifted(plan: Plan, state: State) -> Iterator[tuple[Change, Values, Values | None]]:
    """Yield what a plan found other than the state has it: its change, how it was applied, how it is; None if gone."""
    for change in plan.changes:
        entry = state.entries.get(change.before)
        if entry is None or change.surplus:
            continue
        if change.action == "create":
            yield replace(change, id=entry.id, fields=entry.fields), entry.fields, None
        elif change.id == entry.id and (names := _other(change, entry)):
            applied = {name: entry.fields[name] for name in names}
            seen = {**change.fields, **change.observed}
            yield change, {**seen, **applied}, seen


def _other(change: Change, entry: Entry) -> list[str]:
    """Return the fields that a vendor shows other than they were applied."""
    class_ = catalogue()[change.address.type]
    shown = class_.model_fields.keys() - class_.marked(Sensitive) - class_.marked(WriteOnly)
    told = ((name, value) for name, value in entry.fields.items() if name in shown and not unknown(value))
    return [name for name, value in told if not class_.same(name, value, change.observed.get(name))]

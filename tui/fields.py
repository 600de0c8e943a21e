"""The fields of a resource as rows: what is desired, what is observed, and no secret in either."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tui.org import Entry
from twin.engine.difference import HIDDEN
from twin.engine.plan import Change, Difference
from twin.report.diagnostics import printable
from twin.resources.canonical import text
from twin.resources.catalogue import catalogue
from twin.resources.resource import Sensitive

INLINE = 48
"""Nested values that are longer when written on one line are written as a block."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field; `managed` tells whether the spec has it, `difference` is there when both sides differ."""

    name: str
    value: str
    managed: bool = True
    difference: Difference | None = None


def rows(entry: Entry) -> Iterator[Row]:
    """Yield the fields that the spec manages, then those that were only observed."""
    change = entry.change
    if change is None:
        return
    differ = {d.field: d for d in change.differences}
    for name in change.fields:
        yield Row(name, written(entry.type, name, change.fields[name]), True, differ.get(name))
    for name, value in change.observed.items():
        if name not in change.fields and value not in (None, "", [], {}):
            yield Row(name, written(entry.type, name, value), managed=change.action == "delete")


def outputs(change: Change) -> Iterator[Row]:
    """Yield what the vendor told about the object, as far as its type declares it."""
    for name in catalogue()[change.address.type].OUTPUTS:
        if name not in ("id", *change.fields, *change.observed) and change.outputs.get(name):
            yield Row(name, written(change.address.type, name, change.outputs[name]), managed=False)


def written(type_: str, name: str, value: Any) -> str:
    """Write a field's value for the screen: a secret hidden, nested values as a block, no control characters."""
    if value is None:
        return "(none)"
    if name in catalogue()[type_].marked(Sensitive):
        return HIDDEN
    if isinstance(value, str):
        return "\n".join(printable(line) for line in value.splitlines()) or '""'
    flat = text(value)
    if isinstance(value, list) and len(flat) > INLINE and not any(isinstance(item, dict | list) for item in value):
        return "\n".join(printable(str(item)) for item in value)
    if not isinstance(value, dict | list | tuple) or len(flat) <= INLINE:
        return printable(flat)
    block = yaml.safe_dump(json.loads(flat), sort_keys=False, allow_unicode=True, width=INLINE)
    return "\n".join(printable(line) for line in block.splitlines())

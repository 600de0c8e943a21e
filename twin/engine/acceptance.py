"""What a spec would have to say for the accounts to be right as they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from twin.engine.drift import Drift
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired
from twin.resources.resource import Resource

Patch = dict[str, Any]


def accepting(drifts: Iterable[Drift], desired: Desired) -> Patch:
    """Return a patch onto an environment of the spec that accepts what became other."""
    resources: dict[str, dict[str, Any]] = {}
    overrides: dict[str, dict[str, Any]] = {}
    for drift in drifts:
        address = drift.address
        if drift.kind == "gone":
            overrides[str(address)] = {"absent": True}
        elif drift.kind == "added":
            resources.setdefault(address.type, {})[address.name] = written(
                catalogue()[address.type], drift.change.observed
            )
        else:
            overrides[str(address)] = _fields(drift, desired[address].treatment.ignore)
    found: Patch = {"resources": resources, "overrides": overrides}
    return {section: entries for section, entries in found.items() if entries}


def _fields(drift: Drift, ignored: tuple[str, ...]) -> dict[str, Any]:
    """Return an override that says of each field what it is now; one that is nothing now is ignored."""
    now = {item.field: item.now for item in drift.fields if item.now is not None}
    nothing = [item.field for item in drift.fields if item.now is None]
    return {**({"fields": now} if now else {}), **({"ignore": [*ignored, *nothing]} if nothing else {})}


def written(class_: type[Resource], observed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with which the spec declares an object as it was observed; defaults are left out."""
    found = {}
    for name, info in class_.model_fields.items():
        value = observed.get(name)
        if value is None:
            continue
        default = info.get_default(call_default_factory=True, validated_data={}) if not info.is_required() else None
        if info.is_required() or not class_.same(name, value, default):
            found[name] = value
    return found


def for_environment(patch: Patch, environment: str | None) -> Patch:
    """Return a patch as it stands in the file: below its environment, where the spec has any."""
    return {"environments": {environment: patch}} if environment is not None and patch else patch

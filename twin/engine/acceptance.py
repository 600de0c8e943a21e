"""What a spec would have to say for the accounts to be right as they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from twin.engine.drift import Drift, FieldDrift
from twin.engine.naming import Named
from twin.engine.plan import Plan
from twin.resources.canonical import canonical, text
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired
from twin.resources.resource import Observed, Resource

Patch = dict[str, Any]


def accepting(drifts: Iterable[Drift], plan: Plan, desired: Desired) -> Patch:
    """Return a patch onto an environment of the spec that accepts what a plan found to be other."""
    there = [(c.address, Observed(c.id, c.observed, c.outputs)) for c in plan.changes if c.id and not c.surplus]
    named = Named(there)
    resources: dict[str, dict[str, Any]] = {}
    overrides: dict[str, dict[str, Any]] = {}
    for drift in drifts:
        address = drift.address
        if drift.kind == "gone":
            overrides[str(address)] = {"absent": True}
        elif drift.kind == "added":
            fields = written(catalogue()[address.type], drift.change.observed)
            resources.setdefault(address.type, {})[address.name] = named.referring(address, fields)
        else:
            overrides[str(address)] = _fields(drift, desired[address], named)
    found: Patch = {"resources": resources, "overrides": overrides}
    return {section: entries for section, entries in found.items() if entries}


def _fields(drift: Drift, declaration: Declaration, named: Named) -> dict[str, Any]:
    """Return an override that says of each field what it is now; one that is nothing now is ignored."""
    known = {item.field: _in_our_words(drift, item, declaration) for item in drift.fields if item.now is not None}
    now = named.referring(drift.address, known)
    nothing = [item.field for item in drift.fields if item.now is None]
    ignored = [*declaration.treatment.ignore, *nothing]
    return {**({"fields": now} if now else {}), **({"ignore": ignored} if nothing else {})}


def _in_our_words(drift: Drift, item: FieldDrift, declaration: Declaration) -> Any:
    """Return what a list holds now, with the members that stayed as the spec declares them."""
    declared, wanted = declaration.values.get(item.field), drift.change.fields.get(item.field)
    if not (isinstance(item.now, list | tuple) and isinstance(declared, list) and isinstance(wanted, list)):
        return item.now
    ours = {text(canonical(one)): said for one, said in zip(wanted, declared, strict=False)}
    return [_bare(ours.get(text(canonical(one)), one)) for one in item.now]


def _bare(value: Any) -> Any:
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, Mapping) else value


def written(class_: type[Resource], observed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with which the spec declares an object as it was observed; defaults are left out."""
    found = {}
    for name, info in class_.model_fields.items():
        value = observed.get(name)
        if value is None:
            continue
        default = info.get_default(call_default_factory=True, validated_data={}) if not info.is_required() else None
        if info.is_required() or not class_.same(name, value, default):
            brief = _brief(info.annotation, value)
            if brief or not value:
                found[name] = brief
    return found


def _brief(annotation: Any, value: Any) -> Any:
    """Return a field's value without what its parts have anyway; a null would mean removal where it is merged."""
    adapter = TypeAdapter[Any](annotation)
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json", exclude_defaults=True)
    except ValidationError:
        return value  # as whoever takes it tells


def for_environment(patch: Patch, environment: str | None) -> Patch:
    """Return a patch as it stands in the file: below its environment, where the spec has any."""
    return {"environments": {environment: patch}} if environment is not None and patch else patch

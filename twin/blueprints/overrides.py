"""Lays the section `overrides` onto the resources that the blueprints declared."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from pydantic import ValidationError

from twin.address import Address
from twin.blueprints.blueprint import Blueprint
from twin.diagnostics import Diagnostic
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Path, Treatment
from twin.spec.located import with_lists
from twin.spec.suggest import nearest, suggestion

SECTION = "overrides"
EACH = ("renamed_from", "adopt", "fields")
"""What can be true of one address only."""


def override(blueprint: Blueprint) -> None:
    """Lay every entry onto the resources that it means; what does not fit becomes a diagnostic."""
    for pattern, entry in blueprint.org.model_dump(mode="json", include={SECTION})[SECTION].items():
        said = {key: value for key, value in entry.items() if value}
        if said.get("protect"):
            blueprint.desired.protections.append((pattern, said["protect"], (SECTION, pattern, "protect")))
        meant = [d for d in blueprint.desired if fnmatchcase(str(d.address), pattern)]
        blueprint.diagnostics += _misplaced(blueprint, pattern, said, meant)
        for declaration in meant if said.get("absent") else ():
            del blueprint.desired.declarations[declaration.address]
        for declaration in meant if not said.get("absent") else ():
            blueprint.desired.declarations[declaration.address] = _laid(blueprint, declaration, pattern, said)


def _misplaced(
    blueprint: Blueprint, pattern: str, said: Mapping[str, Any], meant: list[Declaration]
) -> Iterator[Diagnostic]:
    at: Path = (SECTION, pattern)
    if not meant and set(said) - {"protect"}:
        known = [str(d.address) for d in blueprint.desired]
        message = f"the spec has no resource {pattern}"
        yield Diagnostic("TW0740", message, blueprint.spec.span(at), suggestion(pattern, known))
    for key in EACH:
        if key in said and "*" in pattern:
            message = f"`{key}` is about one resource, and {pattern} may be many"
            yield Diagnostic("TW0741", message, blueprint.spec.span((*at, key)), "write the whole address")


def _laid(blueprint: Blueprint, declaration: Declaration, pattern: str, said: Mapping[str, Any]) -> Declaration:
    """Return a declaration with what an override says of it."""
    at: Path = (SECTION, pattern)
    if "*" in pattern:
        said = {key: value for key, value in said.items() if key not in EACH}
    blueprint.diagnostics += _unknown(blueprint, declaration, at, said.get("ignore", ()))
    former = None
    if "renamed_from" in said:
        try:
            former = _former(blueprint, declaration, said["renamed_from"])
        except ValueError as wrong:
            place = blueprint.spec.span((*at, "renamed_from"))
            blueprint.diagnostics.append(Diagnostic("TW0742", str(wrong), place))
    old = declaration.treatment
    treatment = Treatment(former or old.former, said.get("adopt") or old.adopt, (*old.ignore, *said.get("ignore", ())))
    return replace(_refilled(blueprint, declaration, at, said.get("fields", {})), treatment=treatment)


def _unknown(blueprint: Blueprint, declaration: Declaration, at: Path, names: Iterable[str]) -> Iterator[Diagnostic]:
    fields = type(declaration.resource).model_fields
    for index, name in enumerate(names):
        if name.partition(".")[0] not in fields:
            message = f"{declaration.address.type} has no field {name.partition('.')[0]!r} to ignore"
            advice = suggestion(name, list(fields))
            yield Diagnostic("TW0741", message, blueprint.spec.span((*at, "ignore", index)), advice)


def _former(blueprint: Blueprint, declaration: Declaration, text: str) -> Address:
    """Read a former address; ValueError when the resource cannot have had it."""
    try:
        former = Address.parse(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address; write type.name as `twin plan` shows it") from None
    if former in blueprint.desired:
        raise ValueError(f"{former} is still in the spec, so {declaration.address} cannot have been it")
    if former.type != declaration.address.type:
        raise ValueError(f"{former} has another type than {declaration.address}: no object changes its type")
    others = (d for d in blueprint.desired if d.treatment.former == former and d.address != declaration.address)
    if (other := next(others, None)) is not None:
        raise ValueError(f"{former} cannot have become both {other.address} and {declaration.address}")
    return former


def _refilled(blueprint: Blueprint, declaration: Declaration, at: Path, fields: Mapping[str, Any]) -> Declaration:
    """Return a declaration with other fields, which point to their own lines."""
    if not fields:
        return declaration
    class_ = catalogue()[declaration.address.type]
    values = {**declaration.resource.model_dump(mode="json", exclude_none=True), **with_lists(fields)}
    try:
        resource = class_(**values)
    except ValidationError as error:
        for item in error.errors():
            place = item["loc"]
            message = f"{declaration.address}: {'.'.join(map(str, place))}: {item['msg'][:1].lower()}{item['msg'][1:]}"
            found = nearest(str(place[0]), list(class_.model_fields)) if item["type"] == "extra_forbidden" else None
            help_ = f"did you mean `{found}`?" if found else None
            span = blueprint.spec.span((*at, "fields", *place))
            blueprint.diagnostics.append(Diagnostic("TW0741", message, span, help_))
        return declaration
    origins = {**declaration.origins, **{key: (*at, "fields", key) for key in fields}}
    return replace(declaration, resource=resource, origins=origins)

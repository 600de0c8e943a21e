"""Ids and ARNs that a spec writes out: whether the objects that they name exist."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twin.address import Address
from twin.engine.check import Found
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import texts, unknown
from twin.resources.resource import Observed, Problem, RefTo
from twin.resources.scope import Scope

EC2_ID = re.compile(r"(?:vpc|subnet|igw|nat|rtb|acl|sg|vpce|eipalloc|lt)-[0-9a-f]{8,17}")
# An account's root and a key's alias are no objects of the types that refer to them.
NO_OBJECT = re.compile(r"root|alias/.*|.*[*?].*")


def literal_types(desired: Desired) -> set[str]:
    """Return the types of which a spec names objects by id or ARN, so that they must be read."""
    return {type_ for d in desired for _, _, types in _literals(d, None) for type_ in types}


def literal_problems(
    desired: Desired,
    objects: Mapping[str, Sequence[Observed]],
    known: Mapping[Address, Mapping[str, Any]],
    scope: Scope,
) -> Iterator[Found]:
    """Yield the ids and ARNs that name nothing: neither an object of the account nor one that the spec makes."""
    existing: dict[str, set[Any]] = {}
    for declaration in desired:
        for field, value, types in _literals(declaration, scope):
            if not all(type_ in objects for type_ in types):
                continue
            for type_ in types:
                if type_ not in existing:
                    existing[type_] = _names(type_, objects, known)
            if not any(value in existing[type_] for type_ in types):
                kinds = " or ".join(types)
                yield declaration, Problem("TW0717", f"{field}: the account has no {kinds} {value}", field)


def _names(
    type_: str, objects: Mapping[str, Sequence[Observed]], known: Mapping[Address, Mapping[str, Any]]
) -> set[Any]:
    told = {o.id for o in objects[type_]}
    told |= {v for o in objects[type_] for v in o.outputs.values() if isinstance(v, str)}
    return told | {v for a, values in known.items() if a.type == type_ for v in values.values() if isinstance(v, str)}


def _literals(declaration: Declaration, scope: Scope | None) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield (field, text, types) for each id or ARN written out; with a scope, ARNs of other accounts are left out."""
    class_ = type(declaration.resource)
    for field, value in declaration.values.items():
        types = next((m.types for m in class_.model_fields[field].metadata if isinstance(m, RefTo)), ())
        for text in texts(value) if types else ():
            if EC2_ID.fullmatch(text) or _own_arn(text, types, scope):
                yield field, text, types


def _own_arn(text: str, types: tuple[str, ...], scope: Scope | None) -> bool:
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) != 6 or unknown(text) or NO_OBJECT.fullmatch(parts[5]):
        return False
    services = {type_.split(".")[1] for type_ in types if type_.startswith("aws.")}
    return parts[2] in services and parts[4] != "" and (scope is None or parts[4] == scope.account)

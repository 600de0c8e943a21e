"""What Terraform owns, from its state file: which objects of the account they are, and under which names.

The format is version 4 of the state, as Terraform ≥ 0.12 and OpenTofu write it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from twin.data_files import read_yaml
from twin.errors import UsageError
from twin.resources.resource import Observed

VERSION = 4


@dataclass(frozen=True, slots=True)
class Managed:
    """One instance of a resource in the state: its address there, its type, its values."""

    address: str
    type: str
    name: str
    values: Mapping[str, Any]

    @property
    def region(self) -> str:
        """The Region in which a provider made it, as its ARN or its own field tells; "" when nothing does."""
        parts = str(self.values.get("arn") or "").split(":")
        return str(self.values.get("region") or (parts[3] if len(parts) > 3 else ""))


@cache
def _types() -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_yaml((files("twin.engine") / "data" / "terraform.yaml").read_text(encoding="utf-8"))
    return found


def read(path: Path) -> list[Managed]:
    """Read the managed resources of a state file; UsageError, with line and column where it can, when it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a Terraform state: byte {error.start} is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}:{error.colno}: not a Terraform state: {error.msg}") from error
    version = data.get("version") if isinstance(data, dict) else None
    if version != VERSION:
        raise UsageError(f"{path} has version {version!r} of Terraform's state; this reads version {VERSION}")
    try:
        return list(_managed(data["resources"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is not a Terraform state: {error!r}") from error


def _managed(resources: Sequence[Mapping[str, Any]]) -> Iterator[Managed]:
    for item in resources:
        if item["mode"] != "managed":
            continue
        place = f"{item['module']}." if item.get("module") else ""
        for instance in item["instances"]:
            index = instance.get("index_key")
            suffix = "" if index is None else f"[{json.dumps(index)}]"
            name = item["name"] if index is None else f"{item['name']}-{index}"
            address = f"{place}{item['type']}.{item['name']}{suffix}"
            yield Managed(address, item["type"], name, dict(instance["attributes"] or {}))


def types_of(managed: Sequence[Managed]) -> set[str]:
    """Return the types here of what a state has."""
    return {known["type"] for item in managed if (known := _types()["types"].get(item.type)) is not None}


@dataclass(slots=True)
class Matched:
    """The objects that Terraform owns, with their names there; and what was not found, with the reason."""

    names: dict[tuple[str, str], str]
    left: list[tuple[str, str]]
    parts: int = 0
    found: dict[int, str] = field(default_factory=dict)
    """The same names by the identity of their objects, as ids of two Regions may be the same."""


def match(
    managed: Sequence[Managed], objects: Mapping[str, Sequence[Observed]], owned: Callable[[str, str], bool]
) -> Matched:
    """Find each resource of a state among the objects of the account; `owned` tells which (type, id) are ours."""
    found = Matched({}, [])
    for item in managed:
        known = _types()["types"].get(item.type)
        if item.type in _types()["part_of"]:
            found.parts += 1
        elif known is None:
            found.left.append((item.address, f"there is no type for {item.type} here"))
        elif (one := _object(item, known, objects.get(known["type"], ()))) is None:
            found.left.append((item.address, f"the account has no {known['type']} {_told(item)}"))
        elif owned(known["type"], one.id):
            found.left.append((item.address, f"{one.id} is ours already"))
        else:
            found.names[known["type"], one.id] = item.name
            found.found[id(one)] = item.name
    return found


def _object(item: Managed, known: Mapping[str, Any], objects: Sequence[Observed]) -> Observed | None:
    if by := known.get("by"):
        wanted = {ours: item.values.get(theirs) for ours, theirs in by.items()}
        same = [o for o in objects if all(o.fields.get(n) == v for n, v in wanted.items())]
        # By the name alone it may be one of another Region, if its ARN does not say otherwise.
        placed = [o for o in same if o.outputs.get("arn") == item.values.get("arn")]
        return next(iter(placed or same), None)
    values = {item.values[n] for n in ("arn", "id") if item.values.get(n)}
    return next((o for o in objects if o.id in values or o.outputs.get("arn") in values), None)


def _told(item: Managed) -> str:
    return str(item.values.get("arn") or item.values.get("id") or item.values.get("name") or item.name)

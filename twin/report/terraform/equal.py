"""What a resource of ours is in Terraform: blocks of the provider's types, references still as they were written."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from twin.address import Address
from twin.data_files import read_yaml
from twin.resources.catalogue import catalogue

PROVIDERS = {
    "aws": "registry.terraform.io/hashicorp/aws",
    "cloudflare": "registry.terraform.io/cloudflare/cloudflare",
    "okta": "registry.terraform.io/okta/okta",
}


@dataclass(frozen=True)
class Text:
    """A value that the provider takes as JSON text."""

    value: Any


class Blocks(list[dict[str, Any]]):
    """Nested blocks, as against a list of values."""


@dataclass
class Block:
    """One resource of Terraform's: its type, its name, its arguments."""

    type: str
    name: str
    arguments: dict[str, Any]

    @property
    def address(self) -> str:
        """The address by which Terraform knows it."""
        return f"{self.type}.{self.name}"


@dataclass(frozen=True)
class Equal:
    """The row of a type in the table."""

    type: str
    fields: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    untagged: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Arguments that are secret; a plan masks them."""
    inherits: Mapping[str, str] = field(default_factory=dict)
    """Arguments whose value is that of another resource: the one to which the named field refers."""


Shape = Callable[[Block, Mapping[str, Any]], Iterator[Block]]
SHAPES: dict[str, Shape] = {}


def shapes(type_: str) -> Callable[[Shape], Shape]:
    """Enter what gives a type its nested blocks, and yields the resources that Terraform makes of its parts."""

    def enter(shape: Shape) -> Shape:
        SHAPES[type_] = shape
        return shape

    return enter


@cache
def table() -> Mapping[str, Equal]:
    """Read the table of types."""
    rows = read_yaml((Path(__file__).parent / "equals.yaml").read_text())
    return {type_: Equal(**row) for type_, row in rows.items()}


def blocks(address: Address, values: Mapping[str, Any], tags: Mapping[str, str], *, parts: bool = True) -> list[Block]:
    """Return a resource's blocks, the one that stands for itself first; without `parts` that one alone, and plain."""
    for module in ("parts", "service_parts"):
        importlib.import_module(f"twin.report.terraform.{module}")
    type_ = address.type
    row = table()[type_]
    arguments = {row.fields[name]: value for name, value in values.items() if name in row.fields}
    arguments |= {row.json[name]: Text(value) for name, value in values.items() if name in row.json and value}
    if "tags" in catalogue()[type_].model_fields and not row.untagged:
        arguments["tags"] = dict(tags)
    own = Block(row.type, address.name, {k: v for k, v in arguments.items() if v is not None})
    shape = SHAPES.get(type_) if parts else None
    return [own, *(shape(own, values) if shape else ())]

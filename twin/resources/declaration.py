"""What the spec wants: resources under their addresses, each with the place in the spec that caused it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from twin.address import Address
from twin.resources.reference import Reference, references
from twin.resources.resource import Resource

Path = tuple[str | int, ...]
"""The way to a value in the spec: ("data", "buckets", "lake")."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What holds for one resource besides its fields.

    `former` is the address that it had before, `adopt` the id of an object that is taken over, `ignore` names what is
    left as it is.
    """

    former: Address | None = None
    adopt: str | None = None
    ignore: tuple[str, ...] = ()


PLAIN = Treatment()


@dataclass(frozen=True)
class Declaration:
    """One desired resource; `origin` is its place in the spec, `origins` the places of single fields."""

    address: Address
    resource: Resource
    origin: Path = ()
    origins: Mapping[str, Path] = field(default_factory=dict)
    treatment: Treatment = PLAIN

    def ref(self, attribute: str = "id") -> str:
        """Return the text by which another resource refers to an attribute of this one."""
        return str(Reference(self.address, attribute))

    @property
    def id(self) -> str:
        """A reference to the vendor's id of the resource."""
        return self.ref("id")

    @property
    def arn(self) -> str:
        """A reference to the resource's ARN."""
        return self.ref("arn")

    @cached_property
    def values(self) -> dict[str, Any]:
        """The managed fields as plain data, references unresolved."""
        return self.resource.values()

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference in the fields."""
        return tuple(references(self.values))

    def place(self, field_name: str | None) -> Path:
        """Return the place in the spec of a field, or of the resource when the field has none of its own."""
        return self.origins.get(field_name or "", self.origin)


class Desired:
    """The resources that a spec wants, by address, in the order of their declaration."""

    def __init__(self) -> None:
        self.declarations: dict[Address, Declaration] = {}
        self.protections: list[tuple[str, str, Path]] = []
        """What must not be removed or replaced: an address, in which `*` stands for any text; why; the place."""

    def add(self, name: str, resource: Resource, at: Path, origins: Mapping[str, Path] | None = None) -> Declaration:
        """Declare a resource under `<its type>.<name>`; ValueError when the address is taken."""
        declaration = Declaration(Address(resource.TYPE, name), resource, at, origins or {})
        if declaration.address in self.declarations:
            raise ValueError(f"{declaration.address} is declared twice")
        self.declarations[declaration.address] = declaration
        return declaration

    def __getitem__(self, address: Address) -> Declaration:
        return self.declarations[address]

    def __contains__(self, address: Address) -> bool:
        return address in self.declarations

    def __iter__(self) -> Iterator[Declaration]:
        return iter(self.declarations.values())

    def __len__(self) -> int:
        return len(self.declarations)

    def protection(self, address: Address) -> tuple[str, Path] | None:
        """Return why an address is protected and where the spec says so; None when it is not."""
        said = ((why, at) for pattern, why, at in self.protections if fnmatchcase(str(address), pattern))
        return next(said, None)

    def resources(self) -> dict[Address, Resource]:
        """Return the resources alone, by address."""
        return {address: declaration.resource for address, declaration in self.declarations.items()}

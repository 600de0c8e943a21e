"""What a resource type is: fields, references, immutability, and the verbs that read and change it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from twin.address import Address
from twin.resources.call import Call, Steps, drive
from twin.resources.canonical import Compare, canonical
from twin.resources.reference import whole
from twin.resources.scope import Scope


@dataclass(frozen=True, slots=True)
class RefTo:
    """Marks a field (or the items of a list field) as a reference to a resource of one of these types."""

    types: tuple[str, ...]

    def __init__(self, *types: str) -> None:
        object.__setattr__(self, "types", types)


@dataclass(frozen=True, slots=True)
class Immutable:
    """Marks a field that the vendor cannot change in place: another value means replacement."""


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Marks a field that holds a secret's source (`env:NAME`, `file:PATH`); the value is read at apply only."""


@dataclass(frozen=True, slots=True)
class WriteOnly:
    """Marks a field that the vendor never shows again; it is compared with what was last applied."""


IMMUTABLE = Immutable()
SENSITIVE = Sensitive()
WRITE_ONLY = WriteOnly()


@dataclass(frozen=True, slots=True)
class Observed:
    """A resource as its endpoint tells it, its fields normalised to the class's own form.

    `id` is unique per type; `owner` is the address from its ownership tag; `member_of` names (type, id) of the
    resource whose set it belongs to, so that a member nobody declared is drift; `builtin` marks what the vendor made;
    `other` names the org and environment, not ours, that the ownership tag or mark tells.
    """

    id: str
    fields: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    owner: Address | None = None
    member_of: tuple[str, str] | None = None
    builtin: bool = False
    other: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a read is for: lets a type that has no batch read fetch the details only of what the spec manages."""

    ids: frozenset[str] = frozenset()
    keys: frozenset[tuple[Any, ...]] = frozenset()
    managed: Mapping[tuple[Any, ...], frozenset[str]] = field(default_factory=dict)
    """By natural key, the fields that the spec manages, where each field costs a call to read."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A constraint of the vendor that a desired resource breaks, found before anything is sent."""

    code: str
    message: str
    field: str | None = None
    help: str | None = None


class Peers:
    """The other desired resources, as a check sees them."""

    def __init__(self, desired: Mapping[Address, "Resource"], scope: Scope) -> None:
        self.desired = desired
        self.scope = scope
        self._types: dict[str, list[tuple[Address, Resource]]] = {}
        self._values: dict[tuple[str, str], dict[Any, list[tuple[Address, Resource]]]] = {}
        for address, resource in desired.items():
            self._types.setdefault(address.type, []).append((address, resource))

    def get(self, value: Any) -> "Resource | None":
        """Return the desired resource that a field refers to, or None when it is a literal."""
        target = whole(value)
        return self.desired.get(target.address) if target else None

    def of(self, type_: str) -> Sequence[tuple[Address, "Resource"]]:
        """Return the desired resources of a type with their addresses, in the order of their declaration."""
        return self._types.get(type_, ())

    def beside(self, address: Address) -> Sequence[tuple[Address, "Resource"]]:
        """Return the desired resources of an address's type and Region, itself included."""
        return [one for one in self.of(address.type) if one[0].region == address.region]

    def having(self, type_: str, name: str, value: Any) -> Sequence[tuple[Address, "Resource"]]:
        """Return the desired resources of a type whose field `name` has a value, without looking at the others."""
        if (type_, name) not in self._values:
            index = self._values[type_, name] = {}
            for address, resource in self.of(type_):
                index.setdefault(getattr(resource, name), []).append((address, resource))
        return self._values[type_, name].get(value, ())


class Resource(BaseModel):
    """The desired fields of one resource; each subclass is a type of the catalogue.

    A field that is None is not managed. Texts may hold references, which the engine resolves before a verb runs; a
    verb run for a plan's check sees the unresolved text instead.
    """

    # A run needs a few of the catalogue's types: the others are never built.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    TYPE: ClassVar[str] = ""
    KEY: ClassVar[tuple[str, ...]] = ()
    """Fields that together name the object at the vendor; () when only its tags identify it."""
    TAGGED: ClassVar[bool] = False
    """Whether `read` can tell the owner (tags, or a mark in a free text)."""
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)
    """Attributes that others may refer to, besides the fields."""
    INCOMPLETE: ClassVar[Literal["update", "replace"]] = "update"
    """What to do with an object whose creation was cut short."""
    TOLD_WITH: ClassVar[tuple[str, ...]] = ()
    """Types whose own read tells of this one without another call, so that it is looked at wherever they are."""
    CATALOGUE: ClassVar[dict[str, "type[Resource]"]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        """Enter the subclass into the catalogue under its type."""
        super().__init_subclass__(**options)
        if cls.__dict__.get("TYPE"):
            if cls.TYPE in Resource.CATALOGUE:
                raise ValueError(f"resource type {cls.TYPE} is defined twice")
            Resource.CATALOGUE[cls.TYPE] = cls

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all resources of the type, in one batch where the vendor offers one."""
        raise NotImplementedError(cls.TYPE)

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the resource; returns its outputs, `id` among them."""
        raise NotImplementedError(self.TYPE)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the fields named in `changed`, and write the ownership tag when `"owner"` is among them."""
        raise NotImplementedError(self.TYPE)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the resource."""
        raise NotImplementedError(cls.TYPE)

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """Tell whether the resource can be used by its dependants; polled on targets where creation takes time."""
        yield from ()
        return True

    def beforehand(self, desired: Mapping[Address, "Resource"]) -> Iterable[Address]:
        """Yield what must be there before it although no field names it."""
        return ()

    def possible(self, scope: Scope) -> Steps[bool]:
        """Tell whether what it is made of is of use yet; polled before it is made or changed, where that takes time."""
        yield from ()
        return True

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """Return the outputs that are certain before creation (an ARN made of names, say)."""
        return {}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Yield the documented constraints that this resource breaks."""
        return ()

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Tell whether a field's desired and observed values mean the same to the vendor."""
        if desired == observed:
            return True
        modes = [m for m in cls.model_fields[name].metadata if isinstance(m, Compare)]
        return bool(canonical(desired, modes) == canonical(observed, modes))

    @classmethod
    @cache
    def marked(cls, marker: type) -> frozenset[str]:
        """Return the names of the fields that carry a marker."""
        return frozenset(n for n, f in cls.model_fields.items() if any(isinstance(m, marker) for m in f.metadata))

    def values(self) -> dict[str, Any]:
        """Return the managed fields as plain data."""
        return {k: v for k, v in self.model_dump(mode="json").items() if v is not None}


def drain(steps: Steps[Any], reply: Any) -> tuple[list[Call], Any]:
    """Run a verb with the same stand-in reply to every call; returns its calls and its result."""
    calls: list[Call] = []

    def send(call: Call) -> Any:
        calls.append(call)
        return None if call.absent else reply

    result = drive(steps, send)
    return calls, result

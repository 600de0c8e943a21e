"""The data types of the rules language, spelled as Cloudflare's documentation spells them."""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Kind:
    """A type: a primitive, or an array or a map of values of one type."""

    name: str
    of: "Kind | None" = None

    def __str__(self) -> str:
        return f"{self.name}<{self.of}>" if self.of else self.name


STRING = Kind("String")
INTEGER = Kind("Integer")
BOOLEAN = Kind("Boolean")
ADDRESS = Kind("IP address")
PRIMITIVES = {kind.name: kind for kind in (STRING, INTEGER, BOOLEAN, ADDRESS)}


def array(of: Kind) -> Kind:
    """Return the type of an array of such values."""
    return Kind("Array", of)


def mapping(of: Kind) -> Kind:
    """Return the type of a map from strings to such values."""
    return Kind("Map", of)


BOOLEANS = array(BOOLEAN)


@cache
def kind(name: str) -> Kind:
    """Return the type of a name such as `Map<Array<String>>`."""
    if name in PRIMITIVES:
        return PRIMITIVES[name]
    outer, _, inner = name.partition("<")
    assert outer in ("Array", "Map"), name
    return Kind(outer, kind(inner[:-1]))

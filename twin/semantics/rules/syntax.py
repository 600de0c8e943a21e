"""The tree of an expression: every node knows its type and the character where it begins."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from twin.semantics.rules.kinds import ADDRESS, BOOLEAN, BOOLEANS, INTEGER, STRING, Kind


class Ip(NamedTuple):
    """An IP address as its version and number, which orders as Cloudflare orders addresses."""

    version: int
    number: int


class Each(Enum):
    """The index `[*]`: every element of an array or map."""

    ELEMENT = "*"


Index = str | int | Each


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal: `quoted`, `raw` or in hexadecimal `bytes`."""

    value: bytes
    form: str = "quoted"
    at: int = field(default=0, compare=False)

    kind = STRING


@dataclass(frozen=True, slots=True)
class Number:
    """An integer literal of 64 bits."""

    value: int
    at: int = field(default=0, compare=False)

    kind = INTEGER


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address literal."""

    value: Ip
    at: int = field(default=0, compare=False)

    kind = ADDRESS


@dataclass(frozen=True, slots=True)
class Interval:
    """An item of an inline list: both bounds are part of it."""

    first: int | Ip
    last: int | Ip
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class InlineList:
    """Values in braces: strings, or integers or addresses with their ranges."""

    items: tuple[Text | Interval, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list of the account, `$name`."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A property of the request or the response."""

    name: str
    kind: Kind
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments; mapped over an array when its first argument ends in `[*]`."""

    name: str
    arguments: tuple["Argument", ...]
    kind: Kind
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Access:
    """A field or a call with its indexes; `kind` is the type of one element where `[*]` is used."""

    root: Field | Call
    indexes: tuple[Index, ...]
    kind: Kind
    at: int = field(default=0, compare=False)

    @property
    def mapped(self) -> bool:
        """Tell whether the access stands for every element of an array or map."""
        return Each.ELEMENT in self.indexes


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean value that stands for itself."""

    value: Access
    at: int = field(default=0, compare=False)

    @property
    def kind(self) -> Kind:
        """Return Boolean, or the array of them."""
        return BOOLEANS if self.value.mapped else self.value.kind


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value, an operator and what the value is compared with."""

    left: Access
    operator: str
    right: "Right"
    at: int = field(default=0, compare=False)

    @property
    def kind(self) -> Kind:
        """Return Boolean, or an array of them when the left side is mapped."""
        return BOOLEANS if self.left.mapped else BOOLEAN


@dataclass(frozen=True, slots=True)
class Constant:
    """A whole expression that says `true` or `false` of every request."""

    value: bool
    at: int = field(default=0, compare=False)

    kind = BOOLEAN


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of an expression."""

    operand: "Logical"
    at: int = field(default=0, compare=False)

    @property
    def kind(self) -> Kind:
        """Return the type of what is negated."""
        return self.operand.kind


@dataclass(frozen=True, slots=True)
class Group:
    """An expression in parentheses."""

    inner: "Logical"
    at: int = field(default=0, compare=False)

    @property
    def kind(self) -> Kind:
        """Return the type of what is grouped."""
        return self.inner.kind


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more expressions joined by one of `and`, `xor`, `or`."""

    operator: str
    operands: tuple["Logical", ...]
    at: int = field(default=0, compare=False)

    @property
    def kind(self) -> Kind:
        """Return the type that all operands share."""
        return self.operands[0].kind


Literal = Text | Number | Address
Right = Literal | InlineList | NamedList | Access
Logical = Truth | Comparison | Not | Group | Logic
Argument = Access | Literal | Logical
Expression = Logical | Access | Constant

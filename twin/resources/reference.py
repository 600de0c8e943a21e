"""References between resources: `${aws.ec2.vpc.main.id}` as a value or inside a text, whence edges come."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twin.address import PLACED, TYPE, Address

# IAM policy variables (`${aws:username}`) have a colon and so never match.
PATTERN = re.compile(rf"\$\{{((?:{TYPE.pattern})\.{PLACED.pattern})\.([a-z][a-z0-9_]*)\}}")

# What is meant as a reference: by the type that it begins with, or by standing where nothing else can.
BEGUN = re.compile(rf"\$\{{\s*(?:{TYPE.pattern})\b[^$}}]*\}}?")
ANY = re.compile(r"\$\{[^$}]*\}?")


@dataclass(frozen=True, slots=True)
class Reference:
    """An output or a field of another resource, by address and attribute."""

    address: Address
    attribute: str

    def __str__(self) -> str:
        return f"${{{self.address}.{self.attribute}}}"


def references(value: Any) -> Iterator[Reference]:
    """Yield every reference in a value: a text, or anything nested in lists and mappings."""
    if isinstance(value, str):
        if "${" in value:
            for match in PATTERN.finditer(value):
                yield Reference(Address.parse(match[1]), match[2])
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from references(key)
            yield from references(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from references(item)


def broken(value: Any, *, alone: bool) -> Iterator[str]:
    """Yield what is meant as a reference and is none; `alone` says that no other `${…}` can stand there."""
    for text in texts(value):
        for match in (ANY if alone else BEGUN).finditer(text):
            if not PATTERN.match(text, match.start()):
                yield match[0]


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, not the keys of its mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


def whole(value: Any) -> Reference | None:
    """Return the reference that a value consists of, or None when it is anything else."""
    match = PATTERN.fullmatch(value) if isinstance(value, str) else None
    return Reference(Address.parse(match[1]), match[2]) if match else None


def resolve(value: Any, lookup: Callable[[Reference], Any]) -> Any:
    """Replace each reference for which `lookup` knows a value; the others stay as they are written.

    `lookup` returns None for what is not known yet. A text that is one reference takes the looked-up value with
    its type; inside a longer text the value is written out.
    """
    if isinstance(value, str):
        return _resolve_text(value, lookup) if "${" in value else value
    if isinstance(value, dict):
        return {resolve(k, lookup): resolve(v, lookup) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, lookup) for item in value]
    return value


def _resolve_text(text: str, lookup: Callable[[Reference], Any]) -> Any:
    alone = whole(text)
    if alone is not None:
        found = lookup(alone)
        return text if found is None else found

    def write(match: re.Match[str]) -> str:
        found = lookup(Reference(Address.parse(match[1]), match[2]))
        return match[0] if found is None else str(found)

    return PATTERN.sub(write, text)


def unknown(value: Any) -> bool:
    """Tell whether a value still holds a reference, that is, will be known only after apply."""
    return next(references(value), None) is not None

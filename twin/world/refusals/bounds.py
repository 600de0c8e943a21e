"""What services refuse that lies out of the bounds of their API model, whatever the call is about."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from twin.world.refusals import EVERY, Asked, Refusal, refuses

HELD: Mapping[str, Any] = json.loads(Path(__file__).with_name("bounded_services.json").read_text("utf-8"))
SERVICES: Mapping[str, Any] = HELD["services"]
LINEAR: Mapping[str, str] = HELD["linear"]["patterns"]
UNHELD = frozenset(HELD["unheld"])
# Some patterns take a time that grows with the square of a value's length: one longer than its model and this is not
# matched at all, being refused for its length.
MATCHED = 4096
# Java's way to write what lies beyond 16 bits.
BEYOND = (r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff")
COUNTED = ("integer", "long", "float", "double")
Look = Callable[[Any, str], Iterator[str]]
"""Yields what is wrong with a value, given where it stands."""


def within_bounds(asked: Asked) -> None:
    """Every parameter has the length, range, form and choice that the model gives it."""
    look = _looks(asked.call.service, asked.call.operation)
    if look is not None:
        _refuse(asked.call.service, list(look(asked.parameters, "")))


def hold(service: str, shape: str, value: Any, place: str) -> None:
    """Hold a value to a shape of a service's model to which calls are not held as such."""
    from moto.core.utils import get_service_model

    look = _own(get_service_model(service).shape_for(shape))
    if look is not None:
        _refuse(service, list(look(value, place)))


def _refuse(service: str, wrong: list[str]) -> None:
    if wrong:
        plural = "s" if len(wrong) > 1 else ""
        message = f"{len(wrong)} validation error{plural} detected: {'; '.join(wrong)}"
        raise Refusal(SERVICES[service]["code"], message)


for service in SERVICES:
    refuses(service, EVERY)(within_bounds)


@cache
def _looks(service: str, operation: str) -> Look | None:
    from moto.core.utils import get_service_model

    shape = get_service_model(service).operation_model(operation).input_shape
    return _look(shape, service, ()) if shape is not None else None


def _look(shape: Shape, service: str, above: tuple[str, ...]) -> Look | None:
    """Return how a value of a shape is looked at; None where nothing is bounded."""
    if shape.name in above or f"{service}:{shape.name}" in UNHELD:
        return None
    below = (*above, shape.name)
    if isinstance(shape, StructureShape):
        return _structure({name: _look(member, service, below) for name, member in shape.members.items()})
    own, inner = _own(shape), None
    if isinstance(shape, ListShape):
        inner = _members(_look(shape.member, service, below))
    elif isinstance(shape, MapShape):
        inner = _values(_look(shape.value, service, below))
    return _both(own, inner) if own and inner else own or inner


def _structure(members: Mapping[str, Look | None]) -> Look | None:
    found = {name: look for name, look in members.items() if look is not None}

    def look(value: Any, place: str) -> Iterator[str]:
        for name, held in value.items():
            if name in found and held is not None:
                told = f"{name[0].lower()}{name[1:]}"
                yield from found[name](held, f"{place}.{told}" if place else told)

    return look if found else None


def _members(look: Look | None) -> Look | None:
    def each(value: Any, place: str) -> Iterator[str]:
        assert look is not None
        for number, member in enumerate(value, 1):
            yield from look(member, f"{place}.{number}.member")

    return each if look is not None else None


def _values(look: Look | None) -> Look | None:
    def each(value: Any, place: str) -> Iterator[str]:
        assert look is not None
        for name, member in value.items():
            yield from look(member, f"{place}.{name}.member")

    return each if look is not None else None


def _both(one: Look, other: Look) -> Look:
    def look(value: Any, place: str) -> Iterator[str]:
        yield from one(value, place)
        yield from other(value, place)

    return look


def _own(shape: Shape) -> Look | None:
    """Return how a value is looked at by itself."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    counted = shape.type_name in COUNTED
    choices = tuple(shape.enum) if isinstance(shape, StringShape) else ()
    pattern = _pattern(str(shape.metadata.get("pattern") or ""))
    written = shape.metadata.get("pattern")
    if least is None and most is None and not choices and pattern is None:
        return None
    hidden = bool(shape.metadata.get("sensitive")) or shape.type_name in ("blob", "list", "map")
    what = "value" if counted else "length"

    def look(value: Any, place: str) -> Iterator[str]:
        told = f"Value at '{place}'" if hidden else f"Value '{value}' at '{place}'"
        size = value if counted else len(value)
        if choices and value not in choices:
            yield f"{told} failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(choices)}]"
        matched = most is None or size <= max(most, MATCHED)
        if pattern is not None and matched and not pattern.fullmatch(value):
            yield f"{told} failed to satisfy constraint: Member must satisfy regular expression pattern: {written}"
        if most is not None and size > most:
            yield f"{told} failed to satisfy constraint: Member must have {what} less than or equal to {most}"
        if least is not None and size < least:
            yield f"{told} failed to satisfy constraint: Member must have {what} greater than or equal to {least}"

    return look


def _pattern(written: str) -> re.Pattern[str] | None:
    """Return a pattern, or its equal that takes no time beyond bounds; None for one that is Java's alone."""
    try:
        return re.compile(LINEAR.get(written, written).replace(*BEYOND), re.ASCII) if written else None
    except re.error:
        return None

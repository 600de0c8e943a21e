"""Has botocore's parser of REST replies look for the headers that came, and not for each that may come."""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from botocore.model import Shape
from botocore.parsers import BaseRestParser

from twin.resources.mounting import Replied

Place = tuple[int, str]
ATTRIBUTES, PAYLOAD = "_parse_non_payload_attrs", "_parse_payload"
"""What botocore calls the steps of its parser."""


def read_what_came(parser: Any) -> None:
    """Let a parser of REST replies read each part of a reply by what came of it; other parsers are left as they are."""
    if isinstance(parser, BaseRestParser) and ATTRIBUTES not in vars(parser):
        for name, step in ((ATTRIBUTES, _attributes), (PAYLOAD, _payload)):
            setattr(parser, name, partial(step, getattr(parser, name)))


def _attributes(stock: Any, response: Any, shape: Shape, members: Mapping[str, Shape], parsed: dict[str, Any]) -> None:
    headers = response["headers"]
    if isinstance(headers, Replied):
        always, by_header = _placed(shape)
        came = [place for name in by_header.keys() & headers.by_name.keys() for place in by_header[name]]
        members = {name: members[name] for _, name in sorted([*always, *came])}
    stock(response, shape, members, parsed)


def _payload(stock: Any, response: Any, shape: Shape, members: Mapping[str, Shape], parsed: dict[str, Any]) -> None:
    if response["body"] != b"" or "payload" in shape.serialization:
        stock(response, shape, members, parsed)


@lru_cache(1024)
def _placed(shape: Shape) -> tuple[tuple[Place, ...], Mapping[str, tuple[Place, ...]]]:
    """Return the members of a reply that may always be there, and those in a header, each with its place in order."""
    always: list[Place] = []
    by_header: dict[str, tuple[Place, ...]] = {}
    for place, (name, member) in enumerate(shape.members.items()):
        if member.serialization.get("location") == "header":
            header = member.serialization.get("name", name).lower()
            by_header[header] = (*by_header.get(header, ()), (place, name))
        else:
            always.append((place, name))
    return tuple(always), by_header

"""The pages of a list on the wire: a reply names the next one by a token, and a request takes it from there."""

import re
from collections.abc import Sequence
from dataclasses import replace

from twin.resources.aws.read_request import ReadRequest

NAMED = re.compile(
    rb'(?:"(?:[nN]extToken|PaginationToken|(?:Next)?Marker)": ?"|<(?:NextToken|(?:Next)?Marker)>)([\w-]{16,})["<]'
)
"""A token as JSON and XML write it, of signs that are written alike everywhere."""


def token_of(body: bytes) -> bytes:
    """Return the token of the next page that a reply tells; nothing where it tells none that is understood here."""
    found = NAMED.search(body)
    return found[1] if found else b""


def followed(told: Sequence[tuple[ReadRequest, bytes]]) -> list[int | None]:
    """Return for each read of a list with the replies' bodies the place of the one whose next page it asks for."""
    tokens: dict[bytes, int] = {}
    found: list[int | None] = []
    for place, (read, body) in enumerate(told):
        found.append(
            next((at for token, at in tokens.items() if token in read.body and _alike(told[at][0], read)), None)
        )
        if token := token_of(body):
            tokens[token] = place
    return found


def next_page(read: ReadRequest, before: bytes, told: bytes) -> ReadRequest | None:
    """Return a read with the token that a reply's body tells in the place of the one `before`; None without one."""
    token = token_of(told)
    return replace(read, body=read.body.replace(before, token)) if token else None


def _alike(one: ReadRequest, other: ReadRequest) -> bool:
    return (one.method, one.path, one.query, one.headers, one.scope) == (
        other.method, other.path, other.query, other.headers, other.scope,
    )  # fmt: skip

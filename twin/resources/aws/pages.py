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
    """Return for each read of a list with the replies' bodies the place of the one whose next page it asks for.

    It is the same request but for the token, as a token may be a name that other requests hold too; and a page has one
    that follows.
    """
    tokens: dict[bytes, int] = {}
    bare: list[bytes] = []
    found: list[int | None] = []
    for place, (read, body) in enumerate(told):
        token = next((one for one, at in tokens.items() if _follows(read, one, told[at][0], bare[at])), None)
        bare.append(_without(read.body, token) if token is not None else read.body)
        found.append(tokens.pop(token) if token is not None else None)
        if given := token_of(body):
            tokens[given] = place
    return found


def next_page(read: ReadRequest, before: bytes, told: bytes) -> ReadRequest | None:
    """Return a read with the token that a reply's body tells in the place of the one `before`; None without one."""
    token = token_of(told)
    return replace(read, body=read.body.replace(before, token)) if token else None


def _follows(read: ReadRequest, token: bytes, before: ReadRequest, bare: bytes) -> bool:
    """Tell whether a read is the one before, whose body without a token is told, with a token."""
    return (
        token in read.body
        and (read.method, read.path, read.query, read.headers, read.scope)
        == (before.method, before.path, before.query, before.headers, before.scope)
        and _without(read.body, token) == bare
    )


def _without(body: bytes, token: bytes) -> bytes:
    """Take the parameter that holds a token out of a form, or out of JSON."""
    text = rb'"\w+": ?"' + token + rb'"'
    return re.sub(rb"&\w+=" + token + rb"(?=&|$)|, ?" + text + rb"|" + text + rb"(?:, ?)?", b"", body, count=1)

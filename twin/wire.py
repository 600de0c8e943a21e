"""One HTTP exchange as plain data: what clients send and the world answers, with or without a socket."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers


def no_headers() -> "Headers":
    """Return an empty set of headers; who only sends over the network never pays for werkzeug."""
    from werkzeug.datastructures import Headers

    return Headers()


@dataclass(slots=True)
class Request:
    """A request with an absolute URL; `headers` is case-insensitive and multi-valued."""

    method: str
    url: str
    headers: "Headers" = field(default_factory=no_headers)
    body: bytes = b""


@dataclass(slots=True)
class Response:
    """A whole reply; `headers` keeps repeated names (`Link`) apart and in order.

    `delay` tells in seconds how late it comes; whoever carries it to its client lets that time pass.
    """

    status: int
    headers: "Headers" = field(default_factory=no_headers)
    body: bytes = b""
    delay: float = 0.0


Handle = Callable[[Request], Response]

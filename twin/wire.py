"""One HTTP exchange as plain data: what clients send and the world answers, with or without a socket."""

from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug.datastructures import Headers


@dataclass(slots=True)
class Request:
    """A request with an absolute URL; `headers` is case-insensitive and multi-valued."""

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


@dataclass(slots=True)
class Response:
    """A whole reply; `headers` keeps repeated names (`Link`) apart and in order.

    `delay` tells in seconds how late it comes; whoever carries it to its client lets that time pass.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    delay: float = 0.0


Handle = Callable[[Request], Response]

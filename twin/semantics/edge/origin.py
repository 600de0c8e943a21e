"""The way from the edge to an origin: what is sent there, what comes back, and what a failure looks like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from twin.semantics.edge.asked import Asked

Failure = Literal["dns", "refused", "timeout", "unreachable", "silent", "handshake", "empty"]


@dataclass(frozen=True)
class Certificate:
    """The certificate that an origin shows: its names, its end in seconds, and who vouches for it."""

    names: tuple[str, ...]
    not_after: float
    trusted: bool = True
    """Signed by a public authority or by Cloudflare's Origin CA."""


@dataclass(frozen=True)
class Forwarded:
    """A request to an origin: an address (IP or host name), how it is reached, and the request itself."""

    address: str
    port: int
    scheme: str
    host_header: str
    sni: str
    asked: Asked
    headers: Mapping[str, tuple[str, ...]]
    pool: str = ""
    origin: str = ""
    """The name of the pool's origin."""

    @property
    def url(self) -> str:
        """Return the whole address that is asked."""
        return f"{self.scheme}://{self.host_header}{self.asked.uri}"


@dataclass(frozen=True)
class Returned:
    """An origin's answer, with the certificate that it showed; names of headers are in lower case."""

    status: int
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: bytes = b""
    certificate: Certificate | None = None


@dataclass(frozen=True)
class Broken:
    """No answer: what failed on the way, with `http` for a scheme that the origin does not speak."""

    failure: Failure


class Origin(Protocol):
    """Whoever answers for the addresses behind the edge: the network of the org, or a test."""

    def __call__(self, sent: Forwarded) -> Returned | Broken:
        """Carry a request to an origin."""
        ...

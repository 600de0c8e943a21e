"""HTTP/1.1 to one host in clear, over connections that are kept: for many small calls to a server near by."""

import os
import socket
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

PIECE = 65_536
LARGEST_HEAD = 65_536
TIMEOUT = 60.0
"""Seconds, as long as botocore waits for a reply."""
BODILESS = frozenset({204, 304})


class Broken(Exception):
    """A connection ended, or what came over it is no reply that is understood here."""


@dataclass(slots=True)
class Answer:
    """A whole reply."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class WireClient:
    """Connections to a host; each carries one exchange at a time, and as many are open as were needed at once."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._idle: list[socket.socket] = []
        self._lock = Lock()
        self._process = os.getpid()

    @classmethod
    def at(cls, url: str) -> "WireClient":
        """Return the connections to an address."""
        place = urlsplit(url)
        return cls(place.hostname or "", place.port or 80)

    def exchange(self, request: bytes) -> Answer:
        """Send a request; Broken when no reply comes, whether it was carried out or not."""
        with self._lock:
            if self._process != os.getpid():  # what was open before a fork is the other's
                self._idle, self._process = [], os.getpid()
            line = self._idle.pop() if self._idle else None
        try:
            line = line or self._connect()
            line.sendall(request)
            answer, kept = _read(line)
        except (OSError, Broken) as error:
            if line is not None:
                line.close()
            raise Broken(str(error)) from error
        if kept:
            with self._lock:
                self._idle.append(line)
        else:
            line.close()
        return answer

    def _connect(self) -> socket.socket:
        line = socket.create_connection(self._place, TIMEOUT)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line


def _read(line: socket.socket) -> tuple[Answer, bool]:
    """Read a reply, and tell whether its connection can carry another."""
    told = b""
    while (end := told.find(b"\r\n\r\n")) < 0:
        piece = line.recv(PIECE)
        if not piece or len(told) > LARGEST_HEAD:
            raise Broken("the connection ended before a reply came")
        told += piece
    first, *lines = told[:end].decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if version != "HTTP/1.1" or not rest[:3].isdigit():
        raise Broken(f"no reply of HTTP/1.1: {first[:40]!r}")
    pairs = (one.partition(":") for one in lines)
    headers = [(name, value.strip()) for name, _, value in pairs]
    named = {name.lower(): value for name, value in headers}
    status = int(rest[:3])
    length = "0" if status in BODILESS else named.get("content-length", "")
    if "transfer-encoding" in named or not length.isdigit():
        raise Broken("a reply that does not tell its length")
    parts, missing = [told[end + 4 :]], int(length) - (len(told) - end - 4)
    while missing > 0:
        piece = line.recv(min(missing, PIECE * 16))
        if not piece:
            raise Broken("the connection ended within a reply")
        parts.append(piece)
        missing -= len(piece)
    kept = missing == 0 and named.get("connection", "").lower() != "close"
    return Answer(status, headers, b"".join(parts)), kept

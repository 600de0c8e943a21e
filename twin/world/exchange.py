"""One HTTP/1.1 exchange between a socket and the world: what arrived, exactly, and what goes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from typing import Any

from cheroot.errors import MaxSizeExceeded
from cheroot.server import HeaderReader, HTTPRequest
from werkzeug.datastructures import Headers

from twin.wire import Request, Response

# Replies with these statuses have no body, and say no length.
BODILESS = {204, 304}
PIECE = 65_536


class Malformed(Exception):
    """A client broke HTTP's rules or broke off: it is told so, and its connection ends."""


class _HeaderLines(HeaderReader):
    """Keeps the headers of one request as they came: in order, repeated, in their own spelling."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> Any:
        self._rfile = rfile
        return super().__call__(self, hdict)

    def readline(self) -> bytes:
        """Read one line, and keep it."""
        line: bytes = self._rfile.readline()
        self.lines.append(line)
        return line

    def headers(self) -> Headers:
        """Return the headers; a continued line belongs to the one before it."""
        pairs: list[tuple[str, str]] = []
        for line in self.lines:
            text = line.decode("latin-1").rstrip("\r\n")
            if text[:1] in (" ", "\t") and pairs:
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {text.strip()}")
            elif text:
                name, _, value = text.partition(":")
                pairs.append((name.strip(), value.strip()))
        return Headers(pairs)


class Exchange(HTTPRequest):
    """A request of cheroot's that remembers its headers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.header_reader = _HeaderLines()


def read(exchange: Any) -> Request:
    """Read a request whole, with its absolute URL; Malformed when it cannot be what its client meant to send."""
    headers = exchange.header_reader.headers()
    body = _chunked(exchange) if exchange.chunked_read else _measured(exchange, headers)
    try:
        method = exchange.method.decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("Malformed method name") from error
    scheme, target = exchange.scheme.decode("ascii"), exchange.uri.decode("latin-1")
    if not target.startswith("/"):
        raise Malformed("The request's target has to be a path.")
    return Request(method, f"{scheme}://{headers.get('Host', 'localhost')}{target}", headers, body)


def _chunked(exchange: Any) -> bytes:
    try:
        body = b"".join(_pieces(exchange.rfile))
        # Trailers end the body; left unread they would be taken for the next request.
        for _ in exchange.rfile.read_trailer_lines():
            continue
    except ValueError as error:
        raise Malformed(str(error)) from error
    except MaxSizeExceeded as error:
        raise Malformed("The body exceeds what the twin takes") from error
    return body


def _pieces(rfile: Any) -> Iterator[bytes]:
    while piece := rfile.read(PIECE):
        yield piece


def _measured(exchange: Any, headers: Headers) -> bytes:
    lengths = set(headers.getlist("Content-Length"))
    if not lengths:
        return b""
    if len(lengths) > 1 or not all(length.isascii() and length.isdigit() for length in lengths):
        raise Malformed("Malformed Content-Length Header.")
    body: bytes = exchange.rfile.read()
    # What a client that died had sent so far is no request: S3 would keep it as the whole object.
    if len(body) != int(lengths.pop()):
        raise Malformed("The body ended before its length was reached.")
    return body


def write(exchange: Any, response: Response) -> None:
    """Send a reply as the world gave it."""
    names = {name.lower() for name, _ in response.headers.items()}
    fields = list(response.headers.items())
    if "content-length" not in names and response.status not in BODILESS:
        fields.append(("Content-Length", str(len(response.body))))
    exchange.status = f"{response.status} {_reason(response.status)}".encode("ascii")
    exchange.outheaders = [(name.encode("latin-1"), _value(value)) for name, value in fields]
    body = b"" if exchange.method == b"HEAD" or response.status in BODILESS else response.body
    if len(body) <= PIECE:
        with _gathered(exchange.conn):
            _send(exchange, body)
    else:
        _send(exchange, body)


@contextmanager
def _gathered(connection: Any) -> Iterator[None]:
    """Send in one piece what is written meanwhile.

    Go's AWS clients give up a reply now and then whose headers come alone, and send their request a second time.
    """
    wire, connection.wfile = connection.wfile, BytesIO()
    try:
        yield
    finally:
        written, connection.wfile = connection.wfile.getvalue(), wire
        wire.write(written)


def _send(exchange: Any, body: bytes) -> None:
    exchange.ensure_headers_sent()
    if body:
        exchange.write(body)


def _value(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"

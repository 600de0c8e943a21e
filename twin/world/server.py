"""Serves a world over HTTP/1.1 on loopback, for clients that live in another process."""

import ipaddress
import logging
from collections.abc import Callable
from http import HTTPStatus
from threading import Thread
from types import TracebackType
from typing import Any, Self

from cheroot.server import Gateway, HeaderReader, HTTPConnection, HTTPRequest, HTTPServer
from werkzeug.datastructures import Headers

from twin.errors import UsageError
from twin.wire import Handle, Request, Response

log = logging.getLogger(__name__)
THREADS = 16
IDLE_CONNECTIONS = 256
BACKLOG = 128
# Seconds between looks at idle connections and at a request to stop.
TICK = 0.05
# Replies with these statuses have no body, and say no length.
BODILESS = {204, 304}


class Server:
    """A world at an address; `url` says where, `stop` or leaving the context ends it."""

    def __init__(self, inner: HTTPServer) -> None:
        self._inner = inner
        inner.prepare()
        self._thread = Thread(target=inner.serve, name="twin-server", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is bound."""
        return int(self._inner.bind_addr[1])

    @property
    def url(self) -> str:
        """The endpoint for clients."""
        host = self._inner.bind_addr[0]
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def wait(self) -> None:
        """Block until the server ends."""
        self._thread.join()

    def stop(self) -> None:
        """Stop accepting, finish what is under way, close the socket."""
        self._inner.stop()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(handle: Handle, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Serve a world with threads; port 0 takes a free one. UsageError for an address that others could reach."""
    if not is_loopback(host):
        raise UsageError(f"the twin serves on loopback only; {host!r} can be reached from elsewhere")
    inner = HTTPServer((host, port), _gateway(handle), minthreads=THREADS, maxthreads=THREADS, server_name="twin")
    inner.ConnectionClass = _Connection
    inner.keep_alive_conn_limit = IDLE_CONNECTIONS
    inner.request_queue_size = BACKLOG
    inner.expiration_interval = TICK
    vars(inner)["error_log"] = _log_error
    return Server(inner)


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _log_error(msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
    log.log(level, "%s", msg, exc_info=traceback)


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


class _Exchange(HTTPRequest):
    """A request of cheroot's that remembers its headers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.header_reader = _HeaderLines()


class _Connection(HTTPConnection):
    RequestHandlerClass = _Exchange


def _gateway(handle: Handle) -> Callable[[Any], Gateway]:
    class Mounted(Gateway):
        """Carries one exchange between the socket and the world."""

        def respond(self) -> None:
            request = _read(self.req)
            try:
                response = handle(request)
            except Exception:
                log.exception("%s %s failed", request.method, request.url)
                response = Response(500, Headers([("Content-Type", "text/plain")]), b"the twin failed; see its log")
            _write(self.req, response)

    return Mounted


def _read(exchange: Any) -> Request:
    headers = exchange.header_reader.headers()
    body = exchange.rfile.read()
    if exchange.chunked_read:
        # Trailers end the body; left unread they would be taken for the next request.
        for _ in exchange.rfile.read_trailer_lines():
            continue
    target = exchange.uri.decode("latin-1")
    if not target.startswith(("http://", "https://")):
        target = f"http://{headers.get('Host', 'localhost')}{target}"
    return Request(exchange.method.decode("ascii"), target, headers, body)


def _write(exchange: Any, response: Response) -> None:
    names = {name.lower() for name, _ in response.headers.items()}
    fields = list(response.headers.items())
    if "content-length" not in names and response.status not in BODILESS:
        fields.append(("Content-Length", str(len(response.body))))
    exchange.status = f"{response.status} {_reason(response.status)}".encode("ascii")
    exchange.outheaders = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    exchange.ensure_headers_sent()
    if response.body and exchange.method != b"HEAD" and response.status not in BODILESS:
        exchange.write(response.body)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"

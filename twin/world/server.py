"""Serves a world over HTTP/1.1 on loopback, in clear or with TLS, for clients that live in another process."""

import logging
import ssl
from collections.abc import Callable
from select import POLLIN, poll
from threading import Thread
from types import TracebackType
from typing import Any, Self

from cheroot.server import Gateway, HTTPConnection, HTTPServer
from werkzeug.datastructures import Headers

from twin.errors import UsageError
from twin.wire import Handle, Response
from twin.world.exchange import Exchange, Malformed, read, write
from twin.world.source import is_loopback
from twin.world.tls import Secure, shake_hands

log = logging.getLogger(__name__)
# Consumers that wait for a message hold a thread each; the rest is always there for calls.
THREADS, WAITING = 64, 40
IDLE_CONNECTIONS = 256
# Longer than any client keeps an idle connection (Go 90 s), so that none is closed as a request sets out on it.
IDLE_SECONDS = 120
BACKLOG = 128
# Seconds between looks at idle connections and at a request to stop.
TICK = 0.05
# Request line and headers; a session's token and a presigned URL take a few thousand bytes.
HEADER_BYTES = 65_536
# Milliseconds in which a client that asks one thing after the other has its next request under way.
LINGER = 3
# The largest object of one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
BODY_BYTES = 5 * 1024**3


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
        scheme = "http" if self._inner.ssl_adapter is None else "https"
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"

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


def serve(handle: Handle, host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None) -> Server:
    """Serve a world with threads; port 0 takes a free one.

    UsageError for an address that others could reach, or already use.
    """
    if not is_loopback(host):
        raise UsageError(f"the twin serves on loopback only; {host!r} can be reached from elsewhere")
    inner = _Listener((host, port), _gateway(handle), minthreads=THREADS, maxthreads=THREADS, server_name="twin")
    inner.ssl_adapter = Secure(tls) if tls is not None else None
    inner.keep_alive_conn_limit = IDLE_CONNECTIONS
    inner.request_queue_size = BACKLOG
    inner.expiration_interval = TICK
    inner.timeout = IDLE_SECONDS
    inner.max_request_header_size = HEADER_BYTES
    inner.max_request_body_size = BODY_BYTES
    vars(inner)["error_log"] = _log_error
    try:
        return Server(inner)
    except OSError as error:
        raise UsageError(f"the twin cannot listen on {host}, port {port}: {error}") from error


def _log_error(msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
    log.log(level, "%s", msg, exc_info=traceback)


class _Connection(HTTPConnection):
    """A connection that shakes hands in the thread that serves it."""

    RequestHandlerClass = Exchange
    _greeted = False

    def communicate(self) -> bool:
        """Serve the next request; False when the connection has to end."""
        secured = isinstance(self.socket, ssl.SSLSocket)
        if secured and not self._greeted:
            self._greeted = shake_hands(self.socket)
            if not self._greeted:
                return False
        kept = self._serve_next()
        # What TLS has deciphered already makes no socket readable, so nobody would come back for it.
        while kept and ((secured and self.socket.pending()) or self._asks_on()):
            kept = self._serve_next()
        return kept

    def _asks_on(self) -> bool:
        """Wait for a moment whether the client has more to say: to come back for it takes two other threads."""
        waited = poll()
        waited.register(self.socket, POLLIN)
        return bool(waited.poll(LINGER))

    def _serve_next(self) -> bool:
        return bool(super().communicate())  # type: ignore[no-untyped-call]


class _Listener(HTTPServer):
    """Hands a connection to a thread only when its client has said something."""

    ConnectionClass = _Connection

    def process_conn(self, conn: Any) -> None:
        """Wait for a new connection's first bytes among the idle ones."""
        if conn.last_used is None:
            self.put_conn(conn)
        else:
            super().process_conn(conn)


def _gateway(handle: Handle) -> Callable[[Any], Gateway]:
    class Mounted(Gateway):
        """Carries one exchange between the socket and the world."""

        def respond(self) -> None:
            try:
                request = read(self.req)
            except Malformed as broken:
                self.req.close_connection = True
                write(self.req, _plain(400, str(broken)))
                return
            try:
                response = handle(request)
            except Exception:
                log.exception("%s %s failed", request.method, request.url)
                response = _plain(500, "the twin failed; see its log")
            write(self.req, response)

    return Mounted


def _plain(status: int, text: str) -> Response:
    return Response(status, Headers([("Content-Type", "text/plain")]), text.encode())

"""Serves a `handle` over HTTP on loopback, for the vendors' own clients."""

import threading

import pytest
from cheroot import wsgi
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request as WsgiRequest

from twin.wire import Request


def application(handle):
    """Adapt a `handle(Request) -> Response` to WSGI."""

    def serve(environ, start_response):
        incoming = WsgiRequest(environ)
        headers = Headers(list(incoming.headers.items()))
        reply = handle(Request(incoming.method, incoming.url, headers, incoming.get_data()))
        lines = [*reply.headers.items()]
        if "Content-Length" not in reply.headers and reply.status != 204:
            lines.append(("Content-Length", str(len(reply.body))))
        start_response(f"{reply.status} {'OK' if reply.status < 400 else 'Refused'}", lines)
        return [reply.body]

    return serve


@pytest.fixture
def served():
    """Return a function that serves a `handle` on 127.0.0.1 and returns its base URL, until the test ends."""
    running = []

    def serve(handle):
        server = wsgi.Server(("127.0.0.1", 0), application(handle), numthreads=2)
        server.shutdown_timeout = 1
        server.prepare()
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.bind_addr[1]}"

    yield serve
    for server, thread in running:
        server.stop()
        thread.join(timeout=5)
        assert not thread.is_alive()

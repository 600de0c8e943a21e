"""TLS for the served world: a handshake belongs to the thread that reads, so that no slow client stops the others."""

import logging
import socket
import ssl
from typing import Any

from cheroot.ssl import Adapter
from cheroot.ssl.builtin import BuiltinSSLAdapter

from twin.world.authority import Identity

log = logging.getLogger(__name__)
PLAIN = b"The client sent a plain HTTP request, but this port of the twin only speaks HTTPS."


def server_context(identity: Identity) -> ssl.SSLContext:
    """Return how the twin speaks TLS: 1.2 or newer, HTTP/1.1 inside."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(identity.certificate, identity.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Secure(Adapter):
    """Wraps accepted sockets without waiting for their clients; cheroot's own adapter holds up the one acceptor."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context

    def bind(self, sock: socket.socket) -> socket.socket:
        """Leave the listening socket as it is."""
        return sock

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
        """Wrap a connection; its handshake comes with the first read."""
        return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}

    def get_environ(self) -> dict[str, Any]:
        """Tell nothing: the world takes no part in TLS."""
        return {}

    makefile = BuiltinSSLAdapter.makefile


def shake_hands(connection: ssl.SSLSocket) -> bool:
    """Finish a connection's handshake; False when the client went away, distrusts the twin, or speaks plain HTTP."""
    try:
        connection.do_handshake()
    except ssl.SSLError as error:
        log.info("no TLS with a client: %s", error.reason or error)
        if error.reason == "HTTP_REQUEST":
            _answer_plainly(connection)
        return False
    except OSError as gone:
        log.info("no TLS with a client: %s", gone)
        return False
    return True


def _answer_plainly(connection: ssl.SSLSocket) -> None:
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    with socket.socket(fileno=socket.dup(connection.fileno())) as bare:
        bare.sendall(head % len(PLAIN) + PLAIN)

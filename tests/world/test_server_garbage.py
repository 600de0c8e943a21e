"""The server under clients that are slow, broken, or gone: each is told, none stops the others."""

import http.client
import socket
import ssl
import time

import pytest
from test_server import echo

from twin.errors import UsageError
from twin.wire import Response
from twin.world.server import THREADS, serve
from twin.world.tls import server_context


@pytest.fixture(params=["http", "https"])
def tls(request, proof):
    """How the world is served: in clear, or with TLS."""
    return server_context(proof) if request.param == "https" else None


@pytest.fixture
def arrived():
    """The requests that reached the world."""
    return []


@pytest.fixture
def server(tls, arrived):
    """A server whose world remembers what arrived."""

    def handle(request):
        arrived.append(request)
        return echo(request)

    with serve(handle, tls=tls) as running:
        yield running


@pytest.fixture
def dial(server, tls, proof):
    """Opens a bare connection."""
    opened = []

    def connect():
        raw = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        if tls is not None:
            raw = ssl.create_default_context(cafile=proof.root).wrap_socket(raw, server_hostname="127.0.0.1")
        opened.append(raw)
        return raw

    yield connect
    for raw in opened:
        raw.close()


def told(raw):
    """Read all that the server says until it ends the connection."""
    said = b""
    while piece := raw.recv(65536):
        said += piece
    return said


HEAD = b"PUT /lake/key HTTP/1.1\r\nHost: h\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\nHost: h\n\n",
        b"GET http://other.example/ HTTP/1.1\r\nHost: h\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        b"G\xc3\x84T / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1_0\r\n\r\n0123456789",
        HEAD + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        HEAD + b"Content-Length: many\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
    ],
)
def test_broken_request_is_a_400_and_never_reaches_the_world(dial, arrived, sent, caplog):
    """Whatever rule of HTTP it breaks; the connection ends, since nobody knows where the next request begins."""
    raw = dial()
    raw.sendall(sent)
    said = told(raw)
    assert said.startswith(b"HTTP/1.1 400 "), said
    assert said.count(b"HTTP/1.1 ") == 1
    assert arrived == []
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "sent", [b"Content-Length: 10\r\n\r\n01234", b"Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n"]
)
def test_body_of_a_client_that_died_never_reaches_the_world(dial, arrived, sent):
    """S3 would keep the half that came as the whole object; the same body to its end arrives."""
    raw = dial()
    raw.sendall(HEAD + sent)
    if isinstance(raw, ssl.SSLSocket):
        raw.close()
    else:
        raw.shutdown(socket.SHUT_WR)
        assert told(raw).startswith(b"HTTP/1.1 400 ")
    raw = dial()
    end = b"56789" if b"Length" in sent else b"0\r\n\r\n"
    raw.sendall(HEAD + b"Connection: close\r\n" + sent + end)
    assert told(raw).startswith(b"HTTP/1.1 200 ")
    assert [request.body for request in arrived] == [b"0123456789" if b"Length" in sent else b"01234"]


def test_headers_are_bounded(dial, arrived):
    """Headers or a request line without end are refused; 60 kB are taken."""
    for line, status in ((b"GET / HTTP/1.1\r\nHost: h\r\nX-Big: %b\r\n\r\n", 413), (b"GET /%b HTTP/1.1\r\n\r\n", 414)):
        raw = dial()
        raw.sendall(line % (b"x" * 70_000))
        assert raw.recv(100).startswith(b"HTTP/1.1 %d " % status)
    assert arrived == []
    raw = dial()
    raw.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Big: %b\r\n\r\n" % (b"x" * 60_000))
    assert told(raw).startswith(b"HTTP/1.1 200 ")
    assert len(arrived[0].headers["X-Big"]) == 60_000


def test_requests_in_one_record_are_all_answered(dial, arrived):
    """Pipelined requests are answered in order, also where the first ends exactly where the server's buffer does."""
    first = b"GET /1 HTTP/1.1\r\nHost: h\r\nX-Fill: "
    first += b"x" * (8192 - len(first) - 4) + b"\r\n\r\n"
    raw = dial()
    raw.sendall(first + b"GET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert told(raw).count(b"HTTP/1.1 200 ") == 3
    assert [request.url[-2:] for request in arrived] == ["/1", "/2", "/3"]


def test_silent_clients_hold_up_nobody(server, dial):
    """Three times as many connections as threads say nothing, or not even hello; others are answered at once."""
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3 * THREADS)]
    start = time.monotonic()
    raw = dial()
    raw.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert told(raw).startswith(b"HTTP/1.1 200 ")
    assert time.monotonic() - start < 2
    for connection in silent:
        connection.close()


def test_slow_request_holds_up_nobody(dial):
    """A request that comes byte by byte is answered in its time; others overtake it."""
    slow, quick = dial(), dial()
    slow.sendall(HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\na")
    quick.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert told(quick).startswith(b"HTTP/1.1 200 ")
    slow.sendall(b"bc")
    assert b'"body": "abc"' in told(slow)


def test_header_beyond_latin_1_arrives_as_utf_8(tls, proof):
    """A world's header with such a letter is a reply, not a failure."""
    with serve(lambda _: Response(200, {"X-Name": "Ω"}), tls=tls) as server:
        if tls is None:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
        else:
            trusting = ssl.create_default_context(cafile=proof.root)
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=trusting)
        connection.request("GET", "/")
        assert connection.getresponse().headers["X-Name"].encode("latin-1") == "Ω".encode()
        connection.close()


def test_port_in_use_is_told(server):
    """A second server there is refused in a sentence."""
    with pytest.raises(UsageError, match=f"port {server.port}"):
        serve(echo, port=server.port)


@pytest.mark.parametrize("tls", ["https"], indirect=True)
def test_plain_http_to_the_https_port_is_told(server, arrived):
    """The reply is plain too, and says what the port speaks."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/")
    reply = connection.getresponse()
    assert (reply.status, b"only speaks HTTPS" in reply.read()) == (400, True)
    assert arrived == []
    connection.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("tls", ["https"], indirect=True)
def test_old_tls_and_strangers_are_refused(server, dial, arrived):
    """TLS 1.1 is refused by the server, an unknown authority by the client; 1.2 is spoken."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1_1
    for newest, works in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
        old.maximum_version = newest
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
            if works:
                assert old.wrap_socket(raw).version() == "TLSv1.2"
            else:
                with pytest.raises(ssl.SSLError, match="TLSV1_ALERT_PROTOCOL_VERSION"):
                    old.wrap_socket(raw)
    stranger = http.client.HTTPSConnection("127.0.0.1", server.port, context=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/")
    assert arrived == []
    assert dial().version() == "TLSv1.3"

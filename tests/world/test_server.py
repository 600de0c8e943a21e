"""The served world: real clients over HTTP and HTTPS on loopback."""

import http.client
import io
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from werkzeug.datastructures import Headers

from twin.errors import UsageError
from twin.wire import Response
from twin.world import server
from twin.world.exchange import PIECE, write
from twin.world.server import serve
from twin.world.source import is_loopback
from twin.world.tls import server_context

AWS = Path(sys.executable).parent / "aws"
MEGABYTE = 1024 * 1024


@pytest.fixture(params=["http", "https"])
def tls(request, proof):
    """How the world is served: in clear, or with TLS."""
    return server_context(proof) if request.param == "https" else None


@pytest.fixture
def served(world, tls):
    """The world behind a socket."""
    with serve(world.handle, tls=tls) as server:
        yield server


@pytest.fixture
def client(world, served, proof):
    """A maker of boto3 clients that go over the socket, and verify whom they talk to."""
    held = world.credentials()
    session = boto3.session.Session(held.access_key_id, held.secret_access_key, region_name="us-east-1")

    def make(service):
        config = Config(max_pool_connections=8)
        return session.client(service, endpoint_url=served.url, config=config, verify=str(proof.root))

    return make


@pytest.fixture
def dial(served, proof):
    """Opens a bare connection to the world, which speaks HTTP by hand."""
    opened = []

    def connect():
        raw = socket.create_connection(("127.0.0.1", served.port), timeout=5)
        if served.url.startswith("https:"):
            raw = ssl.create_default_context(cafile=proof.root).wrap_socket(raw, server_hostname="127.0.0.1")
        opened.append(raw)
        return raw

    yield connect
    for raw in opened:
        raw.close()


@pytest.fixture
def aws(world, served, proof, tmp_path):
    """Runs the AWS CLI on the served world; returns its output."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **world.credentials().environment(),
        "AWS_ENDPOINT_URL": served.url,
        "AWS_CA_BUNDLE": str(proof.root),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),
    }

    def run(*commands):
        """Run commands at once; return their outputs."""
        started = [
            subprocess.Popen([AWS, *words.split()], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for words in commands
        ]
        ended = [process.communicate() for process in started]
        assert [process.returncode for process in started] == [0] * len(started), ended
        return [output.decode() for output, _ in ended]

    return run


def echo(request):
    """Tell what arrived, as a reply."""
    told = {
        "method": request.method,
        "url": request.url,
        "headers": list(request.headers.items()),
        "size": len(request.body),
        "body": request.body[:100].decode("latin-1"),
    }
    headers = Headers([("Link", "<a>; rel=self"), ("Link", "<b>; rel=next")])
    return Response(200, headers, json.dumps(told).encode())


@pytest.fixture
def echoing(tls, proof):
    """A connection to a server that tells what arrived."""
    trusting = ssl.create_default_context(cafile=proof.root)
    with serve(echo, tls=tls) as server:
        if tls is None:
            yield http.client.HTTPConnection("127.0.0.1", server.port)
        else:
            yield http.client.HTTPSConnection("127.0.0.1", server.port, context=trusting)


@pytest.mark.parametrize("tls", ["http", pytest.param("https", marks=pytest.mark.catalogue)], indirect=True)
def test_cli_works_unchanged(aws, client, tmp_path):
    """The AWS CLI says who it is, and carries a file of several parts there and back."""
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(os.urandom(9 * MEGABYTE))
    client("s3").create_bucket(Bucket="files")
    identity, _ = aws("sts get-caller-identity", f"s3 cp --quiet {there} s3://files/big")
    assert json.loads(identity)["Arn"] == "arn:aws:iam::123456789012:root"
    _, listing = aws(f"s3 cp --quiet s3://files/big {back}", "s3 ls s3://files")
    assert there.read_bytes() == back.read_bytes()
    assert str(9 * MEGABYTE) in listing
    assert client("s3").head_object(Bucket="files", Key="big")["ETag"].endswith('-2"')


@pytest.mark.parametrize("tls", ["http"], indirect=True)
def test_eight_threads_mix_calls_without_an_error(client, world, whole):
    """8 times tens of calls of four services, all answered; reads see what was written."""
    rounds = 40 if whole else 12
    s3, sts, sqs, iam = (client(name) for name in ("s3", "sts", "sqs", "iam"))
    s3.create_bucket(Bucket="files")
    errors = []

    def work(thread):
        try:
            for number in range(rounds):
                key, body = f"{thread}/{number}", os.urandom(500)
                s3.put_object(Bucket="files", Key=key, Body=body)
                assert s3.get_object(Bucket="files", Key=key)["Body"].read() == body
                sts.get_caller_identity()
                sqs.list_queues()
                iam.create_user(UserName=f"u{thread}-{number}")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert world.gateway.trail.calls == 8 * rounds * 5 + 1
    assert all(entry.status == 200 for entry in world.gateway.trail.recorded)
    assert len(iam.get_paginator("list_users").paginate().build_full_result()["Users"]) == 8 * rounds


def test_health_is_told_without_credentials(served, proof):
    """The health endpoint says what the world is."""
    context = ssl.create_default_context(cafile=proof.root) if served.url.startswith("https:") else None
    with urllib.request.urlopen(served.url + "/_twin/health", context=context) as reply:
        told = json.load(reply)
    assert told == {
        "schema": 1,
        "ready": True,
        "seed": 7,
        "accounts": ["123456789012", "210987654321"],
        "region": "us-east-1",
    }


def test_head_tells_the_length_and_sends_no_body(client):
    """HEAD of an object leaves the connection in order."""
    s3 = client("s3")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="k", Body=b"x" * 1000)
    for _ in range(3):
        assert s3.head_object(Bucket="files", Key="k")["ContentLength"] == 1000
    assert s3.get_object(Bucket="files", Key="k")["Body"].read() == b"x" * 1000


def ask(connection, *words, **options):
    """Make a request and read what was told."""
    connection.request(*words, **options)
    reply = connection.getresponse()
    return json.loads(reply.read()), reply


def test_request_arrives_as_it_was_sent(echoing, tls):
    """Path and query are raw, the URL absolute, header names keep their spelling and repetition."""
    echoing.putrequest("GET", "/a%2Fb//c?x=%20y&x=+")
    for value in ("one", "two"):
        echoing.putheader("x-amz-meta-My_Key", value)
    echoing.endheaders()
    told = json.loads(echoing.getresponse().read())
    assert told["url"] == f"{'http' if tls is None else 'https'}://127.0.0.1:{echoing.port}/a%2Fb//c?x=%20y&x=+"
    assert [h for h in told["headers"] if h[0] == "x-amz-meta-My_Key"] == [
        ["x-amz-meta-My_Key", "one"],
        ["x-amz-meta-My_Key", "two"],
    ]


def test_repeated_reply_headers_stay_apart(echoing):
    """Two Link headers arrive as two, in order."""
    _, reply = ask(echoing, "GET", "/")
    assert reply.headers.get_all("Link") == ["<a>; rel=self", "<b>; rel=next"]


def test_chunked_body_is_read_and_the_connection_lives_on(echoing):
    """A body without a length is put together; the next request on the connection is understood."""
    told, _ = ask(echoing, "PUT", "/", body=iter([b"one", b"two"]), encode_chunked=True,
                  headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert told["body"] == "onetwo"
    local = echoing.sock.getsockname()
    told, _ = ask(echoing, "GET", "/next")
    assert told["url"].endswith("/next")
    assert echoing.sock.getsockname() == local


def test_expect_continue_is_answered_before_the_body(dial):
    """The client waits for 100 Continue, then sends."""
    raw = dial()
    raw.sendall(b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    assert raw.recv(100).startswith(b"HTTP/1.1 100 Continue")
    raw.sendall(b"abc")
    assert raw.recv(100).startswith(b"HTTP/1.1 421 ")


def test_failure_of_the_world_is_a_500_and_is_logged(caplog):
    """A bug of ours does not take the server down, and its traceback goes to the log."""

    def broken(_request):
        raise KeyError("boom")

    with serve(broken) as server:
        for _ in range(2):
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", "/")
            assert connection.getresponse().status == 500
            connection.close()
    assert "boom" in caplog.text


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::", "example.com", ""])
def test_address_that_others_reach_is_refused(host):
    """Only loopback is served."""
    with pytest.raises(UsageError, match="loopback"):
        serve(echo, host)


def test_loopback_names():
    """Localhost and both families of loopback addresses are this machine."""
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1"))


def test_stopped_server_frees_its_port():
    """After stop, nobody answers at the address."""
    server = serve(echo)
    port = server.port
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_body_with_a_trailing_checksum_is_kept_without_its_framing(client, tls):
    """A stream with its checksum behind it is stored without the framing."""
    s3, body = client("s3"), os.urandom(MEGABYTE)
    s3.create_bucket(Bucket="files")
    sent = []
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(request.headers))
    s3.put_object(Bucket="files", Key="k", Body=io.BytesIO(body), ChecksumAlgorithm="SHA256")
    told = s3.get_object(Bucket="files", Key="k", ChecksumMode="ENABLED")
    assert told["Body"].read() == body
    assert told["ContentLength"] == MEGABYTE
    assert told["ChecksumSHA256"] == b64encode(sha256(body).digest()).decode()
    assert "aws-chunked" not in told.get("ContentEncoding", "")
    if tls is not None:
        assert sent[0]["x-amz-content-sha256"] == b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        assert "Content-Length" not in sent[0], "the framing itself came chunked"


@pytest.mark.parametrize("tls", ["https"], indirect=True)
@pytest.mark.parametrize("host", ["s3.localhost", "localhost"])
def test_bucket_in_the_host_name_is_served_and_vouched_for(client, world, served, proof, host):
    """A virtual-hosted bucket below `s3.localhost`; below `localhost` Python's TLS takes no wildcard, others do."""
    client("s3").create_bucket(Bucket="files")
    client("s3").put_object(Bucket="files", Key="k", Body=b"here")
    held = world.credentials()
    session = boto3.session.Session(held.access_key_id, held.secret_access_key, region_name="us-east-1")
    config = Config(s3={"addressing_style": "virtual"}, signature_version="s3v4")
    virtual = session.client("s3", endpoint_url=f"https://{host}:{served.port}", config=config)
    url = virtual.generate_presigned_url("get_object", Params={"Bucket": "files", "Key": "k"})
    name, _, path = url.removeprefix("https://").partition("/")
    assert name == f"files.{host}:{served.port}"
    context = ssl.create_default_context(cafile=proof.root)
    context.check_hostname = host == "s3.localhost"
    with socket.create_connection(("127.0.0.1", served.port)) as raw:
        secure = context.wrap_socket(raw, server_hostname=f"files.{host}")
        secure.sendall(f"GET /{path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: secure.recv(65536), b""))
    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.endswith(b"\r\n\r\nhere")


@pytest.mark.parametrize(("size", "pieces"), [(0, 1), (300, 1), (PIECE, 1), (PIECE + 1, 2)])
def test_small_reply_leaves_in_one_piece(size, pieces):
    """Go's AWS clients send a request twice when the headers of its reply come alone; only large bodies follow."""
    sent = []
    wire = SimpleNamespace(write=sent.append)
    exchange = SimpleNamespace(conn=SimpleNamespace(wfile=wire), method=b"GET", status=b"", outheaders=[])
    exchange.ensure_headers_sent = lambda: exchange.conn.wfile.write(b"head")
    exchange.write = lambda body: exchange.conn.wfile.write(body)
    write(exchange, Response(200, Headers(), b"x" * size))
    assert len(sent) == pieces
    assert b"".join(sent) == b"head" + b"x" * size
    assert exchange.conn.wfile is wire


def test_a_client_that_asks_on_is_served_by_the_same_thread(monkeypatch):
    """Who has its next request under way keeps its thread; one that ends meanwhile keeps nobody."""
    monkeypatch.setattr(server, "LINGER", 10_000)
    threads = []

    def note(_):
        threads.append(threading.get_ident())
        return Response(200)

    with serve(note) as made:
        for _ in range(2):
            connection = http.client.HTTPConnection("127.0.0.1", made.port)
            for _ in range(3):
                connection.request("GET", "/")
                connection.getresponse().read()
            connection.close()
    assert len(set(threads[:3])) == len(set(threads[3:])) == 1

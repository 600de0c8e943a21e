"""The choice of stores, without a LocalStack: the groups' data, what lacks, and what does not pass for a LocalStack."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from moto.sqs.models import sqs_backends

from twin.errors import TargetError
from twin.world.behaviors import WATCHERS, modules_of, watches
from twin.world.capabilities import capabilities, meanings
from twin.world.stores.elsewhere import Elsewhere, RemoteState, keep_elsewhere
from twin.world.stores.groups import groups, kept_in_localstack, lacking
from twin.world.stores.localstack_connection import LocalStackConnection
from twin.world.stores.localstack_state import stand_ins
from twin.world.stores.moto_store import backends
from twin.world.world import World


def test_no_service_is_in_two_groups_and_each_group_says_why():
    """What refers to each other is in one group; with the embedded store alone all groups are its own."""
    named = [service for group in groups("localstack") for service in group.services]
    assert len(named) == len(set(named))
    assert all(group.reason for group in groups("localstack"))
    assert {group.store for group in groups("localstack")} == {"embedded", "localstack"}
    assert {group.store for group in groups("embedded")} == {"embedded"}


def test_caller_and_keys_stay_with_the_gateway():
    """The gateway reads principals and keys from the embedded store."""
    assert not kept_in_localstack() & {"iam", "sts", "kms", "s3"}


def test_every_service_kept_elsewhere_has_a_stand_in():
    """One without would be taken for empty by the services that ask for its state."""
    assert stand_ins(kept_in_localstack(), lambda account, region: None).keys() == kept_in_localstack()
    with pytest.raises(KeyError):
        stand_ins({"kinesis"}, lambda account, region: None)


def test_every_capability_says_into_which_services_it_looks():
    """Whoever adds one adds a line to groups.json; without it LocalStack is not trusted with it."""
    reasons = lacking(capabilities(), kept_in_localstack()).values()
    assert "nobody has said which services it looks into" not in reasons
    assert meanings().keys() == capabilities()
    assert all(meanings().values())


def test_capability_that_looks_into_what_is_elsewhere_is_lacking():
    """It is with LocalStack beside, it is not without; one that nobody described is lacking too."""
    assert lacking({"trail", "x"}, frozenset()) == {}
    assert lacking({"trail", "x"}, frozenset({"s3", "sqs"})) == {
        "trail": "it looks into s3, kept elsewhere",
        "x": "nobody has said which services it looks into",
    }
    assert lacking({"trail"}, frozenset({"sqs"})) == {}


class Remote(RemoteState):
    """A stand-in that has been taught one thing."""

    service = "sqs"

    def known(self):
        """Return what it was taught."""
        return "yes"


@pytest.fixture
def elsewhere():
    """SQS is kept elsewhere."""
    keep_elsewhere({"sqs": lambda account, region: Remote()})
    yield
    keep_elsewhere({})


@pytest.mark.parametrize("found", [sqs_backends, None], ids=["moto's own way", "the twin's way"])
def test_state_that_is_elsewhere_is_never_empty(elsewhere, found):
    """What the stand-in was taught is answered; everything else is refused by name, on both ways to the state."""
    account = (found if found is not None else backends("sqs"))["123456789012"]
    assert account["us-east-1"].known() == "yes"
    with pytest.raises(Elsewhere, match="sqs's queues"):
        _ = account["us-east-1"].queues
    with pytest.raises(Elsewhere):
        account.values()
    with pytest.raises(Elsewhere):
        list(account)


def test_accounts_of_what_is_elsewhere_cannot_be_walked_through(elsewhere):
    """A rule that looks for something in every account would find nothing."""
    with pytest.raises(Elsewhere):
        list(backends("sqs"))
    with pytest.raises(Elsewhere):
        backends("sqs").items()


def test_everything_is_embedded_again_when_a_world_says_so(elsewhere):
    """The next world without LocalStack has its own queues."""
    World().close()
    assert backends("sqs") is sqs_backends
    assert list(sqs_backends["123456789012"]["us-east-1"].queues) == []


def test_behavior_that_would_see_half_of_the_truth_is_idle(world):
    """It acts in a world that has all it looks into, and does nothing in one where it lacks something."""
    told = []
    watcher = watches("test.happening")(lambda scene, happening: told.append(happening.kind))
    try:
        world.scene.emit("test.happening")
        world.scene.idle = frozenset({watcher.__module__})
        world.scene.emit("test.happening")
    finally:
        WATCHERS.pop("test.happening")
    assert told == ["test.happening"]
    assert modules_of({"no such capability"}) == frozenset()


@contextmanager
def answering(body, status=200):
    """Serve one answer on every path of a loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def health(version="4.14.0", **services):
    """Return what a LocalStack says about itself."""
    return json.dumps({"services": services, "edition": "community", "version": version}).encode()


GOOD = {"sqs": "available", "sns": "running", "events": "available"}


def test_localstack_of_version_4_is_taken():
    """With its version and the state of its services."""
    with answering(health(**GOOD)) as url:
        found = LocalStackConnection(url).health()
    assert (found.version, found.services) == ("4.14.0", GOOD)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (health("2026.3.0", **GOOD), "LocalStack 2026.3.0 answers on"),
        (health("3.8.1", **GOOD), "the twin knows 4.x"),
        (b"<html>hello</html>", "is no LocalStack"),
        (b'{"status": "ok"}', "is no LocalStack"),
        (health(sqs="available", sns="available"), "lacks events; is SERVICES set there"),
    ],
)
def test_what_is_no_usable_localstack_is_refused(body, why):
    """Another version, another program, one without the services: each by its reason, and the next world is fine."""
    with answering(body) as url, pytest.raises(TargetError, match=why):
        World(localstack=url)
    World().close()


def test_nobody_there_is_refused_with_what_to_do():
    """The message says how to start it, and where the address comes from."""
    with pytest.raises(TargetError, match=r"docker compose up -d.*LOCALSTACK_ENDPOINT"):
        World(localstack="http://127.0.0.1:9")


@pytest.mark.parametrize("url", ["127.0.0.1:4566", "https://127.0.0.1:4566", "http://"])
def test_address_that_is_none_is_refused(url):
    """Only plain HTTP is spoken."""
    with pytest.raises(TargetError, match="http://HOST:PORT"):
        LocalStackConnection(url)


def test_connection_that_was_dropped_is_opened_again():
    """The other side may close between two requests."""
    with answering(health(**GOOD)) as url:
        connection = LocalStackConnection(url)
        connection.health()
        connection._connection.sock.shutdown(2)
        assert connection.health().version == "4.14.0"

"""The served twin's control endpoint: who may use it, what it breaks, how it moves the clock."""

import json
import logging
import threading
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from mounted import NOW
from werkzeug.datastructures import Headers

from twin.clock import ShiftedClock, VirtualClock
from twin.wire import Request
from twin.world import behaviors
from twin.world.control import LONGEST_SLEEP, Control
from twin.world.server import serve
from twin.world.ticker import Ticker
from twin.world.world import World

TOKEN = "the-token"


@pytest.fixture
def leader():
    """The clock of the machine."""
    return VirtualClock(NOW)


@pytest.fixture
def slept():
    """The sleeps that late answers cost."""
    return []


@pytest.fixture
def control(leader, slept):
    """A world behind its control endpoint."""
    clock = ShiftedClock(leader)
    world = World(7, clock)
    made = Control(world, clock, TOKEN, sleep=slept.append)
    made.world = world
    yield made
    world.close()


@pytest.fixture
def ask(control):
    """Send a request to the endpoint; returns status and what it says."""

    def send(method, path, body=None, token=TOKEN):
        headers = Headers([("Authorization", f"Bearer {token}")] if token is not None else [])
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        reply = control.handle(Request(method, f"http://127.0.0.1:1/_twin/{path}", headers, content))
        return reply.status, json.loads(reply.body)

    return send


@pytest.fixture
def client(control):
    """A maker of boto3 clients that go over a socket."""
    with serve(control.handle) as server:
        held = control.world.credentials()
        session = boto3.session.Session(held.access_key_id, held.secret_access_key, region_name="us-east-1")
        config = Config(retries={"total_max_attempts": 1})
        yield lambda service: session.client(service, endpoint_url=server.url, config=config)


@pytest.mark.parametrize("token", [None, "", "the-toke", "the-tokem", "ünknown"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "faults"), ("POST", "clock"), ("DELETE", "faults/x"), ("GET", "y")]
)
def test_nobody_else_controls_the_twin(control, ask, token, method, path):
    """Without the token, or with another, everything is forbidden and nothing happens; health is told to all."""
    status, told = ask(method, path, {"advance": 60}, token)
    assert (status, told["code"]) == (403, "TwinForbidden")
    assert control.world.clock.now() == NOW
    assert control.handle(Request("GET", "http://127.0.0.1:1/_twin/health")).status == 200


def test_endpoint_has_a_token(control):
    """One without would be open to every process of the machine."""
    with pytest.raises(ValueError, match="open to every process"):
        Control(control.world, ShiftedClock(VirtualClock(NOW)), "", sleep=lambda seconds: None)


def test_aws_client_reaches_objects_of_such_names(client):
    """A signed request is AWS's, whatever its path."""
    s3 = client("s3")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="_twin/faults", Body=b"1")
    assert s3.get_object(Bucket="a-bucket", Key="_twin/faults")["Body"].read() == b"1"


def test_fault_is_injected_listed_and_healed(ask, client):
    """What it does is seen by a client over the socket and counted."""
    options = {"services": ["iam"]}
    status, fault = ask("POST", "faults", {"kind": "control-plane-impaired", "with": options, "name": "down"})
    assert (status, fault["id"], fault["with"], fault["healed"]) == (201, "down", options, None)
    with pytest.raises(Exception, match="ServiceUnavailable"):
        client("iam").create_user(UserName="a")
    status, told = ask("GET", "faults")
    assert [(f["id"], f["effects"]["refused"]) for f in told["faults"]] == [("down", 1)]
    status, healed = ask("DELETE", "faults/down")
    assert (status, healed["effects"]["total"]) == (200, 1)
    assert healed["healed"] is not None
    assert ask("GET", "faults/down") == (200, healed)
    client("iam").create_user(UserName="a")


def test_fault_heals_when_its_time_is_over(ask):
    """`for` is in seconds of the twin's clock."""
    _, fault = ask("POST", "faults", {"kind": "latency", "with": {"seconds": 1}, "for": 60})
    ask("POST", "clock", {"advance": 59})
    assert ask("GET", f"faults/{fault['id']}")[1]["healed"] is None
    ask("POST", "clock", {"advance": 1})
    assert ask("GET", f"faults/{fault['id']}")[1]["healed"] == (NOW + timedelta(seconds=60)).isoformat()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "faults", {"kind": "nope"}, 400, "there is no fault nope"),
        ("POST", "faults", {"kind": "zone-loss", "with": {"zone": "us-east-1z"}}, 400, "no Availability Zone"),
        ("POST", "faults", {"with": {}}, 400, "kind: missing"),
        ("POST", "faults", {"kind": "latency", "until": 1}, 400, "until: unknown"),
        ("POST", "faults", {"kind": 1}, 400, "kind: of the wrong type"),
        ("POST", "faults", {"kind": "latency", "with": {"seconds": 1}, "for": -1}, 400, "greater than 0"),
        ("POST", "faults", b"{", 400, "no JSON"),
        ("POST", "faults", [1], 400, "no JSON object"),
        ("DELETE", "faults/none", None, 400, "no fault none is active"),
        ("GET", "faults/none", None, 400, "there is no fault none"),
        ("PUT", "faults", {}, 405, "GET"),
        ("GET", "nothing", None, 404, "/_twin/nothing"),
        ("POST", "clock", {"advance": -1}, 400, "forward only"),
        ("POST", "clock", {"advance": 1e300}, 400, "advance:"),
        ("POST", "clock", {"advance": float("nan")}, 400, "forward only"),
        ("POST", "clock", {"advance": True}, 400, "wrong type"),
        ("POST", "clock", {}, 400, "advance: missing"),
        ("GET", "happenings?after=x", None, 400, "after:"),
    ],
)  # fmt: skip
def test_request_that_is_none_is_refused_with_its_reason(control, ask, method, path, body, status, told):
    """The status, a code and words; the world is as before."""
    found, said = ask(method, path, body)
    assert found == status
    assert told in said["message"]
    assert control.world.clock.now() == NOW
    assert control.world.faults.active() == []


def test_clock_goes_on_from_where_it_was_put(ask, leader):
    """It goes as the machine's does, ahead of it by the sum of what it was put forward."""
    assert ask("GET", "clock")[1]["now"] == NOW.isoformat()
    assert ask("POST", "clock", {"advance": 3600})[1]["shift"] == 3600
    leader.advance(10)
    ask("POST", "clock", {"advance": 0.5})
    assert ask("GET", "clock")[1] == {
        "schema": 1, "now": (NOW + timedelta(seconds=3610.5)).isoformat(), "shift": 3600.5, "next": None,
    }  # fmt: skip


def test_what_is_due_happens_in_its_order_when_time_is_put_forward(control, ask, monkeypatch):
    """Each task at its own instant, soonest first; the clock tells what comes next."""
    monkeypatch.setitem(behaviors.TASKS, "test.note", lambda scene, name: scene.emit("test.noted", name=name))
    for seconds, name in ((50, "late"), (10, "early"), (500, "later")):
        control.world.scene.after(seconds, "test.note", name=name)
    assert ask("GET", "clock")[1]["next"] == (NOW + timedelta(seconds=10)).isoformat()
    assert ask("POST", "clock", {"advance": 100})[1]["next"] == (NOW + timedelta(seconds=500)).isoformat()
    _, told = ask("GET", "happenings?after=0")
    assert [(h["facts"]["name"], h["time"]) for h in told["happenings"]] == [
        ("early", (NOW + timedelta(seconds=10)).isoformat()),
        ("late", (NOW + timedelta(seconds=50)).isoformat()),
    ]
    assert told["next"] == 2
    _, later = ask("GET", "happenings?after=2")
    assert (later["schema"], later["happenings"], later["next"]) == (1, [], 2)


def test_who_changed_what_is_told_once_and_reads_are_not(ask, client):
    """A call that was accepted and changes something, by whom; what was told before is not told again."""
    _, before = ask("GET", "happenings")
    client("iam").create_user(UserName="new")
    client("iam").list_users()
    with pytest.raises(client("iam").exceptions.EntityAlreadyExistsException):
        client("iam").create_user(UserName="new")
    place = f"calls={before['calls']}&vendor_calls={before['vendor_calls']}"
    _, told = ask("GET", f"happenings?{place}")
    assert [one["call"] for one in told["changes"]] == ["iam:CreateUser"]
    assert told["changes"][0]["by"]
    place = f"calls={told['calls']}&vendor_calls={told['vendor_calls']}"
    assert ask("GET", f"happenings?{place}")[1]["changes"] == []
    assert before["changes"] == []


def test_clients_that_sign_with_the_real_time_work_after_a_jump(ask, client):
    """A month ahead, a signature of now is still good; what the twin stamps is of its own time."""
    ask("POST", "clock", {"advance": 30 * 86400})
    user = client("iam").create_user(UserName="later")["User"]
    assert user["CreateDate"].replace(microsecond=0) == NOW + timedelta(days=30)


def test_late_answer_is_held_back_for_so_long(ask, client, slept):
    """In real time, but no longer than clients wait; what is not late is not held back."""
    client("iam").list_users()
    ask("POST", "faults", {"kind": "latency", "with": {"services": ["iam"], "seconds": 2}})
    client("iam").list_users()
    client("sqs").list_queues()
    ask("POST", "faults", {"kind": "latency", "with": {"services": ["iam"], "seconds": 3600}})
    client("iam").list_users()
    assert slept == [2, LONGEST_SLEEP]


def test_late_answer_holds_nobody_else_up(leader):
    """While one waits for its answer, another is answered."""
    clock = ShiftedClock(leader)
    world = World(7, clock)
    waiting, go_on = threading.Event(), threading.Event()

    def sleep(seconds):
        waiting.set()
        assert go_on.wait(10)

    control = Control(world, clock, TOKEN, sleep=sleep)
    world.faults.inject("latency", {"services": ["iam"], "seconds": 2})
    with serve(control.handle) as server:
        held = world.credentials()
        session = boto3.session.Session(held.access_key_id, held.secret_access_key, region_name="us-east-1")
        late = threading.Thread(target=session.client("iam", endpoint_url=server.url).list_users)
        sqs = session.client("sqs", endpoint_url=server.url)
        late.start()
        assert waiting.wait(10)
        sqs.list_queues()
        assert late.is_alive()
        go_on.set()
        late.join()
    world.close()


def test_world_lives_without_calls(control, leader, monkeypatch):
    """The ticker settles it: what is due happens though nobody calls."""
    done = threading.Event()
    monkeypatch.setitem(behaviors.TASKS, "test.note", lambda scene: done.set())
    control.world.scene.after(10, "test.note")
    with Ticker(control.world.settle, every=0.001):
        assert not done.wait(0.05)
        leader.advance(10)
        assert done.wait(10)


def test_ticker_logs_a_failure_once_and_goes_on(caplog):
    """A failure that lasts is one line; another is another; then it works again."""
    moods = iter(["broken", "broken", "broken", "worse", "well", "well"])
    ended = threading.Event()

    def settle():
        mood = next(moods, None)
        if mood is None:
            ended.set()
        elif mood != "well":
            raise RuntimeError(mood)

    with caplog.at_level(logging.ERROR, logger="twin.world.ticker"), Ticker(settle, every=0.001):
        assert ended.wait(10)
    assert [str(record.exc_info[1]) for record in caplog.records] == ["broken", "worse"]

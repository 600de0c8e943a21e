"""`--run FILE --at TIME`: what each view of the explorer shows of an instant, on the command line."""

import json

import pytest
from small_network import replies

from tests.tui.at_hand import reach, used
from twin.address import Address
from twin.engine.plan import Change, change_document
from twin.observe.iam.written import GAPS, written
from twin.scenario.recording.looks import METER, NETWORK, RIGHTS, meter
from twin.scenario.recording.recording import Recording

HOUR = 3600.0
HEAD = {
    "recording": 2, "scenario": "T9", "variant": None, "seed": 5, "target": "twin",
    "spec": {"file": "o.yaml", "digest": ""},
    "references": {}, "began": "2026-06-16T09:00:00+00:00",
    "scope": {"org": "acme", "environment": "prod", "account": "111122223333"},
}  # fmt: skip
BUCKET = Change(Address("aws.s3.bucket", "lake"), "no-op", "acme-lake")


def ledgers():
    """Yield the lines of the ledgers: what may be done, the network, and two clusters more after an hour."""
    made = Recording.begin(HEAD)
    network = {f"{name}.json": json.dumps({name: reply}) for name, reply in replies().items()} | {GAPS: "[]"}
    for name, t, texts in (
        (RIGHTS, 0.0, written(reach().org)), (NETWORK, 0.0, network), (METER, 0.0, meter(used(1))),
        (METER, HOUR, meter(used(3))),
    ):  # fmt: skip
        ledger = made.ledger(name)
        yield ledger.take(t, ledger.difference(texts))


def look(t, change):
    """Return a line that tells how a resource stands from an instant on."""
    return {"t": t, "changes": {change.key: change_document(change)}, "unmanaged": {}, "gone": [], "unreadable": {}}


@pytest.fixture
def kept(home):
    """A recording of two hours in which a zone is lost at ten minutes and a bucket is deleted after an hour."""
    gone = Change(BUCKET.address, "create", reason="not there")
    lines = [
        HEAD, look(0.0, BUCKET), *ledgers(),
        {"t": 600.0, "actor": "world", "event": "zone.lost", "facts": {"name": "us-east-1a"}},
        {"t": HOUR, "actor": "attacker", "event": "call", "call": "s3:DeleteBucket"}, look(HOUR, gone),
        {"t": 2 * HOUR, "actor": "responder", "event": "gave.up"},
    ]  # fmt: skip
    (home / "t9.rec").write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    return home / "t9.rec"


def test_the_plan_is_that_of_the_instant(kept, twin):
    """Nothing to do before the bucket is gone, then to make it anew; without --at it is the run's end."""
    code, out, err = twin("plan", "--run", kept, "--at", "59m", "--exit-code")
    assert (code, "aws.s3.bucket.lake" in out) == (0, False), err
    assert "T9 at 0:59:00, 2026-06-16 09:59:00 UTC" in err
    assert twin("plan", "--run", kept, "--at", "2026-06-16T10:00:00Z", "--exit-code")[0] == 1
    told = json.loads(twin("plan", "--run", kept, "--json")[1])
    assert told["run"]["at"] == 2 * HOUR
    assert [one["action"] for one in told["changes"]] == ["create"]


def test_events_are_those_by_the_instant(kept, twin):
    """The newest first, none of later; the filter goes by lanes."""
    told = json.loads(twin("events", "--run", kept, "--at", "1:00:00", "--json")[1])
    assert [one["event"] for one in told["events"]] == ["call", "zone.lost"]
    out = twin("events", "--run", kept, "--filter", "source:faults")[1]
    assert ("zone.lost" in out, "DeleteBucket" in out) == (True, False)


def test_paths_are_those_of_the_instant(kept, twin):
    """Who gets to administration, and what the internet reaches."""
    code, out, err = twin("paths", "--run", kept, "--from", "user/ann", "--to", "admin", "--exit-code")
    assert (code, "role/boss" in out) == (1, True), err
    assert twin("paths", "--run", kept, "--from", "user/bob", "--to", "admin", "--exit-code")[0] == 0
    code, out, err = twin("paths", "--run", kept, "--network", "--from", "internet", "--json")
    assert code == 0, err
    assert "openings" in json.loads(out)


def test_costs_are_those_by_the_instant(kept, twin):
    """Two clusters more after an hour are what the run cost besides."""
    before = json.loads(twin("cost", "--run", kept, "--at", "30m", "--format", "json")[1])
    after = json.loads(twin("cost", "--run", kept, "--format", "json")[1])
    assert before["run"]["moved"] == []
    assert (after["run"]["spent"], after["run"]["moved"][0]["per_day_after"]) == ("0.69", "7.20")
    assert "since the run began" in twin("cost", "--run", kept)[1]


def test_the_network_is_that_of_the_instant(kept, twin):
    """Nothing is marked before the zone is lost, then what stands in it; a fault and a way are laid over it."""
    show = ("show", "--topology", "--run", kept, "--format", "json")

    def marks(*more):
        code, out, err = twin(*show, *more)
        assert code == 0, err
        return {one["id"]: one["mark"] for one in json.loads(out)["boxes"]}

    assert set(marks("--at", "0").values()) == {""}
    assert marks("--at", "10m")["i-web-a"] == "dead"
    assert marks("--at", "0", "--without", "instance:i-web-b")["i-web-b"] == "dead"
    assert "way" in marks("--at", "0", "--path", "internet", "i-web-b").values()


@pytest.mark.parametrize(("words", "why"), [
    (("plan", "--run", "t9.rec", "--at", "3h"), "the run lasts from 0:00:00 to 2:00:00"),
    (("plan", "--run", "t9.rec", "--at", "2026-06-16T12:00:00Z"), "to 2026-06-16T11:00:00Z"),
    (("plan", "--run", "t9.rec", "--at", "soon"), "is wanted"),
    (("plan", "--run", "t9.rec", "--at", "2026-06-16T10:00:00"), "in which zone"),
    (("plan", "--at", "1h"), "with --run FILE"),
    (("plan",), "a SPEC, or --run FILE"),
    (("cost",), "a SPEC, or --run FILE"),
    (("plan", "org.yaml", "--run", "t9.rec"), "SPEC does not go with --run"),
    (("events", "--run", "t9.rec", "--follow"), "--follow does not go with --run"),
    (("events", "--run", "t9.rec", "--format", "ocsf"), "--format ocsf does not go with --run"),
    (("paths", "--run", "t9.rec", "--from", "all", "--to", "admin", "--live"), "--target does not go with --run"),
    (("plan", "--run", "none.rec"), "No such file"),
])  # fmt: skip
def test_what_cannot_be_answered_is_said(kept, twin, words, why):
    """A time that is no instant of the run, an option that is about a target, a file that is not there."""
    code, _, err = twin(*words)
    assert code == 2
    assert why in " ".join(err.split())


@pytest.mark.parametrize(("words", "lacks"), [
    (("paths", "--from", "all", "--to", "admin"), "the policies in force"),
    (("show", "--topology"), "the network"),
    (("cost",), "a meter"),
])  # fmt: skip
def test_a_recording_of_an_older_format_says_what_it_lacks(kept, twin, words, lacks):
    """The plan and the events are there, what it never kept is asked for anew."""
    head, *rest = kept.read_text().splitlines()
    old = {**json.loads(head), "recording": 1}
    del old["began"]
    kept.write_text("\n".join([json.dumps(old), *(line for line in rest if '"ledger"' not in line)]))
    code, _, err = twin(*words, "--run", kept)
    assert code == 2
    assert f"this recording has not {lacks}: record the run again" in " ".join(err.split())
    assert twin("plan", "--run", kept)[0] == 0
    assert "does not say when it began" in twin("plan", "--run", kept, "--at", "2026-06-16T10:00:00Z")[2]

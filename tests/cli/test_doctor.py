"""`twin doctor`, and the ways into a twin with LocalStack beside it, where no LocalStack is."""

import json

import pytest
from served import HEAD

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def spec(home):
    """A small spec."""
    file = home / "spec.yaml"
    file.write_text(f"{HEAD}data: {{queues: {{orders: {{}}}}}}\n")
    return file


@pytest.fixture
def nowhere(home, monkeypatch):
    """LocalStack is said to be where nobody answers."""
    monkeypatch.setenv("LOCALSTACK_ENDPOINT", NOWHERE)


def test_without_a_twin_everything_is_embedded(twin, nowhere):
    """Where LocalStack should be does not matter to who does not ask for it; every capability has a meaning."""
    code, out, _ = twin("doctor", "--json")
    found = json.loads(out)
    assert (code, found["schema"], found["target"], found["running"]) == (0, 1, "twin", None)
    assert [store["name"] for store in found["stores"]] == ["embedded"]
    assert {group["store"] for group in found["groups"]} == {"embedded"}
    assert "trail" in found["capabilities"]
    assert found["lacking"] == {}


def test_localstack_that_does_not_answer_is_told(twin, nowhere):
    """Exit 3; which service would live where is told all the same, and what would be lacking."""
    code, out, _ = twin("doctor", "--target", "localstack", "--json")
    found = json.loads(out)
    assert (code, found["healthy"]) == (3, False)
    assert f"no LocalStack answers on {NOWHERE}" in found["stores"][1]["state"]
    (messages,) = [group for group in found["groups"] if group["store"] == "localstack"]
    assert messages["services"] == ["sqs", "sns", "events"]
    assert found["lacking"]["event-rules"] == "it looks into events, sns, sqs, kept elsewhere"
    assert "alarms" in found["capabilities"]


def test_tables_say_the_same(twin, nowhere):
    """For people: the stores, the groups, the capabilities."""
    code, out, _ = twin("doctor", "--target", "localstack")
    assert code == 3
    assert "sqs, sns, events" in out
    assert "lacking:" in out
    assert "lacking:" not in twin("doctor")[1]


@pytest.mark.parametrize("command", [("plan", "--target"), ("apply", "--target"), ("up", "--store")])
def test_command_that_needs_localstack_says_where_it_looked(twin, nowhere, spec, command):
    """Exit 3 with what to do, before anything is started."""
    name, option = command
    code, _, err = twin(name, spec, option, "localstack")
    assert (code, "docker compose up -d" in err, NOWHERE in err) == (3, True, True)
    assert not (spec.parent / "home" / "served.json").exists()


def test_running_twin_without_localstack_is_not_taken_for_one_with(shell, twin, spec):
    """`--target localstack` means a twin with LocalStack beside it; the running one is told to be none."""
    assert shell("up")[0] == 0
    code, _, err = twin("plan", spec, "--target", "localstack")
    assert (code, "twin up --store localstack" in err) == (3, True)
    code, _, err = twin("up", "--store", "localstack")
    assert (code, "end it first" in err) == (2, True)
    assert twin("down")[0] == 0

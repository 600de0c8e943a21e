"""Scenarios with LocalStack beside the twin: the catalogue's K1, and what cannot be judged on the machine's clock."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from twin.cli import run

ROOT = Path(__file__).parents[2]
SMALL = """\
version: 1
org: {name: tiny, domain: tiny.example, contact: ops@tiny.example}
aws: {account: "111122223333", alias: tiny, region: us-east-1}
data: {queues: {orders: {}}}
audit: {topics: {pager: {}}}
"""
DELIVERY = {
    "id": "D1",
    "title": "What is put on the bus reaches the queue",
    "spec": "tiny.yaml",
    "duration": "1h",
    "let": {"queue": "${aws.sqs.queue.orders.id}", "arn": "${aws.sqs.queue.orders.arn}"},
    "setup": {
        "rule": {"call": "events:PutRule", "with": {"Name": "w", "EventPattern": '{"source": ["shop"]}'}},
        "target": {
            "call": "events:PutTargets",
            "with": {"Rule": "w", "Targets": [{"Id": "1", "Arn": "${arn}"}]},
        },
    },
    "runbook": {"sell": {"call": "events:PutEvents", "with": {"Entries": [
        {"Source": "shop", "DetailType": "sale", "Detail": "{}"}]}}},
    "expect": {"it-arrives": {
        "call": "sqs:ReceiveMessage", "with": {"QueueUrl": "${queue}", "WaitTimeSeconds": 1},
        "value": "length(Messages || `[]`)", "equals": 1}},
    "variants": {"another-source": {
        "title": "The rule waits for somebody else",
        "patch": {"setup": {"rule": {"with": {"EventPattern": '{"source": ["bank"]}'}}}}}},
}  # fmt: skip


@pytest.fixture
def results(endpoint, tmp_path, monkeypatch, capsys):
    """Run scenarios on LocalStack; returns the exit code and the results by variant."""
    monkeypatch.setenv("TWIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCALSTACK_ENDPOINT", endpoint)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        code = run(["run", *map(str, arguments), "--target", "localstack", "--json"])
        found = json.loads(capsys.readouterr().out)["results"]
        return code, {r["variant"]: r for r in found}

    return call


@pytest.fixture
def delivery(tmp_path):
    """Write the delivery scenario, with changes, beside its small org."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "tiny.yaml").write_text(SMALL)
    (tmp_path / "scenarios").mkdir()

    def write(**changes):
        file = tmp_path / "scenarios" / "delivery.yaml"
        file.write_text(yaml.safe_dump({**DELIVERY, **changes}, sort_keys=False))
        return file

    return write


def test_k1_has_its_verdicts_on_localstack(results, tmp_path):
    """The key rotation of the catalogue passes; with a mistake it fails, for the mistake's own reason."""
    beside = tmp_path / "scenarios"
    shutil.copytree(ROOT / "scenarios", beside)
    (tmp_path / "specs").mkdir()
    shutil.copy(ROOT / "specs" / "mini-org.yaml", tmp_path / "specs")
    values = yaml.safe_load((beside / "key_rotation.yaml").read_text()) | {"environment": "dev"}
    values["variants"] = {"inactive-before-refresh": values["variants"]["inactive-before-refresh"]}
    (beside / "key_rotation.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    code, found = results(beside / "key_rotation.yaml", "--variants")
    assert (code, found[None]["verdict"]) == (0, "PASS")
    lost = [c["name"] for c in found["inactive-before-refresh"]["checks"] if not c["held"]]
    assert lost == ["no-call-fails"]


def test_event_reaches_the_queue_in_a_scenario(results, delivery):
    """LocalStack matches and delivers; on the variant whose rule waits for another source the scenario fails."""
    code, found = results(delivery(), "--variants")
    assert code == 0
    assert {name: r["verdict"] for name, r in found.items()} == {None: "PASS", "another-source": "FAIL"}


def test_virtual_time_is_lacking_where_localstack_keeps_the_service(results, delivery):
    """The same scenario is UNSUPPORTED as soon as it needs virtual time; K1, which calls none of them, is not."""
    code, found = results(delivery(requires=["virtual-time"]))
    assert (code, found[None]["verdict"]) == (1, "UNSUPPORTED")
    assert found[None]["reason"] == "the target lacks virtual-time for events, which keeps the machine's time"

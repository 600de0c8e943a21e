"""F2, the loss of a database's primary host: the standby takes over in time, and each mistake is found."""

import json

import pytest


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """F2 with every variant, and the same run again."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWIN_HOME", str(folder / "home"))
        reports = [f"--report={form}={folder / f'all.{form}'}" for form in ("json", "journal")]
        codes = [
            run(["run", "F2", "--variants", *reports]),
            run(["run", "F2", f"--report=journal={folder / 'same.journal'}"]),
        ]
    return folder, codes, {r["variant"]: r for r in json.loads((folder / "all.json").read_text())["results"]}


def test_f2_passes_and_every_variant_has_its_verdict(runs):
    """Two mistakes fail; a run without traffic, and one that breaks what nobody uses, are vacuous."""
    _, codes, results = runs
    assert codes == [0, 0]
    assert {variant: result["verdict"] for variant, result in results.items()} == {
        None: "PASS",
        "single-az": "FAIL",
        "sticky-names": "FAIL",
        "nobody-asks": "VACUOUS",
        "another-zone": "VACUOUS",
    }


def test_each_mistake_of_f2_fails_for_its_own_reason(runs):
    """Clients wait too long; the fault that broke nothing is named."""
    _, _, results = runs
    lost = {name: sorted(c["name"] for c in r["checks"] if not c["held"]) for name, r in results.items()}
    slow = ["clients-are-served-again-soon", "few-queries-are-lost"]
    assert lost == {
        None: [],
        "single-az": slow,
        "sticky-names": slow,
        "nobody-asks": ["clients-asked", "every-client-noticed"],
        "another-zone": ["the fault primary-dies has an effect"],
    }


def test_recovery_lies_within_what_aws_documents(runs):
    """From one to two minutes for the failover, and what the clients need to find the new host."""
    figures = runs[2][None]["figures"]
    assert 60 <= figures["clients.recovery_p99"] <= 120 + 10
    assert figures["fault.primary-dies.noticed"] == 1
    assert figures["fault.primary-dies.seconds"] == 3600
    assert figures["collateral.clients.failed"] > 0  # against the control run, in which only the drill costs queries


def test_f2_tells_of_the_world_and_the_same_seed_gives_the_same_bytes(runs):
    """The fault, the failover and its delay stand in the journal; run again, it does not differ in a byte."""
    folder, _, results = runs
    told = {line["event"] for line in results[None]["journal"]}
    assert {"fault.began", "host.lost", "rds.connections.dropped", "rds.failover.completed", "fault.healed"} <= told
    delays = [line for line in results[None]["journal"] if line["event"] == "delay"]
    assert [line["name"] for line in delays if line["name"] == "rds.failover"] == ["rds.failover"]
    assert all(line["source"] and line["read"] for line in delays)
    same = (folder / "same.journal").read_bytes()
    assert len(same) > 1000
    assert (folder / "all.journal").read_bytes().startswith(same)

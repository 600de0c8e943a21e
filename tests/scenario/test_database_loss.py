"""F2, the loss of a database's primary host: the standby takes over in time, and each mistake is found."""

import pytest

WANTED = {
    None: "PASS",
    "single-az": "FAIL",
    "sticky-names": "FAIL",
    "nobody-asks": "VACUOUS",
    "another-zone": "VACUOUS",
}
SLOW = {"clients-are-served-again-soon", "few-queries-are-lost"}
LOST = {
    None: set(),
    "single-az": SLOW,
    "sticky-names": SLOW,
    "nobody-asks": {"clients-asked", "every-client-noticed"},
    "another-zone": {"there is trouble", "the fault primary-dies has an effect"},
}
GATE = ("sticky-names",)


@pytest.fixture(scope="module")
def told(plays, whole):
    """F2 with its variants, the gate's with one of them."""
    return plays("F2", "every") if whole else plays.some("F2", *GATE)


def test_f2_passes_and_every_variant_has_its_verdict(told, whole):
    """Two mistakes fail; a run without traffic, and one that breaks what nobody uses, are vacuous."""
    played = WANTED if whole else (None, *GATE)
    assert (told.code, told.verdicts) == (0, {variant: WANTED[variant] for variant in played})


def test_each_mistake_of_f2_fails_for_its_own_reason(told):
    """Clients wait too long; the fault that broke nothing is named."""
    assert told.lost == {variant: LOST[variant] for variant in told.results}


def test_recovery_lies_within_what_aws_documents(told):
    """From one to two minutes for the failover, and what the clients need to find the new host."""
    figures = told.results[None]["figures"]
    assert 60 <= figures["clients.recovery_p99"] <= 120 + 10
    assert figures["fault.primary-dies.noticed"] == 1
    assert figures["fault.primary-dies.seconds"] == 3600
    assert figures["collateral.clients.failed"] > 0  # against the control run, in which only the drill costs queries


def test_f2_tells_of_the_world(told):
    """The fault, the failover and its delay stand in the journal."""
    journal = told.results[None]["journal"]
    events = {line["event"] for line in journal}
    assert {"fault.began", "host.lost", "rds.connections.dropped", "rds.failover.completed", "fault.healed"} <= events
    delays = [line for line in journal if line["event"] == "delay"]
    assert [line["name"] for line in delays if line["name"] == "rds.failover"] == ["rds.failover"]
    assert all(line["source"] and line["read"] for line in delays)


@pytest.mark.catalogue
def test_f2_has_the_same_bytes_with_the_same_seed(told, plays):
    """Run again, its journal does not differ in a byte."""
    again = plays.again("F2", GATE[0]).journal
    assert len(again) > 1000
    assert again in told.journal

"""F2-aurora, the loss of a cluster's writer: a reader takes over in time, and each mistake is found."""

import pytest

WANTED = {
    None: "PASS",
    "no-reader": "FAIL",
    "keeps-the-writers-address": "FAIL",
    "asks-an-instance": "FAIL",
    "nobody-asks": "VACUOUS",
}
SLOW = {"clients-are-served-again-soon", "few-queries-are-lost"}
LOST = {
    None: set(),
    "no-reader": SLOW,
    "keeps-the-writers-address": SLOW,
    "asks-an-instance": SLOW,
    "nobody-asks": {"clients-asked", "every-client-noticed"},
}


@pytest.mark.catalogue
def test_a_reader_is_promoted_in_time_and_each_mistake_is_found(plays):
    """The clients are back within a minute and the name's TTL; who waits for one instance waits for a new host."""
    told = plays("F2-aurora", "every")
    assert (told.code, told.verdicts, told.lost) == (0, WANTED, LOST)
    figures = {variant: result["figures"]["clients.recovery_p99"] for variant, result in told.results.items()}
    assert 15 <= figures[None] <= 60 + 10
    assert figures["no-reader"] >= 300
    assert 900 <= figures["keeps-the-writers-address"] <= 900 + 60 + 10
    assert figures["asks-an-instance"] >= 1800
    events = {line["event"] for line in told.results[None]["journal"]}
    assert {"host.lost", "rds.connections.dropped", "rds.cluster.failover.completed", "fault.healed"} <= events

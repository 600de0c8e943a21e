"""B6-on-call: the spec alone wakes somebody; each link that it breaks leaves nobody, for that reason."""

import json
import re

import pytest

REASONS = {
    "unconfirmed": "channel-unconfirmed",
    "not-subscribed": "channel-unsubscribed",
    "muted": "channel-muted",
    "disabled": "channel-service-disabled",
    "nobody-on-call": "channel-nobody-on-call",
    "of-no-weight": None,
    "muted-monitor": "channel-muted",
    "in-a-downtime-for-good": "channel-muted",
}
"""The broken link that is told before the trouble comes; a warning is heard, in the morning."""


def test_what_the_spec_says_pages_somebody_who_ends_it(plays):
    """From the trail's records to a person, and from there to the end of the runbook; no benign run pages anybody."""
    run = plays("B6-on-call")
    result = run.results[None]
    assert (run.code, run.verdicts) == (0, {None: "PASS"})
    assert result["figures"]["paging.by"] in ("ada", "bob", "eva")
    assert next(check for check in result["checks"] if check["kind"] == "control")["held"]
    assert not re.search(rb"(integration|x-ere)/[0-9a-f]{32}", run.journal)


@pytest.mark.catalogue
@pytest.mark.parametrize("variant", REASONS)
def test_a_link_that_the_spec_breaks_leaves_nobody(plays, variant):
    """Nobody begins, and what is read back beforehand names the link."""
    run = plays("B6-on-call", variant)
    result = run.results[variant]
    assert (run.code, run.verdicts) == (1, {variant: "FAIL"})
    assert "so nobody began" in result["reason"]
    assert result["figures"]["paging.ttd"] is None
    lines = (line for line in run.journal.splitlines() if b'"actor":"channels"' in line)
    told = {json.loads(line)["event"] for line in lines}
    assert REASONS[variant] is None or REASONS[variant] in told


@pytest.mark.catalogue
def test_a_monitor_of_datadog_wakes_somebody_unless_it_is_muted(plays):
    """The metric goes to Datadog, whose monitor calls the service, and the runbook ends it; muted, nobody comes."""
    run = plays("B6-on-call", "by-datadog")
    assert run.verdicts == {"by-datadog": "PASS"}
    assert b'"event":"datadog.monitor.notified"' in run.journal
    muted = plays("B6-on-call", "muted-monitor")
    assert muted.verdicts == {"muted-monitor": "FAIL"}
    assert b'"event":"datadog.monitor.changed"' in muted.journal
    assert b'"event":"datadog.monitor.notified"' not in muted.journal


@pytest.mark.catalogue
def test_whoever_comes_and_does_nothing_ends_nothing(plays):
    """The page is right, and the runbook is what ends the burst."""
    run = plays("B6-on-call", "nothing-done")
    assert run.verdicts == {"nothing-done": "FAIL"}
    assert run.results["nothing-done"]["figures"]["paging.ttn"] is not None
    assert "every-secret-that-was-read-is-rotated" in run.results["nothing-done"]["reason"]

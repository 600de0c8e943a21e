"""F7: a group that follows its load gets it done; without a policy, room or data it does not."""

import pytest

REASONS = {
    "no-policy": "nobody-waits-long",
    "no-room": "nobody-waits-long",
    "out-only": "the-group-shrinks-again",
    "another-metric": "nobody-waits-long",
}


def test_the_group_grows_with_its_load_and_shrinks_again(plays):
    """Nobody waits for long, and in the end there are as many as before; the run says on what it rests."""
    run = plays("F7")
    assert (run.code, run.verdicts) == (0, {None: "PASS"})
    figures = run.results[None]["figures"]
    assert figures["load.most_instances"] > figures["load.instances"] == figures["load.least_instances"] == 2
    assert figures["load.done"] == figures["load.came"]
    assert figures["findings.raised"] == []
    assert b"scaling_policies.above" in run.journal


@pytest.mark.catalogue
def test_every_mistake_fails_for_the_reason_that_it_names(plays):
    """And steps of the org's own do as well."""
    run = plays("F7", "every")
    assert run.verdicts == {None: "PASS", "steps": "PASS", **dict.fromkeys(REASONS, "FAIL")}
    assert run.code == 0
    assert run.other_reasons(REASONS) == {}

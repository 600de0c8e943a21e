"""The scenarios of failover and recovery pass on the bundled org, and each of their variants has its verdict."""

import pytest

SCENARIOS = ("F1", "F3", "F4", "F5", "F6", "F8", "D1", "D2")
CAUSES = ("because", "refused", "not reached", "nobody began")


@pytest.mark.catalogue
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_variant_has_its_verdict(plays, name):
    """The good org passes, each mistake fails, and what tested nothing is vacuous; failures name their causes."""
    run = plays(name, "every")
    assert run.code == 0
    assert run.verdicts == {variant: result["wanted"] for variant, result in run.results.items()}
    failed = [result for result in run.results.values() if result["verdict"] == "FAIL"]
    assert failed
    assert all(any(word in result["reason"] for word in CAUSES) for result in failed)


def test_a_mistake_names_its_cause(plays):
    """F5, where servers ask one pod and give up: its node is lost, and that stands in the reason."""
    run = plays("F5", "no-retries")
    assert (run.code, run.verdicts) == (1, {"no-retries": "FAIL"})
    assert "the instance's host is lost" in run.results["no-retries"]["reason"]


def test_a_zone_may_go(plays):
    """F1 passes on the bundled org, and the traffic shows that the zone was gone."""
    run = plays("F1")
    assert (run.code, run.verdicts) == (0, {None: "PASS"})
    assert any(check["kind"] == "effect" and check["held"] for check in run.results[None]["checks"])

"""C1, C2 and C3: money is noticed in time by the good org, and too late, or not at all, by its mistakes."""

import pytest

WANTED = {
    ("C1", None): "PASS",
    ("C1", "billing-alarm-alone"): "FAIL",
    ("C1", "nobody-unprotects"): "FAIL",
    ("C1", "region-guard"): "VACUOUS",
    ("C2", None): "PASS",
    ("C2", "no-gateway-endpoint"): "FAIL",
    ("C2", "no-sampling"): "FAIL",
    ("C2", "nothing-done"): "FAIL",
    ("C3", None): "PASS",
    ("C3", "no-mark"): "FAIL",
}


GATE = {"C1": ("billing-alarm-alone",), "C2": ("no-gateway-endpoint",), "C3": ("no-mark",)}


@pytest.fixture(scope="module")
def results(plays, whole):
    """The results of all, by scenario and variant; in the gate one mistake of each."""
    found = {}
    for scenario in GATE:
        asked = [variant for id_, variant in WANTED if id_ == scenario and variant] if whole else GATE[scenario]
        found |= {(scenario, variant): result for variant, result in plays.some(scenario, *asked).results.items()}
    return found


def test_each_has_its_verdict(results, whole):
    """The good org passes; each mistake fails; a guard from above keeps the attack from beginning."""
    assert {name: result["verdict"] for name, result in results.items()} == {
        name: verdict for name, verdict in WANTED.items() if whole or name in results
    }
    assert len(results) == (len(WANTED) if whole else 6)


def test_the_bill_tells_hours_after_the_trail(results):
    """With the trail watched the alert comes in minutes and for some dollars; with the bill alone, for thousands."""
    good, late = (results["C1", name]["figures"] for name in (None, "billing-alarm-alone"))
    assert good["breach.ttd"] < 900 < 6 * 3600 < late["breach.ttd"]
    assert good["bill.elsewhere_at_alert"] < 30 < 1000 < late["bill.elsewhere_at_alert"]
    assert good["bill.elsewhere"] < 100 < 1000 < late["bill.elsewhere"]


@pytest.mark.catalogue
def test_protection_from_termination_stops_a_careless_runbook(results):
    """Without taking the protection off, the runbook ends at the machines."""
    assert "OperationNotPermitted" in results["C1", "nobody-unprotects"]["reason"]


def test_a_storm_costs_what_the_org_lets_it(results):
    """With the endpoint no byte of an image passes the gateway; without it a month ruins."""
    good, routed = (results["C2", name]["figures"] for name in (None, "no-gateway-endpoint"))
    assert (good["shop.nat_gigabytes"], good["shop.projected"] < 600) == (0.0, True)
    assert routed["shop.nat_gigabytes"] == 2 * routed["shop.pulls"]
    assert routed["shop.projected"] > 20_000


@pytest.mark.catalogue
def test_a_storm_of_log_lines_costs_as_many_times_more(results):
    """With every log line a month ruins as well."""
    good, logged = (results["C2", name]["figures"] for name in (None, "no-sampling"))
    assert logged["shop.projected"] > 20_000
    each = [told["shop.log_gigabytes"] / told["shop.seconds"] for told in (good, logged)]
    assert each[1] == pytest.approx(100 * each[0], rel=0.05)


def test_a_storm_ends_by_the_runbook(results):
    """Within half an hour."""
    assert 0 < results["C2", None]["figures"]["shop.seconds"] <= 1800


@pytest.mark.catalogue
def test_a_storm_ends_by_the_runbook_alone(results):
    """With nobody who does anything it lasts as long as it is looked at."""
    assert results["C2", "nothing-done"]["figures"]["shop.seconds"] > 3000


def test_forgotten_staging_goes_in_three_days(results):
    """What it costs until it is gone is a fraction of the month that it costs unmarked."""
    good, unmarked = (results["C3", name]["figures"] for name in (None, "no-mark"))
    assert good["bill.last_end"] < 3 * 86400
    assert good["bill.spent"] < 25 < 100 < unmarked["bill.spent"]

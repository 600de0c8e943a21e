"""C1, C2 and C3: money is noticed in time by the good org, and too late, or not at all, by its mistakes."""

import json

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


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The results of all, by scenario and variant."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("money")
    patch = pytest.MonkeyPatch()
    patch.setenv("TWIN_HOME", str(folder / "home"))
    found = {}
    for scenario in ("C1", "C2", "C3"):
        asked = [f"--variant={variant}" for id_, variant in WANTED if id_ == scenario and variant]
        for number, arguments in enumerate(([], asked)):
            file = folder / f"{scenario}{number}.json"
            run(["run", scenario, *arguments, f"--report=json={file}"])
            found |= {(scenario, result["variant"]): result for result in json.loads(file.read_text())["results"]}
    patch.undo()
    return found


def test_each_has_its_verdict(results):
    """The good org passes; each mistake fails; a guard from above keeps the attack from beginning."""
    assert {name: result["verdict"] for name, result in results.items()} == WANTED


def test_the_bill_tells_hours_after_the_trail(results):
    """With the trail watched the alert comes in minutes and for some dollars; with the bill alone, for thousands."""
    good, late = (results["C1", name]["figures"] for name in (None, "billing-alarm-alone"))
    assert good["breach.ttd"] < 900 < 6 * 3600 < late["breach.ttd"]
    assert good["bill.elsewhere_at_alert"] < 30 < 1000 < late["bill.elsewhere_at_alert"]
    assert good["bill.elsewhere"] < 100 < 1000 < late["bill.elsewhere"]


def test_protection_from_termination_stops_a_careless_runbook(results):
    """Without taking the protection off, the runbook ends at the machines."""
    assert "OperationNotPermitted" in results["C1", "nobody-unprotects"]["reason"]


def test_a_storm_costs_what_the_org_lets_it(results):
    """With the endpoint no byte of an image passes the gateway; without it, or with every log line, a month ruins."""
    good, routed, logged = (results["C2", name]["figures"] for name in (None, "no-gateway-endpoint", "no-sampling"))
    assert (good["shop.nat_gigabytes"], good["shop.projected"] < 600) == (0.0, True)
    assert routed["shop.nat_gigabytes"] == 2 * routed["shop.pulls"]
    assert routed["shop.projected"] > 20_000 < logged["shop.projected"]
    assert logged["shop.log_gigabytes"] == pytest.approx(100 * good["shop.log_gigabytes"], rel=0.01)


def test_a_storm_ends_by_the_runbook_alone(results):
    """With nobody who does anything it lasts as long as it is looked at."""
    good, left = (results["C2", name]["figures"] for name in (None, "nothing-done"))
    assert good["shop.seconds"] <= 1800 < 3000 < left["shop.seconds"]


def test_forgotten_staging_goes_in_three_days(results):
    """What it costs until it is gone is a fraction of the month that it costs unmarked."""
    good, unmarked = (results["C3", name]["figures"] for name in (None, "no-mark"))
    assert good["bill.last_end"] < 3 * 86400
    assert good["bill.spent"] < 25 < 100 < unmarked["bill.spent"]

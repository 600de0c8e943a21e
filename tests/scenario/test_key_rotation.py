"""K1, the key rotation: it passes, its mistakes fail, the same seed gives the same bytes."""

import json
from xml.etree import ElementTree

import pytest


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """K1 with every variant, its reports, and the same run twice more: with the same seed, and with another."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    patch = pytest.MonkeyPatch()
    patch.setenv("TWIN_HOME", str(folder / "home"))
    reports = [f"--report={form}={folder / f'all.{form}'}" for form in ("junit", "json", "journal")]
    codes = [
        run(["run", "K1", "--variants", *reports]),
        run(["run", "K1", f"--report=journal={folder / 'same.journal'}"]),
        run(["run", "K1", "--seed", "8", f"--report=journal={folder / 'other.journal'}"]),
    ]
    patch.undo()
    return folder, codes


def test_k1_passes_and_every_variant_has_its_verdict(runs):
    """The scenario passes; each mistake is found, and an idle run is vacuous."""
    folder, codes = runs
    found = json.loads((folder / "all.json").read_text())
    assert codes[0] == 0
    assert (found["schema"], found["good"]) == (1, True)
    assert {r["variant"]: r["verdict"] for r in found["results"]} == {
        None: "PASS",
        "missing-consumer": "FAIL",
        "inactive-before-refresh": "FAIL",
        "both-slots-taken": "FAIL",
        "nothing-done": "FAIL",
        "nobody-calls": "VACUOUS",
    }


def test_each_mistake_fails_for_its_own_reason(runs):
    """A variant that fails for another reason would prove nothing."""
    results = {r["variant"]: r for r in json.loads((runs[0] / "all.json").read_text())["results"]}
    lost = {name: sorted(c["name"] for c in r["checks"] if not c["held"]) for name, r in results.items()}
    assert lost[None] == []
    assert lost["inactive-before-refresh"] == ["no-call-fails"]
    assert "the runbook comes to its end" in lost["both-slots-taken"]
    assert "LimitExceeded" in results["both-slots-taken"]["reason"]
    assert {"one-key-is-left", "the-old-key-is-dead"} & set(lost["nothing-done"])
    assert "consumers-called" in lost["nobody-calls"]


def test_the_junit_report_says_the_same(runs):
    """One case per result; as every verdict is the wanted one, no failure."""
    suite = ElementTree.parse(runs[0] / "all.junit").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("6", "0")
    assert [c.get("name") for c in suite.iter("testcase")][:2] == ["K1", "missing-consumer"]
    assert list(suite.iter("failure")) == []


def test_the_same_seed_gives_the_same_bytes(runs):
    """Run again in another world, the journal does not differ in a byte; another seed's does."""
    folder, codes = runs
    same, other = (folder / "same.journal").read_bytes(), (folder / "other.journal").read_bytes()
    assert codes[1:] == [0, 0]
    assert len(same.splitlines()) > 30
    assert (folder / "all.journal").read_bytes().startswith(same)
    assert same != other


def test_a_variant_alone_is_what_it_is(twin):
    """Without --variants a FAIL is exit 1, and the JSON says why."""
    code, out, _ = twin("run", "K1", "--variant", "inactive-before-refresh", "--json")
    found = json.loads(out)
    assert (code, found["schema"], found["good"]) == (1, 1, False)
    assert found["results"][0]["verdict"] == "FAIL"


def test_a_capability_that_the_target_lacks_is_unsupported(twin, changed):
    """Never green: exit 1, with the capability by name, and nothing was run."""
    file = changed(lambda v: v["requires"].append("time-travel"))
    code, out, _ = twin("run", file, "--json")
    (result,) = json.loads(out)["results"]
    assert (code, result["verdict"], result["journal"]) == (1, "UNSUPPORTED", [])
    assert "time-travel" in result["reason"]


def test_a_setup_that_fails_is_an_error(twin, changed):
    """Exit 3: it says nothing about the runbook."""
    file = changed(lambda v: v["setup"]["read-the-key"]["with"].update(SecretId="none"))
    code, out, _ = twin("run", file, "--json")
    (result,) = json.loads(out)["results"]
    assert (code, result["verdict"]) == (3, "ERROR")
    assert "read-the-key" in result["reason"]

"""K1, the key rotation: it passes, its mistakes fail, the same seed gives the same bytes."""

import json
from xml.etree import ElementTree

import pytest
from plays import ONE_ORG

WANTED = {
    None: "PASS",
    "missing-consumer": "FAIL",
    "inactive-before-refresh": "FAIL",
    "both-slots-taken": "FAIL",
    "nothing-done": "FAIL",
    "nobody-calls": "VACUOUS",
}
GATE = ("inactive-before-refresh", "nobody-calls")


@pytest.fixture(scope="module")
def told(plays, whole):
    """K1 with its variants, the gate's with some of them."""
    return plays("K1", "every") if whole else plays.some("K1", *GATE)


def test_k1_passes_and_every_variant_has_its_verdict(told, whole):
    """The scenario passes; each mistake is found, and an idle run is vacuous."""
    played = WANTED if whole else (None, *GATE)
    assert (told.code, told.verdicts) == (0, {variant: WANTED[variant] for variant in played})


def test_each_mistake_fails_for_its_own_reason(told, whole):
    """A variant that fails for another reason would prove nothing."""
    lost = told.lost
    assert lost[None] == set()
    assert lost["inactive-before-refresh"] == {"no-call-fails"}
    assert "consumers-called" in lost["nobody-calls"]
    if whole:
        assert "the runbook comes to its end" in lost["both-slots-taken"]
        assert "LimitExceeded" in told.results["both-slots-taken"]["reason"]
        assert {"one-key-is-left", "the-old-key-is-dead"} & lost["nothing-done"]


def test_the_junit_report_says_the_same(plays):
    """One case per result; a failure for each verdict that is not the wanted one."""
    good, bad = (ElementTree.fromstring(run.junit) for run in (plays("K1"), plays("K1", *GATE)))
    assert [case.get("name") for case in good.iter("testcase")] == ["K1"]
    assert [case.get("name") for case in bad.iter("testcase")] == list(GATE)
    assert (good.get("failures"), list(good.iter("failure")), bad.get("failures")) == ("0", [], "2")


def test_a_variant_alone_is_what_it_is_with_the_same_bytes(twin, tmp_path, told, whole):
    """Without --variants a FAIL is exit 1, and the JSON says why; the same seed gives the same journal."""
    seed = () if whole else ("--seed", ONE_ORG["K1"])
    code, out, _ = twin("run", "K1", *seed, "--variant", GATE[0], "--json", f"--report=journal={tmp_path / 'again'}")
    found = json.loads(out)
    assert (code, found["schema"], found["good"]) == (1, 1, False)
    assert found["results"][0]["verdict"] == "FAIL"
    again = (tmp_path / "again").read_bytes()
    assert len(again.splitlines()) > 30
    assert again in told.journal


@pytest.mark.catalogue
def test_another_seed_gives_another_journal(twin, tmp_path, plays):
    """On an org that was built from that seed."""
    assert twin("run", "K1", "--seed", "8", f"--report=journal={tmp_path / 'other'}")[0] == 0
    assert (tmp_path / "other").read_bytes() != plays("K1").journal


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

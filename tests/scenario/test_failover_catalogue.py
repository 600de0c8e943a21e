"""The scenarios of failover and recovery pass on the bundled org, and each of their variants has its verdict."""

import json

import pytest

SHORT = ("F5",)
SCENARIOS = [pytest.param(name, marks=() if name in SHORT else pytest.mark.catalogue) for name in
             ("F1", "F3", "F4", "F5", "F6", "D1", "D2")]  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run a scenario with every variant; returns the exit code and the results by variant."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")

    def play(name):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TWIN_HOME", str(folder / "home"))
            code = run(["run", name, "--variants", f"--report=json={folder / name}.json"])
        found = json.loads((folder / f"{name}.json").read_text())["results"]
        return code, {one["variant"]: one for one in found}

    return play


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_variant_has_its_verdict(results, name):
    """The good org passes, each mistake fails, and what tested nothing is vacuous; failures name their causes."""
    code, found = results(name)
    assert {variant: one["verdict"] for variant, one in found.items()} == {
        variant: one["wanted"] for variant, one in found.items()
    }
    assert code == 0
    failed = [one for one in found.values() if one["verdict"] == "FAIL"]
    assert failed
    assert all(any(word in one["reason"] for word in ("because", "refused", "not reached")) for one in failed)


def test_a_zone_may_go(tmp_path, monkeypatch):
    """F1 passes on the bundled org, and the traffic shows that the zone was gone."""
    from twin.cli import run

    monkeypatch.setenv("TWIN_HOME", str(tmp_path / "home"))
    assert run(["run", "F1", f"--report=json={tmp_path / 'f1.json'}"]) == 0
    (result,) = json.loads((tmp_path / "f1.json").read_text())["results"]
    assert result["verdict"] == "PASS"
    assert any(check["kind"] == "effect" and check["held"] for check in result["checks"])

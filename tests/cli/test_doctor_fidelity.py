"""`twin doctor --fidelity`: probes by area, on a twin of its own and on the running one."""

import json


def test_area_is_asked_on_a_world_of_its_own(twin):
    """A table, the JSON form, exit 0 when every answer is right."""
    code, out, _ = twin("doctor", "--fidelity", "--area", "S3 public access")
    assert code == 0
    assert "public-access-block" in out
    code, out, _ = twin("doctor", "--fidelity", "--area", "S3 public access", "--json")
    told = json.loads(out)
    assert (code, told["total"]["right"], told["target"]) == (0, told["total"]["probes"], "twin")


def test_what_is_not_right_is_told_and_exits_with_1(twin, monkeypatch):
    """A twin that refuses nothing is found out, and the probe that did is named."""
    monkeypatch.setattr("twin.world.gateway.check_refusals", lambda call: None)
    code, out, _ = twin("doctor", "--fidelity", "--area", "S3 public access")
    assert code == 1
    assert "should have been refused: AccessDenied" in out


def test_slips_are_told(twin, tmp_path):
    """An unknown area, a page of a part, and options without --fidelity."""
    assert twin("doctor", "--fidelity", "--area", "Sea")[0] == 2
    assert twin("doctor", "--fidelity", "--area", "S3", "--markdown", tmp_path / "page.md")[0] == 2
    assert twin("doctor", "--area", "S3")[0] == 2


def test_running_twin_is_asked_on_request(shell, monkeypatch):
    """Its clock is not moved, so probes that wait are untested; the others are right. Unasked, it stays as it is."""
    asking = ("doctor", "--fidelity", "--area", "S3 public access", "--json")
    code, _, err = shell(*asking, "--running")
    assert (code, "none is running here" in err) == (2, True)
    assert shell("up")[0] == 0
    code, out, _ = shell(*asking, "--running")
    told = json.loads(out)["total"]
    assert (code, told["right"], told["untested"]) == (0, told["probes"], 0)
    monkeypatch.setattr("twin.fidelity.other_target.run_on_target", None)
    assert shell(*asking)[0] == 0
    assert shell(*asking, "--running")[0] == 70
    assert shell("down")[0] == 0

"""I1 and B8-ci, the pipeline: a change goes through every gate and nothing else does; a loose trust is closed again.

`twin run I1 --variants` and `twin run B8-ci --variants` run the other mistakes, too.
"""

import json

import pytest

PLAYED = ("I1", "B8-ci")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Each run's result."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWIN_HOME", str(folder / "home"))
        for name in PLAYED:
            run(["run", name, f"--report=json={folder / f'{name}.json'}"])
    return {name: json.loads((folder / f"{name}.json").read_text())["results"][0] for name in PLAYED}


@pytest.mark.parametrize("name", PLAYED)
def test_the_pipeline_holds(runs, name):
    """Everything that is expected held, and what shows that anything was tested was seen."""
    assert runs[name]["verdict"] == "PASS", runs[name]["reason"]


@pytest.mark.catalogue
@pytest.mark.parametrize("name", PLAYED)
def test_every_mistake_has_its_verdict(name, tmp_path, monkeypatch):
    """Self-approval, a missing approval, a loose subject, a closed window, a plan that moved on, and the others."""
    from twin.cli import run

    monkeypatch.setenv("TWIN_HOME", str(tmp_path))
    file = tmp_path / "report.json"
    assert run(["run", name, "--variants", f"--report=json={file}"]) == 0
    said = {one["variant"]: one for one in json.loads(file.read_text())["results"]}
    for variant, why in (STOPPED if name == "I1" else {}).items():
        steps = [line["why"] for line in said[variant]["journal"] if line["event"] == "step failed"]
        assert [variant for step in steps if why in step], (variant, steps)
    assert name != "I1" or [said[variant]["reason"] for variant in THROUGH] == list(THROUGH.values())


STOPPED = {
    "closed-window": "exit 4: refused, nothing was sent that writes:\n  - deployment window: closed; the next one",
    "window-closes": "exit 4: stopped before wave 2 of 2, radius 1: the deployment window is closed; the next",
    "plan-moved-on": "the plan is another than the one that was approved",
    "what-production-demands-fails": "exit 1: not signed: FAIL O1: it-is-back: '0', wanted '1'",
    "not-rehearsed": "exit 4: refused, nothing was sent that writes:\n  - scenario O1: it was not rehearsed",
    "stale-rehearsal": "  - scenario O1: what this machine signed is 10 seconds old, and may be 5 seconds",
    "another-account": "  - AWS account alias: the spec says reed-sandbox, the vendor says reed-prod",
}
THROUGH = {
    "self-approval": "nobody-let-their-own-change-pass: 1, wanted 0",
    "no-window": "production-changed-in-its-window-alone: 1, wanted 0",
    "another-plan-applied": "nothing-but-what-was-approved: 1, wanted 0",
    "nothing-demanded": "a-lost-order-comes-back-soon: '43200', wanted '30'",
}


def test_production_goes_with_a_rehearsal_of_its_own_plan(runs):
    """Its scenario runs under the pull request, and again on the plan that is applied."""
    told = [line for line in runs["I1"]["journal"] if line["event"] == "rehearsed"]
    assert [(line["actor"], line["scenario"], line["verdict"]) for line in told] == [
        ("scenarios", "O1", "PASS"),
        ("staging", "the plan", "PASS"),
        ("prod", "O1", "PASS"),
    ]


def test_each_gate_had_a_token_of_its_own(runs):
    """Jobs sign on as what they are: the pull request reads, each environment applies, in their order."""
    journal = runs["I1"]["journal"]
    subjects = [line["facts"]["subject"] for line in journal if line["event"] == "github.token.issued"]
    mine = [one.removeprefix("repo:reed/infra:") for one in subjects if one.startswith("repo:reed/infra:")]
    main = "ref:refs/heads/main"
    wanted = ["environment:dev", main, "environment:staging", main, "environment:prod"]
    assert mine == ["pull_request"] * 3 + wanted
    applied = [line["environment"] for line in journal if line["event"] == "applied"]
    assert applied == ["dev", "staging", "prod"]


def test_no_token_stands_in_the_journal(runs):
    """Neither an identity token, nor a job's, nor somebody's own."""
    text = json.dumps([result["journal"] for result in runs.values()])
    assert not [word for word in ("eyJ", "ghs_", "github_pat_", "ASIA") if word in text]


def test_the_intruder_is_known_by_its_repository(runs):
    """The session in the trail names the repository whose job took the role, and that is what rings."""
    figures = runs["B8-ci"]["figures"]
    assert (figures["breach.residual"], figures["intruder.kept_out"] > 0) == (0, True)
    assert figures["intruder.last_success"] < 1200

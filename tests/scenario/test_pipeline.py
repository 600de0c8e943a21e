"""I1 and B8-ci, the pipeline: a change goes through every gate and nothing else does; a loose trust is closed again.

`twin run I1 --variants` and `twin run B8-ci --variants` run the other mistakes, too.
"""

import json
import os

import pytest

WANTED = {("I1", None): "PASS", ("I1", "loose-subject"): "FAIL", ("B8-ci", None): "PASS"}
LONG = {
    ("I1", "self-approval"): "FAIL",
    ("I1", "another-plan-applied"): "FAIL",
    ("I1", "no-window"): "FAIL",
    ("I1", "nothing-to-do"): "VACUOUS",
    ("B8-ci", "sessions-live-on"): "FAIL",
    ("B8-ci", "trust-stays-loose"): "FAIL",
    ("B8-ci", "subject-of-one-repository"): "VACUOUS",
}
REASONS = {
    ("I1", None): set(),
    ("I1", "loose-subject"): {"no-stranger-has-the-role", "it-came-through-every-gate"},
    ("B8-ci", None): set(),
    ("I1", "self-approval"): {"nobody-let-their-own-change-pass", "ada-tried-to-let-it-pass"},
    ("I1", "another-plan-applied"): {"nothing-but-what-was-approved"},
    ("I1", "no-window"): {"production-changed-in-its-window-alone"},
}
PLAYED = {**WANTED, **(LONG if os.environ.get("TWIN_TEST_LONG") else {})}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Each run's result."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWIN_HOME", str(folder / "home"))
        for name, variant in PLAYED:
            chosen = [f"--variant={variant}"] if variant else []
            run(["run", name, f"--report=json={folder / f'{name}-{variant}.json'}", *chosen])
    return {key: json.loads((folder / f"{key[0]}-{key[1]}.json").read_text())["results"][0] for key in PLAYED}


@pytest.mark.parametrize("key", PLAYED, ids=[f"{name}-{variant}" for name, variant in PLAYED])
def test_the_pipeline_has_its_verdict_and_its_reason(runs, key):
    """The good pipeline passes; each mistake fails for what it is."""
    result = runs[key]
    assert result["verdict"] == PLAYED[key], result["reason"]
    if key in REASONS:
        assert {check["name"] for check in result["checks"] if not check["held"]} == REASONS[key]


def test_each_gate_had_a_token_of_its_own(runs):
    """Jobs sign on as what they are: the pull request reads, each environment applies, in their order."""
    journal = runs["I1", None]["journal"]
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
    figures = runs["B8-ci", None]["figures"]
    assert (figures["breach.residual"], figures["intruder.kept_out"] > 0) == (0, True)
    assert figures["intruder.last_success"] < 1200

"""K5, B8 and I2 at the edge: each passes, its mistakes fail, the same seed gives the same bytes."""

import json

import pytest

WANTED = {
    "K5": {
        None: "PASS",
        "roll": "FAIL",
        "missing-pipeline": "FAIL",
        "deleted-at-once": "FAIL",
        "nothing-done": "FAIL",
        "nobody-deploys": "VACUOUS",
    },
    "B8": {
        None: "PASS",
        "account-wide-token": "FAIL",
        "zone-outside-the-spec": "FAIL",
        "token-not-deleted": "FAIL",
        "cache-not-purged": "FAIL",
        "nothing-done": "FAIL",
        "token-of-no-use": "VACUOUS",
    },
    "I2": {None: "PASS", "larger-plan": "FAIL", "room-left": "FAIL", "no-visitors": "VACUOUS"},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Every scenario with every variant; B8 once more with the same seed."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    patch = pytest.MonkeyPatch()
    patch.setenv("TWIN_HOME", str(folder / "home"))
    codes = [
        run(["run", name, "--variants", f"--report=json={folder / f'{name}.json'}",
             f"--report=journal={folder / f'{name}.journal'}"])
        for name in WANTED
    ]  # fmt: skip
    run(["run", "B8", f"--report=journal={folder / 'same.journal'}"])
    patch.undo()
    results = {name: json.loads((folder / f"{name}.json").read_text())["results"] for name in WANTED}
    return folder, codes, {name: {row["variant"]: row for row in rows} for name, rows in results.items()}


def lost(row):
    """Return the names of what did not hold."""
    return {check["name"] for check in row["checks"] if not check["held"]}


@pytest.mark.parametrize("name", list(WANTED))
def test_scenario_passes_and_every_variant_has_its_verdict(runs, name):
    """Mutation score 1: each mistake is found."""
    _, codes, results = runs
    assert codes == [0, 0, 0]
    assert {variant: row["verdict"] for variant, row in results[name].items()} == WANTED[name]


def test_a_roll_costs_calls_and_an_overlap_none(runs):
    """K5: the roll loses calls and nothing else; the overlap none, while both tokens were used."""
    k5 = runs[2]["K5"]
    assert lost(k5["roll"]) >= {"no-call-fails"}
    assert k5["roll"]["figures"]["pipelines.failed"] > 0
    assert k5[None]["figures"]["pipelines.failed"] == 0
    assert "the runbook comes to its end" in lost(k5["missing-pipeline"])


def test_the_thief_of_a_narrow_token_is_out_and_of_a_wide_one_is_not(runs):
    """B8: who can make tokens is not stopped by deleting one."""
    b8 = runs[2]["B8"]
    assert b8[None]["figures"]["thief.tokens"] == 1
    assert b8["account-wide-token"]["figures"]["thief.tokens"] == 2
    assert {"and-stays-ours"} <= lost(b8["account-wide-token"])
    assert lost(b8["cache-not-purged"]) == {"the-site-is-ours-again-in-ten-minutes", "and-stays-ours"}
    assert b8[None]["figures"]["visitors.longest_wrong"] <= 600


def test_what_does_not_fit_is_refused_and_nothing_moved(runs):
    """I2: on Pro the sixth rule fits, on Free it does not."""
    i2 = runs[2]["I2"]
    assert {"a-sixth-rule-is-refused", "the-firewall-is-as-it-was"} == lost(i2["room-left"])
    assert "a-regular-expression-is-refused" not in lost(i2["larger-plan"])


def test_same_seed_same_journal_without_a_secret(runs):
    """Twice B8, byte for byte; no token stands in the journal."""
    folder = runs[0]
    first = (folder / "B8.journal").read_text()
    assert first.startswith((folder / "same.journal").read_text()[:2000])
    assert "cfat_" not in first

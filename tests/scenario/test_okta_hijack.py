"""B7, a session of Okta taken over: the good org passes, mistakes fail for their reason, without entry it is vacuous.

`twin run B7 --variants` runs the other mistakes, too.
"""

import json

import pytest

WANTED = {None: "PASS", "tokens-live-on": "FAIL", "no-line-drawn": "FAIL", "never-approved": "VACUOUS"}
LOST = {
    None: set(),
    "tokens-live-on": {"contained-in-15-minutes", "refresh-token-is-dead"},
    "no-line-drawn": {"contained-in-15-minutes"},
    "never-approved": {"the-intruder-got-in", "it-used-the-role", "it-had-reach"},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The scenario and three variants of it, each on the same kept org; the scenario once more."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWIN_HOME", str(folder / "home"))
        for name in (*WANTED, "again"):
            chosen = [f"--variant={name}"] if name in WANTED and name else []
            run(["run", "B7", f"--report=json={folder / f'{name}.json'}",
                 f"--report=journal={folder / f'{name}.journal'}", *chosen])  # fmt: skip
    results = {name: json.loads((folder / f"{name}.json").read_text())["results"][0] for name in WANTED}
    return results, [(folder / f"{name}.journal").read_bytes() for name in (None, "again")]


@pytest.mark.parametrize("name", list(WANTED), ids=[str(name) for name in WANTED])
def test_the_hijack_has_its_verdict_and_its_reason(runs, name):
    """Nothing but the step that is missing is missed; what nobody approved tests nothing."""
    result = runs[0][name]
    assert result["verdict"] == WANTED[name], result["reason"]
    assert {check["name"] for check in result["checks"] if not check["held"]} == LOST[name]


def test_the_intruder_came_by_a_push_and_was_seen_in_the_log(runs):
    """Five pushes are denied before one is approved; the denials in the log ring before that, and only then."""
    good = runs[0][None]
    figures, journal = good["figures"], good["journal"]
    assert (figures["ada.denied"], figures["ada.approved"], figures["intruder.entered"]) == (5, 1, 1)
    assert (figures["detector.told"], figures["collateral.detector.told"]) == (1, 1)
    at = {line["event"]: line["t"] for line in journal if line["event"] in ("alerted", "approves")}
    assert at["alerted"] < at["approves"]
    assert (
        next(line["about"] for line in journal if line["event"] == "alerted") == "3 pushes denied by ada@moor.example"
    )
    lost = [(line["what"], line["t"]) for line in journal if line["event"] == "loses"]
    assert [what for what, _ in lost] == ["session", "refresh", "role"]


def test_the_refresh_token_that_lives_on_works_when_the_account_is_back(runs):
    """While the user is suspended it is refused; without oauthTokens=true it works again after that."""
    held = [line for line in runs[0]["tokens-live-on"]["journal"] if line.get("what") == "refresh"]
    assert [line["event"] for line in held] == ["holds", "loses", "holds"]


def test_the_same_seed_gives_the_same_bytes_in_a_hijack(runs):
    """Neither passwords nor tokens stand in the journal."""
    first, again = runs[1]
    assert len(first) > 5000
    assert first == again
    assert b"Heather-by-the-river" not in first
    assert b"SAMLResponse" not in first

"""B5: records that somebody encrypts in place come back, from their versions or from the vault, or the run fails."""

import json

import pytest

REASONS = {
    "customer-keys-and-no-versions": "no-record-is-lost",
    "purged-and-no-vault": "no-record-is-lost",
    "vault-in-the-same-hands": "no-record-is-lost",
    "key-stays": "nothing-is-left",
    "settings-stay": "nothing-expires-tomorrow",
    "not-watched": "no alert came",
    "nothing-done": "no-record-is-lost",
}


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Run B5 with some options; returns the exit code, the results by variant and the journal."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")

    def once(*options):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TWIN_HOME", str(folder / "home"))
            reports = [f"--report={form}={folder / form}" for form in ("json", "journal")]
            code = run(["run", "B5", *options, *reports])
        results = json.loads((folder / "json").read_text())["results"]
        return code, {result["variant"]: result for result in results}, (folder / "journal").read_bytes()

    return once


def test_no_record_is_lost_with_the_same_bytes_each_time(play):
    """Records were spoiled, and every one reads as it was written at the end."""
    code, results, journal = play()
    assert (code, results[None]["verdict"]) == (0, "PASS")
    figures = results[None]["figures"]
    assert figures["clerk.written"] > figures["clerk.spoiled"] > 0 == figures["clerk.lost"]
    assert play()[2] == journal
    assert b"SecretAccessKey" not in journal
    assert b"0123456789abcdef0123456789abcdef" not in journal


@pytest.mark.parametrize(
    ("variant", "lost", "code"), [("purged-here-kept-in-the-vault", 0, 0), ("purged-and-no-vault", 14, 1)]
)
def test_the_vault_makes_the_difference_when_versions_are_purged(play, variant, lost, code):
    """The same attack, with copies out of its reach and without."""
    exit_code, results, _ = play("--variant", variant)
    assert (exit_code, results[variant]["figures"]["clerk.lost"]) == (code, lost)


@pytest.mark.catalogue
def test_every_mistake_fails_for_the_reason_that_it_names(play):
    """And the vault's variant passes, and a key that writes nothing is vacuous."""
    code, results, _ = play("--variants")
    verdicts = {variant: result["verdict"] for variant, result in results.items()}
    assert verdicts == {
        None: "PASS", "purged-here-kept-in-the-vault": "PASS", **dict.fromkeys(REASONS, "FAIL"), "powerless": "VACUOUS",
    }  # fmt: skip
    assert code == 0
    told = {
        variant: [result["reason"], *(check["name"] for check in result["checks"] if not check["held"])]
        for variant, result in results.items()
    }
    assert {v: told[v] for v, why in REASONS.items() if not any(why in one for one in told[v])} == {}

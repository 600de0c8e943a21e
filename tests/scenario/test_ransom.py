"""B5: records that somebody encrypts in place come back, from their versions or from the vault, or the run fails."""

import pytest

REASONS = {
    "customer-keys-and-no-versions": "no-record-is-lost",
    "purged-and-no-vault": "no-record-is-lost",
    "vault-in-the-same-hands": "no-record-is-lost",
    "governance-and-who-bypasses-it": "no-record-is-lost",
    "key-stays": "nothing-is-left",
    "settings-stay": "nothing-expires-tomorrow",
    "not-watched": "no alert came",
    "nothing-done": "no-record-is-lost",
}
SAVED, RUINED = "purged-here-kept-in-the-vault", "purged-and-no-vault"
LOCKED = ("locked-vault-in-the-same-hands", "insider")


def test_no_record_is_lost(plays):
    """Records were spoiled, and every one reads as it was written at the end; no key stands in the journal."""
    run = plays("B5")
    assert (run.code, run.verdicts) == (0, {None: "PASS"})
    figures = run.results[None]["figures"]
    assert figures["clerk.written"] > figures["clerk.spoiled"] > 0 == figures["clerk.lost"]
    assert b"SecretAccessKey" not in run.journal
    assert b"0123456789abcdef0123456789abcdef" not in run.journal


@pytest.mark.parametrize(("variant", "lost", "code"), [(SAVED, 0, 0), (RUINED, 14, 1)])
def test_the_vault_makes_the_difference_when_versions_are_purged(plays, variant, lost, code):
    """The same attack, with copies out of its reach and without."""
    run = plays("B5", variant)
    assert (run.code, run.results[variant]["figures"]["clerk.lost"]) == (code, lost)


@pytest.mark.catalogue
def test_the_same_seed_spoils_the_same_records(plays):
    """Played again, the journal does not differ in a byte."""
    assert plays.again("B5", RUINED).journal == plays("B5", RUINED).journal


@pytest.mark.catalogue
def test_every_mistake_fails_for_the_reason_that_it_names(plays):
    """The vault's variants pass, under a lock even against an administrator; a key that writes nothing is vacuous."""
    run = plays("B5", "every")
    passing = dict.fromkeys((None, SAVED, *LOCKED), "PASS")
    assert run.verdicts == {**passing, **dict.fromkeys(REASONS, "FAIL"), "powerless": "VACUOUS"}
    assert run.code == 0
    assert run.other_reasons(REASONS) == {}

"""K3 and K6: a key is swapped behind its alias, and a certificate lives on by itself; each mistake is found."""

import pytest

REASONS = {
    "K3": {
        "disabled-before-encrypted-anew": {"nothing-is-unreadable"},
        "missing-grant": {"nothing-is-unreadable", "nothing-is-unwritable"},
        "alias-not-moved": {"nothing-is-unwritable", "the-alias-leads-to-another-key"},
        "nothing-done": {"the-alias-leads-to-another-key", "the-old-key-is-gone"},
    },
    "K6": {
        variant: {"two-weeks-are-always-left", "it-is-issued-at-the-end", "it-was-renewed"}
        for variant in ("record-pruned", "record-points-elsewhere", "record-proxied", "not-in-use")
    },
}
IDLE = {"K3": "nobody-reads", "K6": "a-hundred-days"}


@pytest.mark.parametrize("name", REASONS)
def test_it_passes_and_each_mistake_fails_for_its_own_reason(plays, whole, name):
    """The good run passes, every variant has its verdict, and loses what its title says and nothing else."""
    if not whole:
        pytest.skip("nine days and four hundred: the catalogue plays them")
    told, wanted = plays(name, "every"), REASONS[name]
    assert (told.code, told.verdicts) == (0, {None: "PASS", **dict.fromkeys(wanted, "FAIL"), IDLE[name]: "VACUOUS"})
    assert {variant: told.lost[variant] for variant in wanted} == wanted

"""K2, K3, K6: a password is rotated, a key swapped, a certificate lives on by itself; each mistake is found."""

import pytest

NOT_ROTATED = {"the-new-version-is-current", "the-old-version-is-previous", "both-versions-were-used"}
STOPPED = {"the runbook comes to its end", "the-old-key-is-gone", "it-takes-less-than-two-days"}
NOT_SWAPPED = {"the-alias-leads-to-another-key", "the-index-is-sealed-under-it"}
REASONS = {
    "K2": {
        "single-user": {"no-query-fails"},
        "never-set-nor-tested": {"no-query-fails", "both-versions-were-used"},
        "never-set": {"the runbook comes to its end", *NOT_ROTATED},
        "not-finished": NOT_ROTATED,
        "nothing-done": NOT_ROTATED,
    },
    "K3": {
        "disabled-before-encrypted-anew": {"nothing-is-unreadable"},
        "missing-grant": {"nothing-is-unreadable", "nothing-is-unwritable", "the-index-is-sealed-under-it"},
        "objects-left-out": STOPPED,
        "objects-left-out-and-nobody-looks": {"nothing-is-unreadable"},
        "first-page-only": STOPPED,
        "old-versions-left-out": STOPPED,
        "versions-suspended": STOPPED | NOT_SWAPPED,
        "grants-made-wider": {"nothing-else-is-sealed-under-it"},
        "grants-of-fixed-operations": {"the-index-is-sealed-under-it"},
        "alias-not-moved": {"nothing-is-unwritable", *NOT_SWAPPED},
        "nothing-done": {"the-old-key-is-gone", *NOT_SWAPPED},
    },
    "K6": {
        variant: {"two-weeks-are-always-left", "it-is-issued-at-the-end", "it-was-renewed"}
        for variant in ("record-pruned", "record-points-elsewhere", "record-proxied", "not-in-use")
    },
}
WITHSTOOD = {"K2": {"single-user-read-again": "PASS"}, "K3": {"more-than-a-page": "PASS"}}
IDLE = {"K2": "nobody-asks", "K3": "nobody-reads", "K6": "a-hundred-days"}


@pytest.mark.parametrize("name", REASONS)
def test_it_passes_and_each_mistake_fails_for_its_own_reason(plays, whole, name):
    """The good run passes, every variant has its verdict, and loses what its title says and nothing else."""
    if not whole:
        pytest.skip("a day, nine and four hundred, again and again: the catalogue plays them")
    told, wanted = plays(name, "every"), REASONS[name]
    verdicts = {None: "PASS", **dict.fromkeys(wanted, "FAIL"), **WITHSTOOD.get(name, {}), IDLE[name]: "VACUOUS"}
    assert (told.code, told.verdicts) == (0, verdicts)
    assert {variant: told.lost[variant] for variant in wanted} == wanted


def test_a_certificate_is_renewed_as_long_as_its_record_stands(plays):
    """Of K6 the gate plays the good run: the certificate is issued from the first look on, and renewed once."""
    told = plays("K6")
    figures = told.results[None]["figures"]
    assert (told.code, told.lost[None], figures["watch.renewals"]) == (0, set(), 1)
    assert figures["watch.least_days"] > 60

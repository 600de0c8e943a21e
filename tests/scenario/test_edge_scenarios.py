"""K5, B8 and I2 at the edge: each passes, its mistakes fail, the same seed gives the same bytes."""

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
GATE = {
    "K5": ("roll", "missing-pipeline", "nobody-deploys"),
    "B8": ("account-wide-token", "cache-not-purged"),
    "I2": ("larger-plan", "room-left"),
}


@pytest.fixture(scope="module")
def told(plays, whole):
    """Every scenario with its variants, the gate's with some of them."""
    return {name: plays(name, "every") if whole else plays.some(name, *GATE[name]) for name in WANTED}


@pytest.mark.parametrize("name", list(WANTED))
def test_scenario_passes_and_every_variant_has_its_verdict(told, whole, name):
    """Mutation score 1: each mistake is found."""
    played = WANTED[name] if whole else (None, *GATE[name])
    assert (told[name].code, told[name].verdicts) == (0, {variant: WANTED[name][variant] for variant in played})


def test_a_roll_costs_calls_and_an_overlap_none(told):
    """K5: the roll loses calls and nothing else; the overlap none, while both tokens were used."""
    k5, lost = told["K5"].results, told["K5"].lost
    assert lost["roll"] >= {"no-call-fails"}
    assert k5["roll"]["figures"]["pipelines.failed"] > 0
    assert k5[None]["figures"]["pipelines.failed"] == 0
    assert "the runbook comes to its end" in lost["missing-pipeline"]


def test_the_thief_of_a_narrow_token_is_out_and_of_a_wide_one_is_not(told):
    """B8: who can make tokens is not stopped by deleting one."""
    b8, lost = told["B8"].results, told["B8"].lost
    assert b8[None]["figures"]["thief.tokens"] == 1
    assert b8["account-wide-token"]["figures"]["thief.tokens"] == 2
    assert {"and-stays-ours"} <= lost["account-wide-token"]
    assert lost["cache-not-purged"] == {"the-site-is-ours-again-in-ten-minutes", "and-stays-ours"}
    assert b8[None]["figures"]["visitors.longest_wrong"] <= 600


def test_what_does_not_fit_is_refused_and_nothing_moved(told):
    """I2: on Pro the sixth rule fits, on Free it does not."""
    lost = told["I2"].lost
    assert lost["room-left"] == {"a-sixth-rule-is-refused", "the-firewall-is-as-it-was"}
    assert "a-regular-expression-is-refused" not in lost["larger-plan"]


def test_same_seed_same_journal_without_a_secret(told, plays):
    """A variant of B8 twice, byte for byte; no token stands in the journal."""
    assert plays.again("B8", "cache-not-purged").journal in told["B8"].journal
    assert b"cfat_" not in told["B8"].journal

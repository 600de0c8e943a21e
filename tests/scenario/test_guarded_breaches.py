"""The breaches B3 and B4: the good org passes, and mistakes fail for the reasons that they name."""

import pytest

REASONS = {
    "B3": {
        "evidence-at-home": "no-trace-is-lost",
        "alarm-of-the-same-trail": "no alert came",
        "nothing-done": "the-trail-runs",
    },
    "B4": {
        "public-access-block-off": "nothing-was-public",
        "snapshots-alone": "the-exports-are-closed",
        "nothing-done": "nobody-outside-reaches-anything",
    },
}
GATE = ("alarm-of-the-same-trail", "snapshots-alone")
MISTAKES = [
    pytest.param(name, one, marks=() if one in GATE else pytest.mark.catalogue)
    for name, told in REASONS.items()
    for one in told
]


@pytest.mark.parametrize("name", sorted(REASONS))
def test_the_good_org_passes(plays, name):
    """Its control run passes too, and no secret stands in the journal."""
    run = plays(name)
    assert (run.code, run.verdicts) == (0, {None: "PASS"})
    assert next(check for check in run.results[None]["checks"] if check["kind"] == "control")["held"]
    assert run.results[None]["figures"]["breach.evidence"] >= 0.95
    assert b"SecretAccessKey" not in run.journal


@pytest.mark.parametrize(("name", "variant"), MISTAKES)
def test_a_mistake_fails_for_the_reason_that_it_names(plays, name, variant):
    """A variant that fails for another reason would prove nothing."""
    run = plays(name, variant)
    assert (run.code, run.verdicts) == (1, {variant: "FAIL"})
    assert run.other_reasons(REASONS[name]) == {}


@pytest.mark.parametrize(
    ("name", "variant"),
    [pytest.param("B3", GATE[0], marks=pytest.mark.catalogue), ("B4", GATE[1])],
)
def test_a_guarded_breach_has_the_same_bytes_each_time(plays, name, variant):
    """Whatever was drawn is drawn again."""
    assert plays.again(name, variant).journal == plays(name, variant).journal


@pytest.mark.catalogue
def test_a_part_of_the_attack_is_withstood_by_itself(plays):
    """A log bucket that forgets is noticed and mended without any other blow; its file says that this must pass."""
    run = plays("B3", "forget-alone")
    assert (run.code, run.verdicts) == (0, {"forget-alone": "PASS"})


def test_what_left_is_counted_in_bytes(plays):
    """A disk of 40 GiB, an image of 15, a database of 100, a file of thirteen bytes; what the key encrypts stays."""
    figures = plays("B4").results[None]["figures"]
    assert figures["buyer.bytes"] == (40 + 15 + 100) * 2**30 + len("partner,price")
    assert figures["lake-reader.bytes"] == figures["passer-by.bytes"] == 0

"""The breaches B3 and B4: the good org passes, and mistakes fail for the reasons that they name."""

import json
from pathlib import Path

import pytest
import yaml

from twin.analysis.plan.case import Case
from twin.analysis.plan.planned import Planned
from twin.analysis.proofs import proofs
from twin.blueprints.compile import compile_spec
from twin.spec.document import compose
from twin.spec.load import load

ROOT = Path(__file__).parents[2]

REASONS = {
    "B3": {
        "evidence-at-home": "no-trace-is-lost",
        "alarm-of-the-same-trail": "no alert came",
        "nothing-done": "the-trail-runs",
    },
    "B4": {
        "rule-matches-nothing": "no alert came",
        "public-access-block-off": "nothing-was-public",
        "snapshots-alone": "the-exports-are-closed",
        "nothing-done": "nobody-outside-reaches-anything",
    },
}
GATE = ("alarm-of-the-same-trail", "public-access-block-off")
MISTAKES = [
    pytest.param(name, one, marks=() if one in GATE else pytest.mark.catalogue)
    for name, told in REASONS.items()
    for one in told
]


@pytest.mark.parametrize("name", [pytest.param("B3", marks=pytest.mark.catalogue), "B4"])
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


@pytest.mark.catalogue
@pytest.mark.parametrize(("name", "variant"), [("B3", GATE[0]), ("B4", GATE[1])])
def test_a_guarded_breach_has_the_same_bytes_each_time(plays, name, variant):
    """Whatever was drawn is drawn again."""
    assert plays.again(name, variant).journal == plays(name, variant).journal


def test_a_part_of_the_attack_is_withstood_by_itself(plays):
    """A log bucket that forgets is noticed and mended without any other blow; its file says that this must pass."""
    run = plays("B3", "forget-alone")
    assert (run.code, run.verdicts) == (0, {"forget-alone": "PASS"})


def test_what_left_is_counted_in_bytes(plays):
    """A disk of 40 GiB, an image of 15, a database of 100, a file of thirteen bytes; what the key encrypts stays."""
    figures = plays("B4").results[None]["figures"]
    assert figures["buyer.bytes"] == (40 + 15 + 100) * 2**30 + len("partner,price")
    assert figures["lake-reader.bytes"] == figures["passer-by.bytes"] == 0


def test_the_check_of_the_spec_tells_of_that_rule_beforehand():
    """What the variant makes of the spec has an error that the good one has not, at the rule."""
    variant = yaml.safe_load((ROOT / "scenarios" / "exfil_by_sharing.yaml").read_text())["variants"][
        "rule-matches-nothing"
    ]
    patch = compose(json.dumps(variant["spec"]).encode(), "patch").root
    found = {}
    for name, one in (("good", None), ("bad", patch)):
        spec = load(ROOT / "specs" / "guarded-org.yaml", environ={}, patch=one)
        told = proofs()["blind_watchers"](Case(Planned(*compile_spec(spec))))
        found[name] = [(one.rule, one.address) for one in told if one.rule == "TW1026"]
    assert found == {"good": [], "bad": [("TW1026", "aws.events.rule.sharing")]}

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
        "public-access-block-off": "nothing-was-public",
        "snapshots-alone": "the-exports-are-closed",
        "nothing-done": "nobody-outside-reaches-anything",
    },
}


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Run a scenario, or a variant of it; returns the exit code, the result and the journal."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")

    def once(name, *options):
        files = {form: folder / f"{name}{''.join(options)}.{form}" for form in ("json", "journal")}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TWIN_HOME", str(folder / "home"))
            code = run(["run", name, *options, *(f"--report={form}={path}" for form, path in files.items())])
        (result,) = json.loads(files["json"].read_text())["results"]
        return code, result, files["journal"].read_bytes()

    return once


@pytest.mark.parametrize("name", sorted(REASONS))
def test_the_good_org_passes_with_the_same_bytes_each_time(play, name):
    """Its control run passes too, and whatever was drawn is drawn again."""
    code, result, journal = play(name)
    assert (code, result["verdict"]) == (0, "PASS")
    assert next(check for check in result["checks"] if check["kind"] == "control")["held"]
    assert result["figures"]["breach.evidence"] >= 0.95
    assert play(name)[2] == journal
    assert b"SecretAccessKey" not in journal


@pytest.mark.parametrize(("name", "variant"), [(name, one) for name, told in REASONS.items() for one in told])
def test_a_mistake_fails_for_the_reason_that_it_names(play, name, variant):
    """A variant that fails for another reason would prove nothing."""
    code, result, _ = play(name, "--variant", variant)
    assert (code, result["verdict"]) == (1, "FAIL")
    told = [result["reason"], *(check["name"] for check in result["checks"] if not check["held"])]
    assert any(REASONS[name][variant] in one for one in told)


def test_a_part_of_the_attack_is_withstood_by_itself(play):
    """A log bucket that forgets is noticed and mended without any other blow; its file says that this must pass."""
    code, result, _ = play("B3", "--variant", "forget-alone")
    assert (code, result["verdict"]) == (0, "PASS")


def test_what_left_is_counted_in_bytes(play):
    """A disk of 40 GiB, an image of 15, a database of 100, a file of thirteen bytes; what the key encrypts stays."""
    _, result, _ = play("B4")
    figures = result["figures"]
    assert figures["buyer.bytes"] == (40 + 15 + 100) * 2**30 + len("partner,price")
    assert figures["lake-reader.bytes"] == figures["passer-by.bytes"] == 0


@pytest.mark.catalogue
def test_a_rule_on_fields_that_no_event_has_brings_nobody(play):
    """It asks for the calls outside of the event's detail, so that no alert ever comes."""
    code, result, _ = play("B4", "--variant", "rule-matches-nothing")
    assert (code, result["verdict"]) == (1, "FAIL")
    assert "no alert came" in result["reason"]


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

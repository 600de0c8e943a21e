"""`twin explain KEY`: every key of a spec and of a scenario is told, and a wrong one with what was meant."""

import json

import pytest

from twin.cli.forms import SPEC, find
from twin.errors import UsageError
from twin.report.form import Form
from twin.resources.catalogue import catalogue
from twin.scenario.actors import kinds
from twin.world.faults import kinds as faults

PARTS = [
    SPEC, "scenario", "aws.s3.bucket", *(f"scenario.actors.{kind}" for kind in kinds()),
    *(f"scenario.faults.{kind}" for kind in faults()),
]  # fmt: skip
ANYTHING = ("equals",)
"""Keys whose value may be whatever a figure can be."""


def below(path, form=None):
    """Yield each key with its path and what it leads to; steps within steps and environments are forms told before."""
    form = form or find(path).form
    for key in (form.many or form).parts:
        inner, held = key.name if path == SPEC else f"{path}.{key.name}", (form.many or form).below(key.name)
        yield inner, key, held
        if key.keys and key.name not in ("environments", "steps"):
            yield from below(inner, held)


@pytest.mark.parametrize("part", PARTS)
def test_every_key_can_be_asked_for(part):
    """Each leads to its own form, of which it is said how it is written."""
    for path, key, held in below(part):
        assert held.written == key.written, path
        assert key.written != "anything" or key.name in ANYTHING, path


def test_every_key_of_a_spec_and_of_a_scenario_has_a_meaning():
    """Nobody has to read the source to learn what a key is for."""
    assert [path for part in (SPEC, "scenario") for path, key, _ in below(part) if not key.meaning] == []


def test_every_type_can_be_told():
    """`twin types TYPE` has words for each field of each type."""
    for name, class_ in catalogue().items():
        assert [key.name for key in Form.of(class_.model_json_schema()).parts if not key.written] == [], name


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("data.bukets", "data has no key bukets; did you mean `buckets`?"),
        ("aws.s3.buckt", "there is no type aws.s3.buckt; did you mean aws.s3.bucket?"),
        ("aws.acount", "aws has no key acount; did you mean `account`?"),
        ("scenario.actors.caller", "did you mean `callers`?"),
        ("scenario.faults.zone-los", "did you mean `zone-loss`?"),
        ("netwrok", "a spec has no key netwrok; did you mean `network`?"),
    ],
)
def test_a_wrong_key_is_told_with_what_was_meant(path, told):
    """The nearest is named, of the place that was asked for."""
    with pytest.raises(UsageError) as wrong:
        find(path)
    assert told in str(wrong.value)


def test_the_name_of_ones_own_item_may_stand_in_the_path():
    """A key is explained by the path that a diagnostic shows, with the bucket's own name in it."""
    assert find("data.buckets.lake.lifecycle").form == find("data.buckets.lifecycle").form


def test_keys_are_told_as_json_too(twin):
    """What is required comes first; a default is written as users write it."""
    code, out, _ = twin("explain", "network", "--json")
    told = json.loads(out)
    assert (code, list(told)) == (0, ["schema", "path", "written", "meaning", "keys"])
    assert [name for name, key in told["keys"].items() if key["required"]] == ["cidr", "subnets"]
    assert told["keys"]["subnets"]["keys"] == ["exposure", "prefix", "cidrs"]
    code, out, _ = twin("explain", "workforce.sessions", "--json")
    assert json.loads(out)["keys"]["idle"]["default"] == "30m"


def test_a_code_one_digit_off_is_answered_and_a_wild_one_is_not_guessed(twin):
    """Where several are as near the first is named; of one far from all nothing is guessed."""
    assert "did you mean TW0" in twin("explain", "TW0199")[2]
    assert "`twin explain` lists them" in twin("explain", "TW9999")[2]

"""`twin init`: what it writes is right as it stands, and nothing is written over."""

import json

import pytest


def test_what_is_begun_with_is_right_and_plays(home, twin):
    """The spec has no finding, its name and account are those asked for, and the scenario notices mistakes."""
    asked = ("--name", "shop", "--domain", "acme.io", "--account", "222233334444", "--region", "eu-west-1")
    code, out, _ = twin("init", "new", *asked, "--json")
    assert (code, sorted(json.loads(out)["files"])) == (
        0,
        ["new/org.yaml", "new/scenarios/runbooks/undelete.md", "new/scenarios/undelete.yaml"],
    )
    code, out, _ = twin("check", "new/org.yaml", "--fail-on", "note")
    assert (code, out.count("good. prod: 15 resources"), out.count("good. dev: 15 resources")) == (0, 1, 1)
    text = (home / "new" / "org.yaml").read_text()
    assert ('"222233334444"' in text, "region: eu-west-1" in text) == (True, True)
    assert "acme" in text
    assert "acme" not in text.replace("acme.io", "")
    code, out, err = twin("run", "new/scenarios/undelete.yaml", "--variants")
    assert (code, out.count("\nFAIL"), out.count("as it must"), "4 of 4 came to the verdict" in err) == (0, 3, 3, True)


def test_nothing_is_written_over(home, twin):
    """Where one of the files is there, none is written."""
    (home / "scenarios").mkdir()
    (home / "scenarios" / "undelete.yaml").write_text("mine")
    code, out, err = twin("init")
    assert (code, out, "scenarios/undelete.yaml is there already" in err) == (2, "", True)
    assert not (home / "org.yaml").exists()
    assert (home / "scenarios" / "undelete.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--name", "Bad Name"), "--name: `Bad Name` is not a name"),
        (("--account", "12"), "--account: `12` is not an AWS account id"),
        (("--domain", "shop"), "--domain: `shop` is not a domain name"),
        (("--region", "eu-wst-1"), "did you mean `eu-west-1`?"),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_what_a_spec_could_not_say_is_refused_before_it_is_written(home, twin, given, told):
    """Each option is read as the spec's own value is."""
    code, _, err = twin("init", *given)
    assert (code, told in err, list(home.iterdir())) == (2, True, [])


def test_a_name_that_looks_like_a_number_stays_a_name(home, twin):
    """`--name 42` is written in quotes."""
    assert twin("init", "--name", "42")[0] == 0
    assert twin("check", "org.yaml", "-e", "prod")[0] == 0


def test_ones_own_scenarios_are_listed_and_a_broken_one_is_told(home, twin):
    """`twin run` lists what is in `scenarios` here too; a file that is none is named on stderr, and hides nothing."""
    assert twin("init")[0] == 0
    (home / "scenarios" / "broken.yaml").write_text("id: [")
    code, out, err = twin("run", "--json")
    listed = json.loads(out)["scenarios"]
    assert (code, "K1" in listed) == (0, True)
    assert listed["undelete"]["title"] == "Bring back an upload that somebody deleted"
    assert "scenarios/broken.yaml is left out: not valid YAML" in err

"""The way back after the fact: from what is there now to what was there before a run, as a plan like any other."""

import json
from pathlib import Path

import pytest
from live_accounts import ACCOUNT, ALIAS, clear, client, spec, topics

from twin.cli.commands.rollback import _by_number
from twin.engine import plan as plans
from twin.engine.history import Run

ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:mail"
CREW = "  aws.iam.group: {crew: {name: crew}}\n"
KEY = "  aws.kms.key: {data: {description: data, deletion_window: 7}}\n"
PROTECTED = "overrides: {aws.iam.group.crew: {protect: people are in it}}\n"


def org(home, *, text="a", more="", tail=""):
    """Write the spec of an org with another topic, and with what else is asked for."""
    mail = f"    mail: {{name: mail, display_name: {text}}}\n"
    written = spec().replace("  okta.group:", f"{mail}{more}  okta.group:")
    (home / "spec.yaml").write_text(written + tail)


def good(twin, *arguments):
    """Run a command that must succeed; returns what it printed and narrated."""
    code, out, err = twin(*arguments)
    assert code == 0, out + err
    return out + err


def carry(twin, file):
    """Carry a saved plan out."""
    return good(twin, "apply", file, "--live", "--confirm", ALIAS, "--allow-delete")


def forth(twin):
    """Plan and apply the spec."""
    good(twin, "plan", "spec.yaml", "--live", "-o", "plan.json")
    carry(twin, "plan.json")


def way(twin, *arguments):
    """Plan the way back."""
    return good(twin, "rollback", "spec.yaml", "--live", "-o", "back.json", *arguments)


@pytest.fixture
def applied(live, real, twin):
    """An org of two topics and a team: a second run changed one and added a group of people."""
    org(live)
    forth(twin)
    org(live, text="b", more=CREW)
    forth(twin)
    yield live
    for name in crews(real):
        client(real)("iam").delete_group(GroupName=name)
    clear(real)


def told(real, **attributes):
    """Return how the topic calls itself, after changing it by hand."""
    sns = client(real)("sns")
    for name, value in attributes.items():
        sns.set_topic_attributes(TopicArn=ARN, AttributeName=name, AttributeValue=value)
    return sns.get_topic_attributes(TopicArn=ARN)["Attributes"]["DisplayName"]


def crews(real):
    """Return the groups of people in the account."""
    return [group["GroupName"] for group in client(real)("iam").list_groups()["Groups"]]


def test_what_a_run_changed_and_made_is_taken_back_and_twice_is_no_change(applied, real, twin):
    """The last run first, the same again for nothing, and then the one before it, to an account without the org."""
    assert (told(real), crews(real)) == ("b", ["crew"])
    said = way(twin)
    assert ("back to before run 2" in said, '"b" → "a"' in said, "- aws.iam.group.crew" in said) == (True,) * 3, said
    carry(twin, "back.json")
    assert (told(real), crews(real), topics(real)) == ("a", [], ["mail", "news"])
    assert "no changes" in way(twin, "--exit-code")
    runs = json.loads(twin("rollback", "spec.yaml", "--live", "--list", "--json")[1])["runs"]
    assert [run["undoes"] for run in runs] == ["", "", runs[1]["plan"]]
    assert "back to before run 1" in way(twin, "--to", "1")
    carry(twin, "back.json")
    assert topics(real) == []
    assert "no changes" in way(twin, "--exit-code")


def test_a_saved_plan_names_its_run_and_needs_no_list_of_them(applied, twin):
    """The list may be lost, as with the state; a number that is none is refused."""
    assert "- aws.iam.group.crew" in way(twin, "--to", "plan.json")
    code, _, err = twin("rollback", "spec.yaml", "--live", "--to", "7")
    assert (code, "there is no run 7; the runs 1 to 2 are known" in err) == (2, True)
    (file,) = applied.rglob("runs.json")
    file.unlink()
    code, _, err = twin("rollback", "spec.yaml", "--live")
    assert (code, "nothing was applied here that is known" in err) == (2, True)
    assert "- aws.iam.group.crew" in way(twin, "--to", "plan.json")


def test_the_runs_of_a_plan_that_went_on_are_told(capsys):
    """The first is named with those that went on with it; whoever names a later one is told that the first stays."""
    runs = [Run(1, "d" * 64, "", "ana", {}), Run(2, "e" * 64, "", "ben", {}, goes_on="d" * 64)]
    assert (_by_number(runs, "previous"), _by_number(runs, "2")) == (runs, runs[1:])
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in told] == [
        "back to before run 1: plan dddddddddddd",
        "and before run 2: the rest of plan dddddddddddd",
        "back to before run 2: the rest of plan dddddddddddd",
        "what earlier runs of that plan did stays",
    ]


def test_what_changed_by_hand_since_is_told_and_can_be_left(applied, real, twin):
    """And an account that moves on after the plan was made is refused as for any plan."""
    told(real, DisplayName="by hand")
    assert "changed by hand since, and taken back too: aws.sns.topic.mail" in way(twin)
    assert "aws.sns.topic.mail" not in {c.key for c in _pending(twin, "--except", "aws.sns.topic.mail")}
    way(twin)
    told(real, DisplayName="again")
    code, _, err = twin("apply", "back.json", "--live", "--confirm", ALIAS, "--allow-delete")
    assert (code, "the target changed since it was made" in err, crews(real)) == (4, True, ["crew"])


def _pending(twin, *arguments):
    way(twin, *arguments)
    return plans.load(Path("back.json")).pending


def test_a_run_that_was_cut_short_is_taken_back_as_far_as_it_came(applied, real, twin):
    """Somebody removes what it made, before anything is asked for: the rest goes back."""
    client(real)("iam").delete_group(GroupName="crew")
    assert [(c.key, c.action) for c in _pending(twin)] == [("aws.sns.topic.mail", "update")]


def test_what_a_narrower_plan_left_out_is_not_removed_with_it(applied, real, twin):
    """The crew was there before a run that was not about it; what it wanted of others stays wanted."""
    org(applied, text="c")
    good(twin, "plan", "spec.yaml", "--live", "-o", "plan.json", "--only", "aws.sns.topic.mail")
    carry(twin, "plan.json")
    assert [(c.key, c.action) for c in _pending(twin)] == [("aws.sns.topic.mail", "update")]
    assert {(c.key, c.action) for c in _pending(twin, "--to", "2")} == {
        ("aws.sns.topic.mail", "update"),
        ("aws.iam.group.crew", "delete"),
    }


def test_what_the_spec_protects_does_not_go_on_the_way_back(applied, twin):
    """Unless it is named."""
    org(applied, text="b", more=CREW, tail=PROTECTED)
    code, _, err = twin("rollback", "spec.yaml", "--live")
    assert (code, "aws.iam.group.crew is protected (people are in it)" in err) == (3, True), err
    assert "overridden" in way(twin, "--unprotect", "aws.iam.group.crew")


def test_a_protection_that_went_with_its_resource_still_holds(applied, twin):
    """Forth and back: the state tells what was protected when it was applied last."""
    org(applied, text="b", more=CREW, tail=PROTECTED)
    forth(twin)
    org(applied, text="b")
    code, _, err = twin("plan", "spec.yaml", "--live")
    assert (code, "TW0743" in err, "people are in it; so said the spec" in err) == (2, True, True), err
    code, _, err = twin("rollback", "spec.yaml", "--live", "--to", "2")
    assert (code, "people are in it; so said the spec" in err) == (3, True), err
    good(twin, "plan", "spec.yaml", "--live", "--unprotect", "aws.iam.group.crew", "-o", "plan.json")
    carry(twin, "plan.json")


def test_a_key_that_is_pending_deletion_is_offered_for_restoring_and_not_replaced(live, real, twin):
    """Refused with the vendor's own way out, which works; made anew for who says so."""
    org(live, more=KEY)
    forth(twin)
    org(live)
    forth(twin)
    code, out, err = twin("rollback", "spec.yaml", "--live", "-o", "back.json")
    assert (code, (live / "back.json").exists()) == (1, False)
    assert "aws.kms.key.data is made anew, without what it encrypted, which a new key cannot read" in err, out + err
    words = " ".join(err.split())
    id_ = words.partition("aws kms cancel-key-deletion --key-id ")[2].split()[0]
    assert "+ aws.kms.key.data" in way(twin, "--anew", "aws.kms.key.data")
    kms = client(real)("kms")
    kms.cancel_key_deletion(KeyId=id_)
    kms.enable_key(KeyId=id_)
    assert "no changes" in way(twin, "--exit-code")
    kms.schedule_key_deletion(KeyId=id_, PendingWindowInDays=7)
    clear(real)

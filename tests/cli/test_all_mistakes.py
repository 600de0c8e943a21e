"""A spec's mistakes are told all at once: what is wrong in its form hides nothing of what is wrong elsewhere."""

import json

import pytest
from broken_specs import BROKEN
from served import HEAD

FORM = {
    "a number that is text": (HEAD.replace('"123456789012"', "123456789012"), ["TW0113"], []),
    "an unknown section": (HEAD + "netwrok: {}\n", ["TW0104"], ["netwrok"]),
    "an unknown key": (HEAD + "data: {buckets: {good: {verisoning: true}}}\n", ["TW0104"], ["data.buckets.good"]),
    "a wrong value": (HEAD + "data: {buckets: {good: {versioning: maybe}}}\n", ["TW0113"], ["data.buckets.good"]),
    "what lacks something": (HEAD + "iam: {roles: {app: {}}}\n", ["TW0214"], ["iam.roles.app"]),
    "no contact": (HEAD.replace(", contact: ops@acme.example", ""), ["TW0105"], []),
    "two keys": (HEAD + "billing: {}\nbilling: {}\n", ["TW0102"], []),
}
LATER = """
resources:
  aws.sns.topic:
    a: {name: a, nmae: b}
    t: {name: "t t"}
  aws.sns.topik:
    b: {name: b}
  aws.sqs.queue:
    q: {name: q, dead_letter_queue: "${aws.sns.topic.t.arn}"}
"""
THEN = ["TW0713", "TW0721", "TW0723"]


def told(twin, home, text):
    """Return the codes of the errors, and what the notes say."""
    (home / "spec.yaml").write_text(text)
    code, out, err = twin("check", "spec.yaml", "--json")
    assert (code, err) == (2, "")
    found = json.loads(out)["diagnostics"]
    errors = sorted(d["code"] for d in found if d["severity"] == "error")
    return errors, [d["message"] for d in found if d["severity"] == "note"]


@pytest.mark.parametrize("name", FORM)
def test_form_and_all_that_comes_later_are_told_at_once(home, twin, name):
    """Each mistake of form alone, and with raw resources that are refused, refer wrongly, and break a constraint."""
    text, first, left_out = FORM[name]
    assert told(twin, home, text)[0] == first
    errors, notes = told(twin, home, text + LATER)
    assert [code for code in errors if code in (*first, *THEN)] == sorted([*first, *THEN])
    assert len(errors) == len(first) + len(THEN) + 1, "and the topic's name"
    assert [f"`{item}`" in note for item in left_out for note in notes] == [True for _ in left_out]
    assert len(notes) == bool(left_out)
    mended = told(twin, home, HEAD + LATER)
    assert mended == (sorted(set(errors) - set(first)), []), "the same without the mistake of form"


def test_what_was_left_out_is_not_missed(home, twin):
    """Nothing is said of references to it, or of the item itself: it may be there once it is mended."""
    text = """
cloudflare: {acount: 0123456789abcdef0123456789abcdef}
edge: {zone: acme.example}
data:
  buckets:
    lake: {name: Bad_Bucket, verisoning: true}
    logs: {name: Bad_Too}
encryption: {keys: {main: {nonsense: [1]}}}
resources:
  aws.sns.topic:
    t: {name: t, kms_key: "${aws.kms.key.main.arn}"}
"""
    errors, notes = told(twin, home, HEAD + text)
    assert errors == ["TW0104", "TW0104", "TW0104", "TW0105", "TW0105", "TW0450"]
    assert [note for note in notes if "data.buckets.logs" in note] == []


@pytest.mark.parametrize("name", [name for name, (code, _) in BROKEN.items() if code.startswith("TW07")])
def test_no_broken_spec_is_told_less_for_a_mistake_of_form(home, twin, name):
    """A number that is text is put right without a doubt, so all that is told without it is told with it."""
    text = BROKEN[name][1]
    alone = told(twin, home, text)
    assert told(twin, home, text.replace('"123456789012"', "123456789012", 1)) == (sorted([*alone[0], "TW0113"]), [])

"""Three-way difference: the spec, what was applied last, what the endpoint tells."""

import pytest

from twin.engine.difference import HIDDEN, differences
from twin.engine.state import Entry
from twin.resources.aws.secretsmanager import Secret
from twin.resources.aws.sns import Topic
from twin.resources.aws.sqs import Queue
from twin.resources.resource import Observed


def queue(**fields):
    """Return the managed fields of a queue."""
    return Queue(name="q", **fields).values()


@pytest.mark.parametrize(
    ("spec", "applied", "seen", "cause"),
    [
        (60, 30, 30, "spec"),
        (30, 30, 60, "drift"),
        (60, 30, 90, "both"),
        (60, None, 30, "unknown"),
    ],
)
def test_the_cause_of_a_difference_is_told_apart(spec, applied, seen, cause):
    """The spec moved, somebody changed the object, both, or no state tells."""
    last = None if applied is None else Entry("q", queue(delay=applied))
    found = differences(Queue, queue(delay=spec), Observed("q", queue(delay=seen)), last)
    assert [(d.field, d.before, d.after, d.cause) for d in found] == [("delay", seen, spec, cause)]


def test_what_is_as_the_spec_wants_does_not_differ():
    """A state that is out of date makes no change where object and spec agree."""
    assert differences(Queue, queue(), Observed("q", queue()), Entry("q", queue(delay=5))) == ()


def test_a_spelling_is_no_difference():
    """Policies compare by meaning, lists without order by their members."""
    one = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": "*"}]}
    other = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sns:Publish", "Resource": ["*"]}}
    wanted = Topic(name="t", policy=one).values()
    assert differences(Topic, wanted, Observed("t", {**wanted, "policy": other}), None) == ()
    different = {**other, "Statement": {**other["Statement"], "Effect": "Deny"}}
    assert [d.field for d in differences(Topic, wanted, Observed("t", {**wanted, "policy": different}), None)] == [
        "policy"
    ]


def test_an_unmanaged_field_never_differs():
    """A field that the spec leaves out is whatever it is."""
    seen = {**queue(), "kms_key": "alias/other"}
    assert differences(Queue, queue(), Observed("q", seen), None) == ()


def test_a_value_known_only_after_apply_differs():
    """A field that refers to what is about to be made counts as different; one that was so already does not."""
    wanted = queue(kms_key="${aws.kms.key.main.arn}")
    found = differences(Queue, wanted, Observed("q", {**queue(), "kms_key": "old"}), None)
    assert [d.field for d in found] == ["kms_key"]


def test_a_secret_differs_by_its_source_and_is_never_shown():
    """The vendor does not show it: its source is compared with the one applied last, and both stay hidden."""
    wanted = Secret(name="s", value="env:NEW").values()
    seen = Observed("s", {k: v for k, v in wanted.items() if k != "value"})
    (found,) = differences(Secret, wanted, seen, Entry("s", {**wanted, "value": "env:OLD"}))
    assert (found.field, found.before, found.after) == ("value", HIDDEN, HIDDEN)
    assert differences(Secret, wanted, seen, Entry("s", wanted)) == ()
    assert differences(Secret, wanted, seen, None) == (), "without a state it is taken as unchanged"


def test_an_immutable_field_demands_a_replacement():
    """The difference says so."""
    (found,) = differences(Queue, Queue(name="b").values(), Observed("a", queue(), {}), None)
    assert (found.field, found.replaces) == ("name", True)

"""Grants that nobody used are found by CloudTrail's events, and what is proposed instead is enough and no more."""

import json

import pytest
from plans import ACCOUNT, allow, case_of, document, found

from twin.analysis.plan.usage import UsageMistake, read_usage
from twin.analysis.proofs import proofs
from twin.semantics.iam import Policies, Request, compile_policy, decide
from twin.semantics.iam.containment import contained

USER = f"arn:aws:iam::{ACCOUNT}:user/it"


def event(source, name, **more):
    """An event of CloudTrail's of the user's."""
    return {"eventSource": f"{source}.amazonaws.com", "eventName": name, "userIdentity": {"arn": USER}, **more}


def record(*events):
    """The record of some events."""
    return read_usage(json.dumps({"Records": list(events)}))


def user(*statements):
    """A user with one inline policy."""
    return {"aws.iam.user": {"it": {"name": "it", "inline": {"p": document(*statements)}}}}


def test_action_that_nobody_did_is_found_and_one_that_was_done_is_not():
    """The bad variant has an action more than the events show."""
    usage = record(event("kms", "ListKeys"), event("kms", "CreateAlias"))
    good = user(allow("kms:ListKeys"), allow("kms:CreateAlias"))
    assert found("unused", good, usage) == []
    bad = user(allow("kms:ListKeys"), allow(["kms:CreateAlias", "kms:DeleteAlias"]))
    assert found("unused", bad, usage) == [("TW1005", "warning", "aws.iam.user.it")]


def test_without_a_record_nothing_is_judged():
    """Silence about use is no proof of disuse."""
    assert found("unused", user(allow("kms:*"))) == []


def test_calls_that_were_refused_are_no_use():
    """A denied call shows that the grant was not what let it through."""
    usage = record(event("kms", "ListKeys", errorCode="AccessDenied"))
    assert found("unused", user(allow("kms:ListKeys")), usage) == [("TW1005", "note", "aws.iam.user.it")]


def test_data_events_are_judged_only_where_they_were_recorded():
    """A trail without data events does not show that nobody read an object."""
    policy = user(allow("s3:GetObject", "arn:aws:s3:::acme-it/*"))
    assert found("unused", policy, record(event("kms", "ListKeys"))) == []
    data = event("s3", "PutObject", eventCategory="Data")
    assert found("unused", policy, record(data)) == [("TW1005", "note", "aws.iam.user.it")]
    assert found("unused", policy, record(data, event("s3", "HeadObject", eventCategory="Data"))) == []


def test_least_privilege_is_within_what_was_granted_and_lets_through_what_was_done():
    """The proposed statement is proven to be narrower, and the decision procedure allows what the events show."""
    usage = record(event("kms", "ListKeys"), event("kms", "CreateAlias"))
    before = allow(["kms:*", "sqs:ListQueues"])
    (one,) = proofs()["unused"](case_of(user(before), usage))
    after = json.loads(one.mend.removeprefix("least privilege: "))
    assert after["Action"] == ["kms:CreateAlias", "kms:ListKeys"]
    assert contained([document(before)], [document(after)]).contained is True
    assert contained([document(after)], [document(before)]).contained is False
    policies = Policies(identity=(compile_policy(document(after), "identity"),))
    for action in ("kms:ListKeys", "kms:CreateAlias"):
        assert decide(Request(USER, action, "*"), policies).allowed


def test_session_counts_for_its_role():
    """What a session did, its role's policies were for."""
    role = f"arn:aws:iam::{ACCOUNT}:role/it"
    session = {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/it/s", "sessionContext": {"sessionIssuer": {"arn": role}}}
    usage = record(event("kms", "ListKeys", userIdentity=session))
    assert set(usage.of(role)) == {"kms:listkeys"}


@pytest.mark.parametrize("form", ["records", "events", "list", "lines"])
def test_record_is_read_in_every_form(form):
    """A log file, a reply of LookupEvents, a list and JSON lines say the same."""
    one = event("kms", "ListKeys")
    written = {
        "records": json.dumps({"Records": [one]}),
        "events": json.dumps({"Events": [{"CloudTrailEvent": json.dumps(one)}]}),
        "list": json.dumps([one]),
        "lines": f"{json.dumps(one)}\n{json.dumps(one)}\n",
    }[form]
    assert set(read_usage(written).of(USER)) == {"kms:listkeys"}


def test_what_is_no_record_is_refused():
    """A file of something else is a mistake, not an empty record."""
    for wrong in ("{}", "nothing", "[1]"):
        with pytest.raises(UsageMistake):
            read_usage(wrong)

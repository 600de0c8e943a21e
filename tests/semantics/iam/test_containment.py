"""Whether a policy allows more than another: a table of cases."""

import json

import pytest

from twin.semantics.iam import Policies, PolicyError, Request, compile_policy, decide
from twin.semantics.iam.containment import contained
from twin.semantics.iam.containment.question import answer

HOME = "arn:aws:iam::111122223333:"


def policy(*statements, version="2012-10-17"):
    """A document."""
    return {"Version": version, "Statement": list(statements)}


def allow(action, resource="*", **more):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    """A statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def when(operator, key, *values):
    """A condition."""
    return {"Condition": {operator: {key: list(values)}}}


def everyone(*more, **fields):
    """A statement of a queue's policy for everybody."""
    return allow("sqs:SendMessage", Principal="*", **fields)


IP, TAG, PREFIX, KEYS = "aws:SourceIp", "aws:RequestTag/team", "s3:prefix", "aws:TagKeys"
NUMBER, DATE, ARN = "s3:max-keys", "aws:CurrentTime", "aws:SourceArn"
B = "arn:aws:s3:::b/"
CASES = {
    "narrower action": (policy(allow("s3:*")), policy(allow("s3:Get*")), True),
    "wider action": (policy(allow("s3:Get*")), policy(allow("s3:*")), False),
    "letter case of actions": (policy(allow("S3:getobject")), policy(allow("s3:GetObject")), True),
    "letter case of resources": (policy(allow("s3:*", B + "A*")), policy(allow("s3:*", B + "a*")), False),
    "one action in two statements": (
        policy(allow("s3:*", B + "a*"), allow("s3:*", B + "b*")),
        policy(allow("s3:*", [B + "a1", B + "b2"])),
        True,
    ),
    "question mark within star": (policy(allow("s3:*", B + "a*")), policy(allow("s3:*", B + "a?c")), True),
    "star against question mark": (policy(allow("s3:*", B + "a?")), policy(allow("s3:*", B + "a*")), False),
    "incomplete ARN is all of the rest": (
        policy(allow("sqs:*", "arn:aws:sqs:*:1")),
        policy(allow("sqs:*", "arn:aws:sqs:us-*:1:q")),
        True,
    ),
    "incomplete ARN allows more than one queue": (
        policy(allow("sqs:*", "arn:aws:sqs:*:1:q")),
        policy(allow("sqs:*", "arn:aws:sqs:*:1")),
        False,
    ),
    "wildcard stays in its segment": (
        policy(allow("sqs:*", "arn:aws:sqs:*:1:q")),
        policy(allow("sqs:*", "arn:aws:sqs:us-*:1:q")),
        True,
    ),
    "wildcard does not reach over a colon": (
        policy(allow("sqs:*", "arn:aws:sqs:*:1:q")),
        policy(allow("sqs:*", "arn:aws:sqs:us:east:1:q")),
        False,
    ),
    "wildcard of the last segment takes the rest": (
        policy(allow("sqs:*", "arn:aws:sqs:*")),
        policy(allow("sqs:*", "arn:aws:sqs:us:1:q:r")),
        True,
    ),
    "new deny": (
        policy(allow("s3:*")),
        policy(allow("*"), deny("*", "arn:aws:iam:*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}),
        True,
    ),
    "lost deny": (policy(allow("s3:*"), deny("s3:Put*")), policy(allow("s3:*"), deny("s3:PutObject")), False),
    "NotAction is a deny turned round": (
        policy(allow("*"), deny("iam:*")),
        policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        True,
    ),
    "NotResource": (
        policy(allow("s3:*"), deny("s3:*", B + "*")),
        policy({"Effect": "Allow", "Action": "s3:*", "NotResource": [B + "*", B + "x"]}),
        True,
    ),
    "nothing was allowed": (policy(deny("*")), policy(allow("s3:GetObject"), deny("s3:*")), True),
    "range within a range": (
        policy(allow("s3:*", **when("IpAddress", IP, "10.0.0.0/8"))),
        policy(allow("s3:*", **when("IpAddress", IP, "10.9.0.0/16"))),
        True,
    ),
    "range beyond a range": (
        policy(allow("s3:*", **when("IpAddress", IP, "10.9.0.0/16"))),
        policy(allow("s3:*", **when("IpAddress", IP, "10.8.0.0/15"))),
        False,
    ),
    "two halves of a range": (
        policy(
            allow("s3:*", **when("IpAddress", IP, "10.0.0.0/9")), allow("s3:*", **when("IpAddress", IP, "10.128.0.0/9"))
        ),
        policy(allow("s3:*", **when("IpAddress", IP, "10.0.0.0/8"))),
        True,
    ),
    "a range and its complement": (
        policy(
            allow("s3:*", **when("IpAddress", IP, "10.0.0.0/8")),
            allow("s3:*", **when("NotIpAddress", IP, "10.0.0.0/8")),
        ),
        policy(allow("s3:*")),
        True,
    ),
    "number below a bound": (
        policy(allow("s3:*", **when("NumericLessThanEquals", NUMBER, "10"))),
        policy(allow("s3:*", **when("NumericLessThan", NUMBER, "10"))),
        True,
    ),
    "number at a bound": (
        policy(allow("s3:*", **when("NumericLessThan", NUMBER, "10"))),
        policy(allow("s3:*", **when("NumericLessThanEquals", NUMBER, "10"))),
        False,
    ),
    "date after another": (
        policy(allow("s3:*", **when("DateGreaterThan", DATE, "2026-01-01"))),
        policy(allow("s3:*", **when("DateGreaterThan", DATE, "2026-06-01T00:00:00Z"))),
        True,
    ),
    "date before another": (
        policy(allow("s3:*", **when("DateGreaterThan", DATE, "2026-06-01"))),
        policy(allow("s3:*", **when("DateGreaterThan", DATE, "2026-01-01"))),
        False,
    ),
    "pattern within a pattern": (
        policy(allow("s3:*", **when("StringLike", PREFIX, "home/*"))),
        policy(allow("s3:*", **when("StringLike", PREFIX, "home/a*", "home/b?"))),
        True,
    ),
    "text within a pattern": (
        policy(allow("s3:*", **when("StringLike", PREFIX, "home/*"))),
        policy(allow("s3:*", **when("StringEquals", PREFIX, "home/"))),
        True,
    ),
    "letter case of texts": (
        policy(allow("s3:*", **when("StringEquals", PREFIX, "A"))),
        policy(allow("s3:*", **when("StringEqualsIgnoreCase", PREFIX, "a"))),
        False,
    ),
    "absent key": (
        policy(allow("s3:*", **when("StringEquals", TAG, "a"))),
        policy(allow("s3:*", **when("StringEqualsIfExists", TAG, "a"))),
        False,
    ),
    "absent key, negated": (
        policy(allow("s3:*", **when("StringNotEquals", TAG, "a"))),
        policy(allow("s3:*", **when("Null", TAG, "true"))),
        True,
    ),
    "every value against any": (
        policy(allow("s3:*", **when("ForAnyValue:StringEquals", KEYS, "a"))),
        policy(allow("s3:*", **when("ForAllValues:StringEquals", KEYS, "a"))),
        False,
    ),
    "any value against every": (
        policy(allow("s3:*", **when("ForAllValues:StringEquals", KEYS, "a"))),
        policy(allow("s3:*", **when("ForAnyValue:StringEquals", KEYS, "a"))),
        False,
    ),
    "every value and there is one": (
        policy(allow("s3:*", **when("ForAnyValue:StringEquals", KEYS, "a", "b"))),
        policy(
            allow("s3:*", Condition={"ForAllValues:StringEquals": {KEYS: "a"}, "ForAnyValue:StringEquals": {KEYS: "a"}})
        ),
        True,
    ),
    "two keys of which one is asked": (
        policy(allow("s3:*", **when("Bool", "aws:SecureTransport", "true"))),
        policy(allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {TAG: "a"}})),
        True,
    ),
    "one source within another": (
        policy(allow("s3:*", **when("ArnLike", ARN, "arn:aws:sns:*:1:*"))),
        policy(allow("s3:*", **when("ArnEquals", ARN, "arn:aws:sns:us:1:t"))),
        True,
    ),
    "a variable that stays": (
        policy(allow("s3:*", B + "${aws:username}/*")),
        policy(allow("s3:Get*", B + "${aws:username}/*")),
        True,
    ),
    "a variable within a wildcard": (
        policy(allow("s3:*", B + "*")),
        policy(allow("s3:*", B + "${aws:username}/*")),
        True,
    ),
    "a wildcard in place of a variable": (
        policy(allow("s3:*", B + "${aws:username}/*")),
        policy(allow("s3:*", B + "*")),
        False,
    ),
    "no variable in an old version": (
        policy(allow("s3:*", B + "${aws:username}"), version="2008-10-17"),
        policy(allow("s3:*", B + "${aws:username}")),
        False,
    ),
    "another variable": (
        policy(allow("s3:*", B + "${aws:username}")),
        policy(allow("s3:*", B + "${aws:userid}")),
        False,
    ),
    "text and number under one key": (
        policy(allow("s3:*", **when("StringEquals", NUMBER, "10"))),
        policy(allow("s3:*", **when("NumericEquals", NUMBER, "10"))),
        None,
    ),
    "a user of the account that was let in": (
        policy(allow("sqs:*", Principal={"AWS": HOME + "root"})),
        policy(allow("sqs:*", Principal={"AWS": HOME + "user/u"})),
        False,
    ),
    "an account whose user was let in": (
        policy(allow("sqs:*", Principal={"AWS": HOME + "user/u"})),
        policy(allow("sqs:*", Principal={"AWS": HOME + "root"})),
        False,
    ),
    "one of everybody": (
        policy(everyone()),
        policy(allow("sqs:SendMessage", Principal={"AWS": HOME + "role/r"})),
        True,
    ),
    "everybody of one": (
        policy(allow("sqs:SendMessage", Principal={"AWS": HOME + "role/r"})),
        policy(everyone()),
        False,
    ),
    "a service": (
        policy(allow("sqs:*", Principal={"Service": "sns.amazonaws.com"})),
        policy(allow("sqs:*", Principal={"Service": "s3.amazonaws.com"})),
        False,
    ),
    "a service with its source": (
        policy(allow("sqs:*", Principal={"Service": "sns.amazonaws.com"})),
        policy(
            allow("sqs:*", Principal={"Service": "sns.amazonaws.com"}, **when("ArnLike", ARN, "arn:aws:sns:us:1:*"))
        ),
        True,
    ),
    "named principal that a condition fits": (
        policy(everyone(**when("ArnLike", "aws:PrincipalArn", HOME + "user/*"))),
        policy(allow("sqs:SendMessage", Principal={"AWS": HOME + "user/u"})),
        True,
    ),
    "account by its number": (
        policy(everyone(**when("StringEquals", "aws:PrincipalAccount", "111122223333"))),
        policy(everyone(**when("StringEquals", "aws:PrincipalAccount", "444455556666"))),
        False,
    ),
    "all but one": (
        policy(everyone()),
        policy(
            {"Effect": "Allow", "NotPrincipal": {"AWS": HOME + "root"}, "Action": "sqs:SendMessage", "Resource": "*"}
        ),
        True,
    ),
    "trust with an external id": (
        policy(
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": "444455556666"},
                **when("StringEquals", "sts:ExternalId", "x"),
            }
        ),
        policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "444455556666"}}),
        False,
    ),
}


def allowed(request, documents):
    """Ask the decision procedure about identity policies."""
    return decide(request, Policies(identity=tuple(compile_policy(one, "identity") for one in documents))).allowed


@pytest.mark.parametrize("name", CASES)
def test_verdict(name):
    """The verdict is the one that follows from the documented meaning of the policies."""
    old, new, expected = CASES[name]
    found = contained([old], [new])
    assert found.contained is expected, found.because
    assert (found.counterexample is not None) is (expected is False)


def test_lost_deny_counts_beside_other_policies():
    """By itself a policy of denies allows nothing; beside others, what it no longer denies may be allowed."""
    old, new = policy(deny("iam:*")), policy(deny("iam:Create*"))
    assert contained([old], [new]).contained is True
    found = contained([old], [new], beside=True)
    assert found.contained is False
    assert "is no longer denied; before, statement 0 denied it" in found.because
    assert contained([new], [old], beside=True).contained is True


def test_lost_deny_of_a_resource_counts():
    """The account's own principals have policies beside a queue's: its deny was what kept them out."""
    tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": "*",
        **when("Bool", "aws:SecureTransport", "false"),
    }
    assert contained([policy(tls)], [policy({**tls, "Action": "sqs:SendMessage"})]).contained is False
    assert contained([policy({**tls, "Action": "sqs:SendMessage"})], [policy(tls)]).contained is True


def test_counterexample_rather_names_a_published_action():
    """Of all actions that show it, one that AWS publishes is taken where there is any."""
    found = contained(
        [policy(allow("s3:Get*"))], [policy(allow("s3:*"))], known=lambda s: [f"{s}:GetObject", f"{s}:PutObject"]
    )
    assert found.counterexample.action == "s3:PutObject"


def test_wrong_document_is_named():
    """A document that is none says which and where."""
    with pytest.raises(PolicyError) as raised:
        contained([policy(allow("s3:*"))], [policy({"Effect": "Allow", "Action": "s3", "Resource": "*"})])
    assert (raised.value.policy, raised.value.element) == ("new[0]", "Action")


def test_answer_has_the_request_and_both_decisions():
    """The counterexample can be put to `twin decide iam` as it is."""
    said = answer({"old": [policy(allow("s3:Get*"))], "new": [policy(allow("s3:*"))]})
    assert json.loads(json.dumps(said)) == said
    shown = said["counterexample"]
    assert (shown["new"]["decision"], shown["old"]["decision"]) == ("allow", "implicit_deny")
    assert allowed(Request(**shown["request"]), [policy(allow("s3:*"))])

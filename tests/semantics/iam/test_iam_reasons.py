"""Reasons name the statement or the layer; errors name the statement and the element."""

import pytest
from iam_rows import ALICE, ALL, ROLE, SESSION, allow, deny, levels, policy, row, to

from twin.semantics.iam import PolicyError, Request, compile_policy
from twin.semantics.iam.case import make_case
from twin.semantics.iam.mistake import QuestionError
from twin.semantics.iam.question import answer
from twin.semantics.iam.values import instant, number


def ask(**rest):
    """Answer one question of the table's kind."""
    return answer(row("logic", "", "", **rest).question)


def test_allow_names_the_statement():
    """The Sid where there is one, and the policy's index."""
    got = ask(identity=[policy(allow("sqs:*")), policy({**allow("s3:*"), "Sid": "Read"})])
    assert [(r["layer"], r["effect"], r["policy"], r["statement"]) for r in got["because"]] == [
        ("identity", "allow", 1, "Read")
    ]


def test_statement_without_sid_is_named_by_its_index():
    """The index counts from 0."""
    got = ask(identity=[policy(allow(), deny("s3:*"))])
    assert [(r["effect"], r["statement"]) for r in got["because"]] == [("deny", 1)]


def test_explicit_deny_names_every_deny_and_its_level():
    """Denies of several layers are all told."""
    got = ask(identity=[policy(deny())], scps=levels(root=[ALL], ou=[ALL, policy(deny("s3:*"))]))
    assert [(r["layer"], r.get("level"), r["policy"]) for r in got["because"]] == [
        ("scp", "ou", 1),
        ("identity", None, 0),
    ]


def test_implicit_deny_names_every_layer_that_lacks():
    """Boundary, SCP level and session policy that lack an allow are each named; the identity policy is not."""
    got = ask(
        who=SESSION, identity=[ALL], boundaries=[], session=policy(allow("sqs:*")), scps=levels(root=[ALL], ou=[])
    )
    lacking = [(r["layer"], r.get("level")) for r in got["because"] if r["effect"] == "none"]
    assert lacking == [("scp", "ou"), ("boundary", None), ("session", None)]


def test_cross_account_denial_names_both_sides():
    """Neither the resource's policy nor an identity policy allows."""
    got = ask(account="999988887777")
    assert {r["layer"] for r in got["because"]} == {"resource", "identity"}


def test_role_named_by_the_resource_lacks_its_boundary_only():
    """The resource's allow stands in for the identity policy."""
    got = ask(who=SESSION, boundaries=[], resource=policy(to({"AWS": ROLE})))
    assert [r["layer"] for r in got["because"] if r["effect"] == "none"] == ["boundary"]


@pytest.mark.parametrize(
    ("document", "statement", "element"),
    [
        (policy(allow(), {"Sid": "Bad", "Effect": "Permit", "Action": "*", "Resource": "*"}), "Bad", "Effect"),
        (policy(allow(), {"Effect": "Allow", "Resource": "*"}), 1, "Action"),
        (policy(allow(), allow(condition={"StringIs": {"aws:x": "y"}})), 1, "Condition"),
        (policy(allow("s3:*", "${aws:a,}")), 0, "Resource"),
        (policy(allow("s3:*", "arn:aws:s3:::${aws:a,}")), 0, "Resource"),
        ({"Statement": [], "Statements": []}, None, "Statements"),
        (policy(allow(condition={"StringLike": {"s3:prefix": "${aws:username"}}, Sid="A")), "A", "Condition"),
        (policy(allow("s3:*", "arn:aws:s3:::${aws:username")), 0, "Resource"),
    ],
)
def test_malformed_policy_is_named(document, statement, element):
    """The error says which policy, statement and element."""
    error = ask(identity=[ALL, document])["error"]
    assert (error["policy"], error.get("statement"), error["element"]) == ("identity[1]", statement, element)


def test_malformed_policy_of_a_level_is_named():
    """The error says which level's policy."""
    assert ask(scps=levels(root=[ALL], ou=["x"]))["error"]["policy"] == "scps[1].policies[0]"


def test_unknown_operator_suggests_the_near_one():
    """StringEqual is no operator, StringEquals is."""
    with pytest.raises(PolicyError, match="did you mean StringEquals"):
        compile_policy(policy(allow(condition={"StringEqual": {"aws:x": "y"}})), "identity")


@pytest.mark.parametrize(
    "principal", ["alice", "", "arn:aws:iam::1:user/x", "arn:aws:s3:::b", "arn:aws:sts::111122223333:assumed-role/x"]
)
def test_what_is_no_principal_is_refused(principal):
    """A principal is an ARN of IAM or STS, a service or anonymous."""
    with pytest.raises(QuestionError, match="principal"):
        make_case(Request(principal, "s3:GetObject", "*"), bounded=False)


@pytest.mark.parametrize(("action", "resource"), [("GetObject", "*"), ("s3:*", "*"), ("s3:GetObject", "bucket")])
def test_what_is_no_action_or_resource_is_refused(action, resource):
    """A request has one action and an ARN or *."""
    with pytest.raises(QuestionError):
        make_case(Request(ALICE, action, resource), bounded=False)


def test_equal_documents_are_compiled_once():
    """The second compilation returns the first's policy; another document does not."""
    assert compile_policy(policy(allow("a:b")), "identity") is compile_policy(policy(allow("a:b")), "identity")
    assert compile_policy(policy(allow("a:b")), "identity") is not compile_policy(policy(allow("a:c")), "identity")


def test_hostile_pattern_is_matched_quickly():
    """Twenty wildcards against a long string that almost matches end at once."""
    doc = policy(allow("s3:*", "arn:aws:s3:::" + "*a" * 20 + "b"))
    assert ask(on="arn:aws:s3:::" + "a" * 20_000, identity=[doc])["decision"] == "implicit_deny"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970", 0),
        ("1970-01-02", 86400),
        ("1970-01-01T00:01Z", 60),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1767225600", 1767225600),
    ],
)
def test_dates_are_read(text, seconds):
    """W3C's forms of ISO 8601, and seconds since 1970."""
    assert instant(text) == seconds


@pytest.mark.parametrize("text", ["", "1970-13-01", "1970-1-1", "now", "19700101"[:5] + "x"])
def test_what_is_no_date_is_none(text):
    """Nothing is guessed."""
    assert instant(text) is None


def test_what_is_no_number_is_none():
    """No infinities, no hexadecimal, no words."""
    assert [number(text) for text in ("inf", "nan", "0x1", "", "1e9999", "1,5")] == [None] * 6
    assert number("1.50") == number("1.5")


def test_value_of_a_variable_is_no_pattern():
    """A tag of `*` opens the folder named `*` and no other: who may tag himself gains nothing."""
    doc = policy(allow("s3:*", "arn:aws:s3:::home/${aws:PrincipalTag/team}/x"))
    tag = {"aws:PrincipalTag/team": "*"}
    assert ask(on="arn:aws:s3:::home/red/x", context=tag, identity=[doc])["decision"] == "implicit_deny"
    assert ask(on="arn:aws:s3:::home/*/x", context=tag, identity=[doc])["decision"] == "allow"

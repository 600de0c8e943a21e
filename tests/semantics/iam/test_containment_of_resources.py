"""Laws of containment for policies of resources, whose statements name principals."""

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.semantics.iam import Policies, Request, compile_policy, decide
from twin.semantics.iam.containment import contained

HOME, ABROAD, THIRD = "111122223333", "444455556666", "777788889999"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
CALLERS = [
    f"arn:aws:iam::{HOME}:root",
    f"arn:aws:iam::{HOME}:user/a",
    f"arn:aws:iam::{HOME}:user/ab",
    f"arn:aws:iam::{HOME}:role/r",
    f"arn:aws:sts::{HOME}:assumed-role/r/s",
    f"arn:aws:iam::{ABROAD}:user/a",
    f"arn:aws:iam::{THIRD}:user/b",
    "sns.amazonaws.com",
    "s3.amazonaws.com",
    "anonymous",
]
NAMED = [
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": f"arn:aws:iam::{HOME}:root"},
    {"AWS": f"arn:aws:iam::{HOME}:user/a"},
    {"AWS": [f"arn:aws:iam::{HOME}:role/r", ABROAD]},
    {"AWS": f"arn:aws:sts::{HOME}:assumed-role/r/s"},
    {"Service": "sns.amazonaws.com"},
    {"Service": ["s3.amazonaws.com", "sns.amazonaws.com"], "AWS": f"arn:aws:iam::{ABROAD}:user/a"},
]
TESTS = [
    {},
    {},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:user/a*"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}},
    {"StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:user/a"}},
    {"StringEquals": {"aws:PrincipalAccount": HOME}},
    {"StringNotEquals": {"aws:PrincipalAccount": [HOME, ABROAD]}},
    {"StringLike": {"aws:PrincipalAccount": "4*"}},
    {"StringEquals": {"aws:PrincipalType": "User"}},
    {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
    {"StringLike": {"aws:username": "a*"}},
    {"Null": {"aws:username": "true"}},
    {"StringEquals": {"aws:SourceAccount": HOME}},
]


@st.composite
def statements(draw):
    """A statement of a queue's policy."""
    one = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Principal"] * 4 + ["NotPrincipal"])): draw(st.sampled_from(NAMED)),
        "Action": draw(st.sampled_from(["sqs:SendMessage", "sqs:*"])),
        "Resource": "*",
    }
    condition = draw(st.sampled_from(TESTS))
    return {**one, "Condition": condition} if condition else one


POLICIES = st.lists(statements(), min_size=1, max_size=3).map(lambda s: {"Version": "2012-10-17", "Statement": s})


def allowed(request, document):
    """Ask the decision procedure."""
    request, own = request
    policies = (compile_policy(EVERYTHING, "identity"),) if own else ()
    return decide(request, Policies(identity=policies, resource=compile_policy(document, "resource"))).allowed


def requests():
    """Every caller with all and with no policies of its own, at a resource of its account and of another."""
    for caller in CALLERS:
        account = caller.split(":")[4] if ":" in caller else None
        for owner in dict.fromkeys((account, "000000000000")):
            for context in ({}, {"aws:SourceAccount": HOME}):
                for action in ("sqs:SendMessage", "sqs:ReceiveMessage"):
                    request = Request(caller, action, "arn:aws:sqs:us-east-1::q", owner, context)
                    yield from ((request, own) for own in (True, False))


ALL = list(requests())


@settings(max_examples=examples(60))
@given(POLICIES, POLICIES)
def test_verdict_agrees_with_the_decision_procedure(old, new):
    """What is contained lets no caller do what the old policy did not; a counterexample really differs."""
    found = contained([old], [new])
    differing = [one for one in ALL if allowed(one, new) and not allowed(one, old)]
    if differing:
        assert found.contained is not True, differing[0]
    if found.contained is False:
        both = [(found.counterexample, own) for own in (True, False)]
        assert any(allowed(one, new) and not allowed(one, old) for one in both)


@settings(max_examples=examples(25))
@given(POLICIES)
def test_a_policy_is_within_itself(one):
    """Reflexivity, whatever a policy says of principals."""
    assert contained([one], [one]).contained is True

"""Laws of containment that hold for any two policies, held against the decision procedure."""

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.semantics.iam import Policies, Request, compile_policy, decide
from twin.semantics.iam.containment import contained

HOME = "arn:aws:iam::111122223333:"
IP, PREFIX, NUMBER = "aws:SourceIp", "s3:prefix", "s3:max-keys"


def policy(*statements):
    """A document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allowed(request, documents):
    """Ask the decision procedure about identity policies."""
    return decide(request, Policies(identity=tuple(compile_policy(one, "identity") for one in documents))).allowed


ACTIONS = ["s3:GetObject", "s3:GetBucket", "s3:PutObject", "iam:GetUser", "iam:x"]
RESOURCES = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/ab",
    "arn:aws:s3:::c/a",
    "arn:aws:iam::1:user/a:b",
]
VALUES = {
    PREFIX: ["", "a", "ab", "b", "B"], NUMBER: ["9", "10", "11", "x"], IP: ["10.0.0.1", "10.1.0.1", "192.0.2.1", "::1"],
    "aws:SecureTransport": ["true", "false"],
}  # fmt: skip
OPERATORS = {
    PREFIX: [
        ("StringEquals", ["a", "ab", "b"]),
        ("StringNotEquals", ["a"]),
        ("StringLike", ["a*", "?b", "*"]),
        ("StringNotLike", ["a*"]),
        ("StringEqualsIgnoreCase", ["b"]),
        ("StringEqualsIfExists", ["a"]),
        ("ForAllValues:StringLike", ["a*"]),
        ("ForAnyValue:StringEquals", ["a", "b"]),
        ("ForAnyValue:StringNotEquals", ["a"]),
        ("Null", ["true", "false"]),
    ],
    NUMBER: [
        ("NumericEquals", ["10"]),
        ("NumericLessThan", ["10", "11"]),
        ("NumericGreaterThanEqualsIfExists", ["10"]),
        ("NumericNotEquals", ["9"]),
    ],
    IP: [("IpAddress", ["10.0.0.0/8", "10.0.0.0/16", "::/0"]), ("NotIpAddress", ["10.0.0.0/16", "10.0.0.0/8"])],
    "aws:SecureTransport": [("Bool", ["true", "false"]), ("BoolIfExists", ["false"])],
}


@st.composite
def conditions(draw):
    """Up to two tests of one or two keys."""
    block = {}
    for key in draw(st.lists(st.sampled_from(sorted(OPERATORS)), max_size=2)):
        operator, values = draw(st.sampled_from(OPERATORS[key]))
        block.setdefault(operator, {})[key] = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
        if operator == "Null":
            block[operator][key] = block[operator][key][:1]
    return {"Condition": block} if block else {}


SOME_ACTIONS = ["*", "s3:*", "s3:Get*", "s3:?utObject", "iam:Get*", *ACTIONS]
SOME_PLACES = [
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/*",
    "arn:*:s3:::?/a",
    "arn:aws:iam::*",
    "arn:aws:iam::*:user/a",
    *RESOURCES,
]


@st.composite
def statements(draw):
    """A statement of an identity policy."""
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action"] * 3 + ["NotAction"])): draw(
            st.lists(st.sampled_from(SOME_ACTIONS), min_size=1, max_size=2)
        ),
        draw(st.sampled_from(["Resource"] * 3 + ["NotResource"])): draw(
            st.lists(st.sampled_from(SOME_PLACES), min_size=1, max_size=2)
        ),
        **draw(conditions()),
    }


POLICIES = st.lists(statements(), min_size=1, max_size=3).map(lambda listed: policy(*listed))


@st.composite
def requests(draw):
    """A request that the policies can be about."""
    context = {}
    for key, values in VALUES.items():
        several = key == PREFIX
        chosen = draw(st.lists(st.sampled_from(values), max_size=2 if several else 1))
        if chosen:
            context[key] = chosen
    return Request(
        HOME + "user/u", draw(st.sampled_from(ACTIONS)), draw(st.sampled_from(RESOURCES)), "111122223333", context
    )


@settings(max_examples=examples(80))
@given(POLICIES, POLICIES, st.lists(requests(), min_size=12, max_size=12))
def test_verdict_agrees_with_the_decision_procedure(old, new, sampled):
    """What is contained allows no sampled request that the old policy does not; a counterexample really differs."""
    found = contained([old], [new])
    differing = [one for one in sampled if allowed(one, [new]) and not allowed(one, [old])]
    asked = {op for p in (old, new) for s in p["Statement"] for op in s.get("Condition", {})}
    if not any(":" in one for one in asked):  # without a set operator a key has one value
        differing = [one for one in differing if all(len(values) < 2 for values in one.context.values())]
    if differing:
        assert found.contained is not True, differing[0]
    if found.contained is False:
        assert allowed(found.counterexample, [new])
        assert not allowed(found.counterexample, [old])


@settings(max_examples=examples(30))
@given(POLICIES, statements())
def test_a_policy_is_within_itself_and_more_denies_allow_no_more(one, extra):
    """Reflexivity; and a deny that is added takes away at most."""
    assert contained([one], [one]).contained is True
    narrower = policy(*one["Statement"], {**extra, "Effect": "Deny"})
    assert contained([one], [narrower]).contained is True
    wider = policy(*one["Statement"], {**extra, "Effect": "Allow"})
    assert contained([wider], [one]).contained is True


@settings(max_examples=examples(25))
@given(POLICIES, POLICIES)
def test_everything_is_decided_where_no_variable_and_no_mixed_key_is(old, new):
    """Nothing in these policies is beyond the procedure, so none is left open."""
    assert contained([old], [new]).contained is not None

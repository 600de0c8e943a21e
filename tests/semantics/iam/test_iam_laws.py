"""Laws that hold for all policies and requests, over policies made by hypothesis."""

from dataclasses import replace

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from iam_rows import ACCOUNT, ALICE, EVE, FEDERATED, OTHER, ROLE, SESSION

from twin.semantics.iam import Level, Policies, Request, compile_policy, decide

RANK = {"explicit_deny": 0, "implicit_deny": 1, "allow": 2}
ACTIONS = ["s3:GetObject", "s3:Get*", "s3:*", "*", "kms:Decrypt", "sts:AssumeRole"]
RESOURCES = [
    "*",
    "arn:aws:s3:::data/*",
    "arn:aws:s3:::${aws:username, 'data'}/*",
    f"arn:aws:kms:*:{ACCOUNT}:key/*",
    ROLE,
]
CONDITIONS = [
    {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "red"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"BoolIfExists": {"aws:SecureTransport": "false"}},
    {"ForAllValues:StringLike": {"aws:TagKeys": "t*"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
]
PRINCIPALS = ["*", {"AWS": ACCOUNT}, {"AWS": OTHER}, {"AWS": [ALICE, EVE]}, {"AWS": ROLE}, {"AWS": SESSION}]


@st.composite
def statements(draw, principal=None, effects=("Allow", "Allow", "Deny")):
    """A statement; of a resource's policy where `principal` says Principal or NotPrincipal."""
    made = {"Effect": draw(st.sampled_from(effects))}
    made[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(st.sampled_from(ACTIONS))
    made[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(st.sampled_from(RESOURCES))
    if condition := draw(st.none() | st.sampled_from(CONDITIONS)):
        made["Condition"] = condition
    if principal:
        made[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = draw(st.sampled_from(PRINCIPALS))
    return made


def document(listed):
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": listed}


def kinds(kind, least=0):
    """Compiled policies of a kind, as a tuple."""
    one = st.lists(statements(), min_size=1, max_size=3).map(lambda listed: compile_policy(document(listed), kind))
    return st.lists(one, min_size=least, max_size=2).map(tuple)


RESOURCE = st.lists(statements(principal=True), min_size=1, max_size=3)
POLICIES = st.builds(
    Policies,
    identity=kinds("identity"),
    resource=st.none() | RESOURCE.map(lambda listed: compile_policy(document(listed), "resource")),
    boundaries=st.none() | kinds("boundary"),
    session=st.none() | kinds("session", 1),
    scps=st.none() | st.lists(kinds("scp").map(lambda some: Level("ou", some)), max_size=2).map(tuple),
)
REQUESTS = st.builds(
    Request,
    principal=st.sampled_from([ALICE, EVE, ROLE, SESSION, FEDERATED, "anonymous", "ec2.amazonaws.com"]),
    action=st.sampled_from(["s3:GetObject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole"]),
    resource=st.sampled_from(["arn:aws:s3:::data/x", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", ROLE, "*"]),
    resource_account=st.sampled_from([ACCOUNT, OTHER, None]),
    context=st.fixed_dictionaries(
        {},
        optional={
            "aws:PrincipalTag/team": st.sampled_from(["red", "green"]),
            "aws:SecureTransport": st.booleans(),
            "aws:TagKeys": st.lists(st.sampled_from(["t1", "x"]), max_size=2),
            "aws:SourceIp": st.sampled_from(["10.1.1.1", "192.0.2.1"]),
        },
    ),
)
DENY_ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}
many = settings(max_examples=examples(200))


@many
@given(REQUESTS, POLICIES)
def test_explicit_deny_always_wins(request, policies):
    """A deny of everything in any layer that binds the caller is an explicit deny, whatever else allows."""
    denied = compile_policy(document([{**DENY_ALL, "Principal": "*"}]), "resource")
    assert decide(request, replace(policies, resource=denied)).decision == "explicit_deny"
    if request.principal.startswith("arn:"):
        for layer, kind in (("identity", "identity"), ("boundaries", "boundary"), ("session", "session")):
            bound = (*(getattr(policies, layer) or ()), compile_policy(document([DENY_ALL]), kind))
            assert decide(request, replace(policies, **{layer: bound})).decision == "explicit_deny"


@many
@given(REQUESTS, POLICIES, statements(effects=("Deny",)))
def test_adding_a_deny_never_allows(request, policies, more):
    """One more Deny statement in the identity policies never makes a decision more generous."""
    added = replace(policies, identity=(*policies.identity, compile_policy(document([more]), "identity")))
    assert RANK[decide(request, added).decision] <= RANK[decide(request, policies).decision]


@many
@given(REQUESTS, POLICIES, statements(effects=("Allow",)))
def test_adding_an_identity_allow_never_takes_away(request, policies, more):
    """One more Allow statement in the identity policies never makes a decision less generous."""
    added = replace(policies, identity=(*policies.identity, compile_policy(document([more]), "identity")))
    assert RANK[decide(request, added).decision] >= RANK[decide(request, policies).decision]


@many
@given(REQUESTS, POLICIES, kinds("boundary"), kinds("scp"))
def test_boundaries_and_scps_never_add(request, policies, boundary, scp):
    """A boundary where there was none, and one more level of SCPs, never make a decision more generous."""
    free = replace(policies, boundaries=None)
    before = RANK[decide(request, free).decision]
    assert RANK[decide(request, replace(free, boundaries=boundary)).decision] <= before
    assert RANK[decide(request, replace(free, scps=(*(free.scps or ()), Level("more", scp)))).decision] <= before


@many
@given(
    REQUESTS, st.lists(statements(principal=True), min_size=2, max_size=4), POLICIES, st.randoms(use_true_random=False)
)
def test_order_of_statements_is_irrelevant(request, listed, policies, random):
    """Shuffled statements and shuffled policies decide alike."""
    shuffled, identity = list(listed), list(policies.identity)
    random.shuffle(shuffled)
    random.shuffle(identity)
    one = replace(policies, resource=compile_policy(document(listed), "resource"))
    two = replace(one, resource=compile_policy(document(shuffled), "resource"), identity=tuple(identity))
    assert decide(request, one).decision == decide(request, two).decision


@many
@given(REQUESTS, POLICIES)
def test_nothing_is_allowed_without_an_allow(request, policies):
    """With no identity policy and no resource policy nothing is allowed."""
    bare = replace(policies, identity=(), resource=None)
    assert decide(request, bare).decision != "allow"


@settings(max_examples=examples(300))
@given(st.text("ab*?:/", max_size=12), st.text("ab:/", max_size=12))
def test_wildcards_match_as_a_plain_matcher_says(pattern, value):
    """The compiled patterns agree with a matcher that tries every way."""
    from twin.semantics.iam.templates import like

    assert bool(like(((pattern, True),))(value)) == _plainly(pattern, value)


def _plainly(pattern, value):
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(_plainly(pattern[1:], value[cut:]) for cut in range(len(value) + 1))
    return bool(value) and pattern[0] in ("?", value[0]) and _plainly(pattern[1:], value[1:])

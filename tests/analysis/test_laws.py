"""Laws of reach on any org: more allows never take away, more denies never add, an update equals a new start."""

from dataclasses import replace

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.analysis.reach import Node, Reach
from twin.analysis.reach.holdings import holdings
from twin.observe.iam.org import Account, Document, Group, Identity, Managed, Org, Thing, text

A, B = "1" * 12, "2" * 12
NAMES = [
    f"arn:aws:iam::{A}:user/ann", f"arn:aws:iam::{A}:user/bob", f"arn:aws:iam::{A}:role/app",
    f"arn:aws:iam::{A}:role/ops", f"arn:aws:iam::{B}:role/far",
]  # fmt: skip
BUCKETS = [f"arn:aws:s3:::b{n}" for n in range(4)]
ACTIONS = [
    "*", "s3:*", "s3:GetObject", "s3:DeleteBucket", "iam:*", "iam:PutUserPolicy", "iam:PutRolePolicy",
    "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy", "iam:CreatePolicyVersion",
    "iam:AddUserToGroup", "iam:DeleteUserPermissionsBoundary", "iam:PassRole", "lambda:*", "lambda:UpdateFunctionCode",
    "sts:AssumeRole", "kms:Decrypt",
]  # fmt: skip
PLACES = [
    "*",
    *NAMES,
    f"arn:aws:iam::{A}:policy/p",
    f"arn:aws:iam::{A}:group/g",
    "arn:aws:s3:::b1/*",
    "arn:aws:s3:::b*",
]
PLACES += ["arn:aws:s3:::b?/x/*", "arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::b2"]
KEY, FUNCTION = f"arn:aws:kms:us-east-1:{A}:key/k", f"arn:aws:lambda:us-east-1:{A}:function:f"
CONDITIONS = [None, {"StringEquals": {"aws:PrincipalTag/t": "x"}}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}]


@st.composite
def statements(draw, effect=None):
    """One statement of an identity's policy."""
    made = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        "Action": draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3)),
        "Resource": draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=2)),
    }
    condition = draw(st.sampled_from(CONDITIONS))
    return {**made, "Condition": condition} if condition else made


def written(listed):
    """A document of statements."""
    return text({"Version": "2012-10-17", "Statement": listed})


@st.composite
def named(draw, action):
    """A resource's policy that names someone, or nobody."""
    who = draw(st.sampled_from([*NAMES, f"arn:aws:iam::{A}:root", f"arn:aws:iam::{B}:root", "*"]))
    more = {"Resource": "*"} if action != "sts:AssumeRole" else {}
    return written([{"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, **more}])


@st.composite
def orgs(draw):
    """An org of two accounts with a few of everything."""
    documents = st.lists(statements(), min_size=1, max_size=3).map(written)
    objects = [Account(A), Account(B, (("r", (Document("all", written([allow("*")])),)),), "o-1")]
    objects.append(Managed(f"arn:aws:iam::{A}:policy/p", (("v1", draw(documents)), ("v2", draw(documents))), "v1"))
    objects.append(Group(f"arn:aws:iam::{A}:group/g", (Document("d", draw(documents)),)))
    for arn in NAMES:
        near = f":{A}:" in arn
        user = ":user/" in arn
        objects.append(
            Identity(
                arn,
                tuple(Document(f"d{n}", draw(documents)) for n in range(draw(st.integers(0, 1)))),
                (f"arn:aws:iam::{A}:policy/p",) if near and draw(st.booleans()) else (),
                (f"arn:aws:iam::{A}:group/g",) if near and user and draw(st.booleans()) else (),
                f"arn:aws:iam::{A}:policy/p" if near and draw(st.integers(0, 4)) == 0 else "",
                "" if user else draw(named("sts:AssumeRole")),
                draw(st.sampled_from([(), (("t", "x"),)])),
            )
        )
    policies = st.one_of(st.just(""), named("s3:*"))
    objects += [Thing(arn, "s3.bucket", draw(st.sampled_from([A, B])), draw(policies)) for arn in BUCKETS]
    objects.append(Thing(KEY, "kms.key", A, draw(named("kms:*"))))
    objects.append(Thing(FUNCTION, "lambda.function", A, roles=(NAMES[2],)))
    return Org(tuple(objects))


def allow(action, resource="*"):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def gains(reach):
    """Everything that reach says: who can do what, and whom each can become."""
    held = {(one, node.arn) for one in NAMES for node, _ in reach.search.held(Node(one))}
    uses = {(one, c, thing) for one in NAMES for c, things in reach.what_can(one).items() for thing in things}
    admins = {(one, "admin") for one in NAMES if reach.paths(one, "admin", limit=1)}
    data = {(one, "data") for one in NAMES if reach.paths(one, "data", limit=1)}
    return held | uses | admins | data


def beside(org, statement):
    """The org in which one identity has one more statement."""
    name, made = statement
    who = org.by_key()[name]
    return org.changed(replace(who, inline=(*who.inline, Document("more", written([made])))))


@settings(max_examples=examples(25))
@given(orgs(), st.tuples(st.sampled_from(NAMES), statements("Allow")))
def test_one_more_allow_takes_nothing_away(org, statement):
    """What was reached is reached still."""
    assert gains(Reach(org)) <= gains(Reach(beside(org, statement)))


@settings(max_examples=examples(25))
@given(orgs(), st.tuples(st.sampled_from(NAMES), statements("Deny")))
def test_one_more_deny_adds_nothing(org, statement):
    """What is reached was reached before."""
    assert gains(Reach(beside(org, statement))) <= gains(Reach(org))


@settings(max_examples=examples(25))
@given(orgs(), orgs(), st.sets(st.integers(0, 13), max_size=4), st.sets(st.sampled_from(BUCKETS), max_size=2))
def test_update_equals_a_new_start(before, other, places, gone):
    """After objects change and go, reach is that of the org as it is now, hop by hop."""
    reach = Reach(before)
    gains(reach)
    changed = [other.objects[place] for place in sorted(places) if other.objects[place].key not in gone]
    updated = reach.update(*changed, gone=gone)
    fresh = Reach(before.changed(*changed, gone=gone))
    assert gains(updated) == gains(fresh)
    for name in NAMES:
        assert updated.becomes(name) == fresh.becomes(name)
        assert updated.paths(name, "data", limit=2) == fresh.paths(name, "data", limit=2)


@settings(max_examples=examples(25))
@given(orgs())
def test_grouping_changes_no_answer(org):
    """What is decided once for a group is what is decided for each of its members."""
    reach = Reach(org)
    made = holdings(reach)
    for name in NAMES:
        assert made.what_can(name) == {c: set(things) for c, things in reach.what_can(name).items()}


def test_update_decides_only_what_depends_on_the_change():
    """After one user's policy changed, the questions about the others are answered from before."""
    people = [
        Identity(f"arn:aws:iam::{A}:user/u{n}", (Document("d", written([allow("s3:Get*", BUCKETS[0] + "/*")])),))
        for n in range(50)
    ]
    reach = Reach(Org((Account(A), *people, *(Thing(one, "s3.bucket", A) for one in BUCKETS))))
    names = [one.arn for one in people]
    before = [reach.what_can(name) for name in names]
    first = reach.asker.asked
    changed = replace(people[7], inline=(Document("d", written([allow("s3:Get*", BUCKETS[1] + "/*")])),))
    updated = reach.update(changed)
    after = [updated.what_can(name) for name in names]
    assert [n for n in range(50) if before[n] != after[n]] == [7]
    assert 0 < updated.asker.asked - first <= first // 50

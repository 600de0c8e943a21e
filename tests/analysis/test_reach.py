"""The questions of reach: who can, what can, who becomes whom, which way, and what breaks it."""

import pytest
from planted import allow, document, trusting

from twin.analysis.reach import Reach
from twin.analysis.reach.breaking import narrowest_break, without
from twin.analysis.reach.holdings import holdings
from twin.analysis.reach.rules import rules
from twin.observe.iam.org import Account, Document, Door, Group, Identity, Managed, Member, Org, Thing, text

A, B = "111122223333", "444455556666"
HUB = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
SAML = f"arn:aws:iam::{A}:saml-provider/okta"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BUCKET, SECRET = "arn:aws:s3:::lake", f"arn:aws:secretsmanager:us-east-1:{A}:secret:pay-abc"


def user(name, *statements, account=A, **more):
    """A user with one inline policy."""
    inline = (Document("own", text(document(*statements))),) if statements else ()
    return Identity(f"arn:aws:iam::{account}:user/{name}", inline, **more)


def role(name, trust, *statements, account=A, **more):
    """A role with one inline policy."""
    inline = (Document("own", text(document(*statements))),) if statements else ()
    return Identity(f"arn:aws:iam::{account}:role/{name}", inline, trust=text(trust), **more)


def org(*objects, accounts=(A,)):
    """An org of accounts and what is in them, with AWS's policy for administrators."""
    everything = Managed(ADMINISTRATOR, (("v1", text(document(allow("*")))),), "v1")
    return Org((*(Account(one) for one in accounts), everything, *objects))


def federated(provider, action, condition=None):
    """A trust policy for an identity provider."""
    made = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action}
    return document({**made, "Condition": condition} if condition else made)


def steps(way):
    """The rules by which a way goes."""
    return [hop.rule for hop in way]


def test_who_can_tells_the_statement():
    """A permission comes with the policy and the Sid that it rests on."""
    reader = user("ann", allow("s3:GetObject", BUCKET + "/*", Sid="Read"))
    reach = Reach(org(reader, user("bob", allow("s3:PutObject", "*")), Thing(BUCKET, "s3.bucket", A)))
    (found,) = reach.who_can("s3:GetObject", BUCKET + "/x")
    assert found.principal == reader.arn
    (ground,) = found.answer.grounds
    assert (ground.owner, ground.policy, ground.statement) == (reader.arn, "own", "Read")


def test_resource_policy_across_accounts_needs_both_sides():
    """Another account's user reads a bucket when the bucket and its own policy allow; either alone is none."""
    letting = text(document({**allow("s3:GetObject", BUCKET + "/*"), "Principal": {"AWS": f"arn:aws:iam::{B}:root"}}))
    far = user("far", allow("s3:GetObject", "*"), account=B)
    made = org(far, user("other", account=B), Thing(BUCKET, "s3.bucket", A, letting), accounts=(A, B))
    assert [one.principal for one in Reach(made).who_can("s3:GetObject", BUCKET + "/x")] == [far.arn]
    assert Reach(made.changed(Thing(BUCKET, "s3.bucket", A))).who_can("s3:GetObject", BUCKET + "/x") == []


def test_what_can_sorts_by_class():
    """Reading, writing, destroying and persisting are told apart."""
    ann = user("ann", allow(["s3:GetObject", "secretsmanager:DeleteSecret", "s3:PutBucketPolicy"], "*"))
    reach = Reach(org(ann, Thing(BUCKET, "s3.bucket", A), Thing(SECRET, "secretsmanager.secret", A)))
    assert reach.what_can(ann.arn) == {"read": (BUCKET,), "write": (), "destroy": (SECRET,), "persist": (BUCKET,)}


def test_reading_one_prefix_is_reading_the_bucket():
    """A statement about a part of a bucket reaches data in it; one about another bucket's does not."""
    for place, wanted in (("lake/team/*", (BUCKET,)), ("lakes/team/*", ()), ("lake-2/*", ())):
        ann = user("ann", allow("s3:GetObject", f"arn:aws:s3:::{place}"))
        assert Reach(org(ann, Thing(BUCKET, "s3.bucket", A))).what_can(ann.arn)["read"] == wanted, place


def test_incomplete_arn_reaches_all_of_the_rest():
    """An ARN that ends after the Region stands for every account and resource there, and for no other Region."""
    far = SECRET.replace("us-east-1", "eu-west-1")
    secrets = [Thing(arn, "secretsmanager.secret", A) for arn in (SECRET, far)]
    for place, wanted in (("us-east-1", SECRET), ("eu-west-1", far)):
        ann = user("ann", allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{place}"))
        reach = Reach(org(ann, *secrets))
        assert reach.what_can(ann.arn)["read"] == (wanted,)
        assert holdings(reach).what_can(ann.arn)["read"] == {wanted}


def test_roles_are_assumed_one_after_another():
    """A chain of three roles over two accounts is a way, and the shortest is told first."""
    boss = role("boss", trusting(AWS=f"arn:aws:iam::{B}:role/middle"), attached=(ADMINISTRATOR,))
    middle = role("middle", trusting(AWS=f"arn:aws:iam::{A}:root"), allow("sts:AssumeRole", boss.arn), account=B)
    ann = user("ann", allow("sts:AssumeRole", middle.arn))
    made = org(boss, middle, ann, accounts=(A, B))
    (way,) = Reach(made).paths(ann.arn, "admin")
    assert [str(hop.to) for hop in way] == [middle.arn, boss.arn]
    assert [hop.steps[0].action for hop in way] == ["sts:AssumeRole"] * 2
    closed = role("middle", trusting(AWS=boss.arn), allow("sts:AssumeRole", boss.arn), account=B)
    assert Reach(made.changed(closed)).paths(ann.arn, "admin") == []


def test_people_reach_roles_through_okta():
    """A person's group, the app's assertion and the role's trust are each a part of the way."""
    admin = role("admin", federated(SAML, "sts:AssumeRoleWithSAML"), attached=(ADMINISTRATOR,))
    made = org(
        admin, Thing(SAML, "iam.saml-provider", A), Member("okta:user/ada", "okta:group/platform"),
        Member("okta:user/eva", "okta:group/finance"), Door("okta:group/platform", "AWS", admin.arn, SAML),
    )  # fmt: skip
    reach = Reach(made)
    (way,) = reach.paths("okta:user/ada", "admin")
    assert steps(way) == ["okta.membership", "okta.assertion"]
    assert [ground.layer for hop in way for ground in hop.grounds] == ["membership", "assertion", "trust"]
    assert reach.paths("okta:user/eva", "admin") == []
    foreign = role("admin", federated(SAML + "-other", "sts:AssumeRoleWithSAML"), attached=(ADMINISTRATOR,))
    assert reach.update(foreign).paths("okta:user/ada", "admin") == []


@pytest.mark.parametrize(
    ("subject", "open_"), [("repo:acme/app:ref:refs/heads/main", True), ("repo:evil/app:ref:refs/heads/main", False)]
)
def test_github_reaches_a_role_by_its_subject(subject, open_):
    """Whether a workflow becomes the role is the trust's condition on its subject; left open, the condition is told."""
    limit = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}
    deploy = role("deploy", federated(HUB, "sts:AssumeRoleWithWebIdentity", limit), attached=(ADMINISTRATOR,))
    made = org(deploy, Thing(HUB, "iam.oidc-provider", A))
    (way,) = Reach(made).paths(HUB, "admin")
    assert any("repo:acme/*" in one for one in way[0].conditions)
    fixed = Reach(made, {"token.actions.githubusercontent.com:sub": subject})
    assert bool(fixed.paths(HUB, "admin")) is open_


def test_narrowest_break_is_one_statement_where_all_ways_share_it():
    """Two ways through one statement: that statement breaks both, and what is returned was tried."""
    bosses = [role(name, trusting(AWS=f"arn:aws:iam::{A}:root"), attached=(ADMINISTRATOR,)) for name in ("one", "two")]
    ann = user("ann", allow("sts:AssumeRole", "*", Sid="Any"), allow("s3:GetObject", "*", Sid="Read"))
    reach = Reach(org(*bosses, ann))
    assert len(reach.paths(ann.arn, "admin")) == 2
    found = narrowest_break(reach, ann.arn, "admin")
    assert [(one.owner, one.statement) for one in found.grounds] == [(ann.arn, "Any")]
    assert without(reach, found.grounds).paths(ann.arn, "admin") == []
    assert reach.paths(ann.arn, "admin"), "the org itself is as it was"


def test_narrowest_break_takes_two_where_ways_are_apart():
    """Ways without a common statement need one each; statements that stand in for each other go together."""
    boss = role("boss", trusting(Service="lambda.amazonaws.com"), attached=(ADMINISTRATOR,))
    work = Thing(f"arn:aws:lambda:us-east-1:{A}:function:f", "lambda.function", A, roles=(boss.arn,))
    ann = user(
        "ann", allow("lambda:UpdateFunctionCode", work.arn, Sid="Code"), allow("iam:PutUserPolicy", "*", Sid="Self"),
        allow("lambda:Update*", "*", Sid="More"),
    )  # fmt: skip
    reach = Reach(org(boss, work, ann))
    found = narrowest_break(reach, ann.arn, "admin")
    assert {one.statement for one in found.grounds} == {"Code", "More", "Self"}


def test_break_prefers_what_binds_the_fewest():
    """A policy of fifty people is left alone where a statement of one's own is in the way too."""
    boss = role("boss", trusting(AWS=f"arn:aws:iam::{A}:root"), attached=(ADMINISTRATOR,))
    group = Group(f"arn:aws:iam::{A}:group/all", (Document("all", text(document(allow("sts:AssumeRole", "*")))),))
    people = [user(f"u{n}", groups=(group.arn,)) for n in range(50)]
    ann = user("ann", allow("iam:AddUserToGroup", group.arn, Sid="Join"))
    found = narrowest_break(Reach(org(boss, group, *people, ann)), ann.arn, "admin")
    assert [(one.owner, one.statement) for one in found.grounds] == [(ann.arn, "Join")]


def test_nothing_narrow_breaks_an_administrator():
    """Who administers is there already; there is no hop to cut."""
    chief = user("chief", attached=(ADMINISTRATOR,))
    reach = Reach(org(chief))
    assert reach.paths(chief.arn, "admin") == [()]
    assert narrowest_break(reach, chief.arn, "admin") is None


def test_changed_rights_need_the_principal_too():
    """Writing another role's policy is no gain without a way to become it."""
    target = role("target", trusting(Service="ec2.amazonaws.com"))
    ann = user("ann", allow("iam:PutRolePolicy", target.arn))
    reach = Reach(org(target, ann))
    assert reach.paths(ann.arn, "admin") == []
    open_ = role("target", trusting(AWS=ann.arn))
    (way,) = reach.update(open_).paths(ann.arn, "admin")
    assert steps(way) == ["sts:AssumeRole", "iam.put-role-policy"]


@pytest.mark.parametrize(("more", "open_"), [("s3:*", False), ("iam:DeleteUserPermissionsBoundary", True)])
def test_boundary_holds_rights_that_a_principal_writes_for_itself(more, open_):
    """Under a boundary new rights are worth what it allows; where it allows to take it off, there is a way."""
    edge = Managed(f"arn:aws:iam::{A}:policy/edge", (("v1", text(document(allow(["iam:PutUserPolicy", more])))),), "v1")
    ann = user("ann", allow("iam:PutUserPolicy", "*"), boundary=edge.arn)
    ways = Reach(org(edge, ann)).paths(ann.arn, "admin", limit=1)
    assert [steps(way) for way in ways] == [["iam.put-user-policy", "iam.delete-user-permissions-boundary"]] * open_


def test_roles_that_only_aws_changes_are_no_way():
    """A service-linked role's trust and policies cannot be written; another role's under the same permissions can."""
    everything = allow(["iam:UpdateAssumeRolePolicy", "iam:PassRole", "lambda:*"], "*")
    for path, ways in (("aws-service-role/lambda.amazonaws.com/", 0), ("", 2)):
        boss = role(f"{path}boss", trusting(Service="lambda.amazonaws.com"), attached=(ADMINISTRATOR,))
        ann = user("ann", everything)
        assert len(Reach(org(boss, ann)).paths(ann.arn, "admin")) == ways, path


def test_data_is_reached_through_a_function():
    """The last hop reads, and names the resources."""
    reader = role("reader", trusting(Service="lambda.amazonaws.com"), allow("secretsmanager:GetSecretValue", SECRET))
    work = Thing(f"arn:aws:lambda:us-east-1:{A}:function:f", "lambda.function", A, roles=(reader.arn,))
    ann = user("ann", allow("lambda:UpdateFunctionCode", "*"))
    reach = Reach(org(reader, work, ann, Thing(SECRET, "secretsmanager.secret", A)))
    (way,) = reach.paths(ann.arn, "data")
    assert steps(way) == ["lambda.update-function-code", "reads"]
    assert way[-1].things == (SECRET,)
    assert reach.paths(ann.arn, SECRET) == [way]
    assert [str(node) for node, _ in reach.becomes(ann.arn)] == [reader.arn]


def test_data_is_reached_by_writing_the_policy_of_a_bucket():
    """Who may put a bucket's policy reads it: two steps of one hop; not where it is denied to read."""
    shut = {**allow("s3:GetObject", "*"), "Effect": "Deny"}
    lake = Thing(BUCKET, "s3.bucket", A, text(document({**shut, "Principal": "*"})))
    ann = user("ann", allow("s3:PutBucketPolicy", BUCKET))
    reach = Reach(org(ann, lake))
    (way,) = reach.paths(ann.arn, "data")
    assert [step.action for step in way[0].steps] == ["s3:PutBucketPolicy", "s3:GetObject"]
    assert [ground.owner for ground in way[0].grounds] == [ann.arn]
    assert reach.update(user("ann", allow("s3:PutBucketPolicy", BUCKET), shut)).paths(ann.arn, "data") == []


def test_every_rule_has_its_source():
    """A rule without a page it was taken from is an opinion, and says so; most have a page."""
    paged = [rule for rule in rules() if rule.source.startswith("https://")]
    assert all(rule.source.startswith("our assumption") for rule in rules() if rule not in paged)
    assert len(paged) > len(rules()) / 2
    assert len({rule.id for rule in rules()}) == len(rules())

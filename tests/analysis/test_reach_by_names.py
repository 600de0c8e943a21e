"""What a caller may choose itself is no obstacle: a key's prefix, a session's name and tags, a new principal's name."""

import pytest
from few import ADMINISTRATOR, BUCKET, SAML, SECRET, A, B, federated, org, role, steps, user
from planted import allow, document, trusting

from twin.analysis.reach import Reach
from twin.analysis.reach.holdings import holdings
from twin.observe.iam.org import Account, Document, Managed, Org, Thing, text

ROOT = f"arn:aws:iam::{A}:root"
DENY = {"Effect": "Deny", "Action": "s3:*"}


def bucket(*statements):
    """The bucket, with a policy of its own."""
    return Thing(BUCKET, "s3.bucket", A, text(document(*statements)) if statements else "")


def letting(principal, place, **more):
    """A statement of the bucket's that lets somebody read a part of it."""
    return {**allow("s3:GetObject", f"{BUCKET}/{place}"), "Principal": principal, **more}


def reads(one, *things):
    """What a principal reads, which the grouped answers must say too."""
    accounts = (A, B) if f":{B}:" in one.arn else (A,)
    reach = Reach(org(one, *things, accounts=accounts))
    found = reach.what_can(one.arn)["read"]
    assert holdings(reach).what_can(one.arn)["read"] == set(found)
    return found


@pytest.mark.parametrize(
    ("own", "theirs", "open_"),
    [
        ([allow("s3:GetObject", "arn:aws:s3:::*/public/*")], [], True),
        ([allow("s3:GetObject", "arn:aws:s3:::l?ke/team/*")], [], True),
        ([allow("s3:GetObject", "arn:aws:s3:::m*/team/*")], [], False),
        ([], [letting("*", "public/*")], True),
        ([allow("s3:*"), {**DENY, "NotResource": f"{BUCKET}/mine/*"}], [], True),
        ([allow("s3:*"), {**DENY, "Resource": f"{BUCKET}/n*"}], [], True),
        ([allow("s3:GetObject"), {**DENY, "Resource": f"{BUCKET}/*"}], [], False),
        ([allow("s3:*"), {**DENY, "NotResource": "arn:aws:s3:::other/*"}], [], False),
        ([allow("s3:GetObject", f"{BUCKET}/a*")], [{**DENY, "Principal": "*", "NotResource": f"{BUCKET}/*.csv"}], True),
        ([allow("s3:GetObject", f"{BUCKET}/a?")], [{**DENY, "Principal": "*", "NotResource": f"{BUCKET}/b*"}], False),
    ],
)
def test_part_of_a_bucket_is_found_whichever_policy_names_it(own, theirs, open_):
    """A key is made up that all policies on the way let through, where there is one."""
    assert reads(user("ann", *own), bucket(*theirs)) == ((BUCKET,) if open_ else ())


@pytest.mark.parametrize(("place", "open_"), [("out/*", True), ("in/*", False)])
def test_part_of_a_bucket_is_shared_with_another_account(place, open_):
    """A bucket lets another account read one prefix; its user may read that one, or another."""
    far = user("far", allow("s3:GetObject", f"{BUCKET}/{place}"), account=B)
    shared = letting({"AWS": f"arn:aws:iam::{B}:root"}, "out/*")
    assert reads(far, bucket(shared)) == ((BUCKET,) if open_ else ())


def test_anybody_reads_what_is_open_to_all():
    """A public prefix is a way for nobody in particular, provided that the bucket's block is off; a secret is none."""
    public = bucket(letting("*", "public/*"))
    ((hop,),) = Reach(org(public)).paths("anonymous", "data")
    assert (hop.things, "blocked" in hop.provided) == ((BUCKET,), True)
    open_ = {**allow("secretsmanager:GetSecretValue"), "Principal": "*"}
    secret = Thing(SECRET, "secretsmanager.secret", A, text(document(open_)))
    assert Reach(org(secret, bucket(letting({"AWS": ROOT}, "*")))).paths("anonymous", "data") == []


@pytest.mark.parametrize(("named", "open_"), [("r/bot", True), ("q/bot", False)])
@pytest.mark.parametrize("path", ["", "team/"])
def test_session_that_a_policy_names_is_one_of_its_role(named, open_, path):
    """Whoever takes the role names its session, so what lets in the session lets in the role's users."""
    one = role(f"{path}r", trusting(AWS=ROOT))
    who = {"AWS": f"arn:aws:sts::{A}:assumed-role/{named}"}
    made = org(one, bucket(letting(who, "*")), role("next", trusting(**who), attached=(ADMINISTRATOR,)))
    reach = Reach(made)
    assert reach.what_can(one.arn)["read"] == ((BUCKET,) if open_ else ())
    assert [way[0].conditions for way in reach.paths(one.arn, "admin")] == [("the session is called bot",)] * open_


@pytest.mark.parametrize("actions", ["sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"]])
@pytest.mark.parametrize(
    "statements",
    [
        [allow("s3:GetObject", f"{BUCKET}/*", Condition={"StringEquals": {"aws:PrincipalTag/team": "x"}})],
        [allow("s3:GetObject", f"{BUCKET}/${{aws:PrincipalTag/team}}/*")],
        [allow("s3:GetObject"), {**DENY, "NotResource": f"{BUCKET}/${{aws:PrincipalTag/team}}/*"}],
        [
            allow("s3:GetObject"),
            {**DENY, "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "x"}}},
        ],
    ],
)
def test_tags_are_the_callers_where_sessions_may_be_tagged(actions, statements):
    """A trust with sts:TagSession leaves the tags to whoever takes the role; else they are the role's own."""
    one = role("r", document({**trusting_root(), "Action": actions}), *statements)
    assert reads(one, bucket()) == ((BUCKET,) if "sts:TagSession" in actions else ())


def trusting_root():
    """A statement of a trust policy that names the account."""
    return {"Effect": "Allow", "Principal": {"AWS": ROOT}}


@pytest.mark.parametrize(
    ("operator", "key", "value", "open_"),
    [
        ("StringEquals", "aws:ResourceOrgID", "o-1", True),
        ("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}", True),
        ("StringEquals", "aws:ResourceOrgID", "o-2", False),
        ("Bool", "aws:ViaAWSService", "false", True),
        ("ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com", True),
        ("StringLike", "aws:userid", "AIDA1*", True),
        ("StringEquals", "aws:PrincipalAccount", B, False),
    ],
)
def test_keys_that_a_request_has_do_not_close_a_way(operator, key, value, open_):
    """The organization of what is asked for is known; whether a service calls is the caller's affair."""
    ann = user("ann", allow("s3:GetObject", Condition={operator: {key: value}}))
    reach = Reach(Org((Account(A, None, "o-1"), ann, bucket())))
    assert reach.what_can(ann.arn)["read"] == ((BUCKET,) if open_ else ())


@pytest.mark.parametrize(
    ("actions", "limit", "way"),
    [
        (["iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey"], {}, ["iam.create-user"]),
        (["iam:CreateUser", "iam:AttachUserPolicy"], {}, None),
        (["iam:CreateRole", "iam:PutRolePolicy"], {}, ["iam.create-role"]),
        (
            ["iam:CreateUser", "iam:*UserPolicy", "iam:CreateAccessKey"],
            {"ArnNotEquals": {"iam:PolicyARN": ADMINISTRATOR}},
            ["iam.create-user"],
        ),
        (["iam:CreateRole", "iam:PutRolePolicy"], {"StringEquals": {"iam:PermissionsBoundary": f"{A}:b"}}, None),
    ],
)
def test_a_new_principal_is_nobodys_but_its_makers(actions, limit, way):
    """Who may make users or roles of some names and give them rights is an administrator, unless they are bounded."""
    made = allow(actions, [f"arn:aws:iam::{A}:user/new-*", f"arn:aws:iam::{A}:role/ci/*"])
    ann = user("ann", {**made, "Condition": limit} if limit else made)
    assert [steps(one) for one in Reach(org(ann)).paths(ann.arn, "admin")] == ([way] if way else [])


def test_boundary_is_replaced_as_well_as_taken_away():
    """Putting a wider boundary is a way out of the narrow one."""
    narrow = Managed(f"arn:aws:iam::{A}:policy/b", (("v1", text(document(allow("iam:PutUserPermissions*")))),), "v1")
    ann = user("ann", allow("*"), boundary=narrow.arn)
    assert steps(Reach(org(ann, narrow)).paths(ann.arn, "admin")[0]) == ["iam.put-user-permissions-boundary"]
    shut = Managed(narrow.arn, (("v1", text(document(allow("s3:*")))),), "v1")
    assert Reach(org(ann, shut)).paths(ann.arn, "admin") == []


def test_who_speaks_for_the_identity_provider_takes_its_roles():
    """Whoever replaces a provider's metadata signs any assertion; nobody replaces another account's."""
    boss = role("boss", federated(SAML, "sts:AssumeRoleWithSAML"), attached=(ADMINISTRATOR,))
    ann, far = user("ann", allow("iam:UpdateSAMLProvider")), user("far", allow("iam:UpdateSAMLProvider"), account=B)
    reach = Reach(org(boss, ann, far, Thing(SAML, "iam.saml-provider", A), accounts=(A, B)))
    (way,) = reach.paths(ann.arn, "admin")
    assert steps(way) == ["iam.update-saml-provider", "sts:AssumeRoleWithSAML"]
    assert reach.paths(far.arn, "admin") == []


@pytest.mark.parametrize(("second", "open_"), [("eks:AssociateAccessPolicy", True), ("eks:ListAccessPolicies", False)])
def test_who_rules_a_cluster_has_the_role_of_its_nodes(second, open_):
    """An access entry with a policy is the whole cluster, and a pod gets at the node's credentials."""
    boss = role("nodes", trusting(Service="ec2.amazonaws.com"), attached=(ADMINISTRATOR,))
    at = f"arn:aws:eks:us-east-1:{A}"
    things = (
        Thing(f"{at}:cluster/c", "eks.cluster", A),
        Thing(f"{at}:nodegroup/c/n/1", "eks.node-group", A, roles=(boss.arn,)),
    )
    ann = user("ann", allow(["eks:CreateAccessEntry", second]))
    ways = Reach(org(boss, ann, *things)).paths(ann.arn, "admin")
    assert [steps(way) for way in ways] == [["eks.access-entry"]] * open_


@pytest.mark.parametrize(("service", "open_"), [("states.eu-west-1", True), ("states-not", False)])
def test_service_is_itself_in_each_region(service, open_):
    """A trust that names a service in one Region lets the service work under the role."""
    boss = role("boss", trusting(Service=f"{service}.amazonaws.com"), attached=(ADMINISTRATOR,))
    ann = user("ann", allow(["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"]))
    assert bool(Reach(org(boss, ann)).paths(ann.arn, "admin")) is open_


def test_condition_is_told_of_the_statement_that_permits():
    """A key that leaves everything to the account, and lets all of it in through EC2: the condition is EC2's."""
    through = {"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}}
    both = [
        {**allow("kms:*"), "Principal": {"AWS": ROOT}},
        {**allow("kms:Decrypt"), "Principal": "*", "Condition": through},
    ]
    arn = f"arn:aws:kms:us-east-1:{A}:key/k"
    narrow = Managed(f"arn:aws:iam::{A}:policy/b", (("v1", text(document(allow("s3:*")))),), "v1")
    people = [user("ann"), user("bob", allow("kms:Decrypt"), boundary=narrow.arn), user("eve", allow("kms:Decrypt"))]
    reach = Reach(org(*people, narrow, Thing(arn, "kms.key", A, text(document(*both)))))
    told = {one.principal.rpartition("/")[2]: one.answer.conditions for one in reach.who_can("kms:Decrypt", arn)}
    assert (told["ann"], told["eve"]) == (('StringEquals kms:ViaService "ec2.us-east-1.amazonaws.com"',), ())
    assert told["bob"] == told["ann"], "his own policy is worth nothing beyond his boundary"


def test_boundary_of_the_target_is_known():
    """A condition on the target's boundary is decided by the boundary that it has."""
    limit = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{A}:policy/b"}}
    every = Managed(f"arn:aws:iam::{A}:policy/b", (("v1", text(document(allow("*")))),), "v1")
    ann = user("ann", allow("iam:PutUserPolicy", Condition=limit))
    assert Reach(org(ann, every)).paths(ann.arn, "admin") == []
    bound = user("ann", allow("iam:PutUserPolicy", Condition=limit), boundary=every.arn)
    assert steps(Reach(org(bound, every)).paths(bound.arn, "admin")[0]) == ["iam.put-user-policy"]


def test_limits_of_the_organization_narrow_the_name():
    """A control policy that spares one prefix leaves that prefix."""
    levels = (("r", (Document("all", text(document(allow("*"), {**DENY, "NotResource": f"{BUCKET}/ok/*"}))),)),)
    ann = user("ann", allow("s3:GetObject"))
    assert Reach(Org((Account(A, levels, "o-1"), ann, bucket()))).what_can(ann.arn)["read"] == (BUCKET,)

"""What reach says of an org, the world does: each call is tried by the principal that is said to make it, or not."""

import pytest
from examples import examples
from few import BUCKET
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import allow, document
from rig import SCOPE, SEED, Wire

from twin.analysis.reach import Node, Reach
from twin.clock import VirtualClock
from twin.observe.iam.read import read_org
from twin.resources.call import Refused, aws
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH

A = SCOPE.account
ANN, APP = f"arn:aws:iam::{A}:user/ann", f"arn:aws:iam::{A}:role/team/app"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/judge"
QUEUE = f"arn:aws:sqs:us-east-1:{A}:jobs"
KEYS = ("public/x.csv", "team/x", "ann/x", "x")
ACTIONS = ["*", "s3:*", "s3:GetObject", "s3:Put*", "sqs:*", "sqs:SendMessage", "iam:*", "iam:Create*", "sts:AssumeRole"]
PLACES = ["*", f"{BUCKET}/*", f"{BUCKET}/public/*", "arn:aws:s3:::*/team/*", f"{BUCKET}/${{aws:username}}/*", QUEUE]
PLACES += [f"{BUCKET}/*.csv", ANN, APP, f"arn:aws:iam::{A}:user/new-*"]
CONDITIONS = [
    {},
    {"StringEquals": {"aws:PrincipalTag/team": "x"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "x"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    {"StringEquals": {"iam:ResourceTag/team": "x"}},
    {"Null": {"aws:PrincipalOrgID": "true"}},
]


def some(values):
    """One or two of some values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


@st.composite
def statements(draw, actions=ACTIONS, places=PLACES):
    """A statement of an identity's policy."""
    effect = draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    element = draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))
    made = {"Effect": effect, "Action": draw(some(actions)), element: draw(some(places))}
    condition = draw(st.sampled_from(CONDITIONS))
    return {**made, "Condition": condition} if condition else made


@st.composite
def letting(draw, action, place):
    """A policy of a resource about one action, so that whoever changes it still may."""
    who = draw(st.sampled_from(["*", {"AWS": ANN}, {"AWS": APP}, {"AWS": SESSION}, {"AWS": A}]))
    effect = draw(st.sampled_from(["Allow", "Allow", "Deny"]))
    condition = draw(st.sampled_from(CONDITIONS[:4]))
    made = {"Effect": effect, "Principal": who, "Action": action, "Resource": place}
    return document({**made, "Condition": condition} if condition else made)


trusts = st.sampled_from([{"AWS": ANN}, {"AWS": A}, {"AWS": f"arn:aws:iam::{A}:user/bob"}, "*"])
changes = st.fixed_dictionaries({
    "ann": st.lists(statements(), min_size=1, max_size=3),
    "app": st.lists(statements(), min_size=1, max_size=2),
    "bound": st.none() | st.lists(statements(), min_size=1, max_size=2),
    "bucket": letting("s3:GetObject", f"{BUCKET}/public/*") | letting("s3:GetObject", f"{BUCKET}/*.csv"),
    "queue": letting("sqs:SendMessage", QUEUE),
    "trust": trusts,
})  # fmt: skip


class Judge:
    """An org of a user, a role, a bucket and a queue, whose policies change; and who calls."""

    def __init__(self):
        self.home = Wire.mount(make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH)), SCOPE).systems["aws"]
        tags = [{"Key": "team", "Value": "x"}]
        self("iam", "CreateUser", UserName="ann", Tags=tags)
        self("iam", "CreateUser", UserName="bob")
        self("iam", "CreateRole", RoleName="app", Path="/team/", AssumeRolePolicyDocument=trusting(A), Tags=tags)
        self("iam", "CreatePolicy", PolicyName="bound", PolicyDocument=document(allow("*")))
        self("s3", "CreateBucket", Bucket="lake")
        self("s3", "DeletePublicAccessBlock", Bucket="lake")
        for key in KEYS:
            self("s3", "PutObject", Bucket="lake", Key=key, Body=b"x")
        self("sqs", "CreateQueue", QueueName="jobs")
        self("iam", "PutUserPolicy", UserName="bob", PolicyName="p", PolicyDocument=document(allow("sts:AssumeRole")))
        bob = self._key("bob")
        # Whoever takes a role names its session as policies like it.
        self.as_ = {ANN: [self._key("ann")], APP: [self._session(bob, name) for name in ("judge", "another")]}

    def __call__(self, service, operation, **params):
        return self.home.execute(aws(service, operation, params))

    def _key(self, name):
        made = self("iam", "CreateAccessKey", UserName=name)["AccessKey"]
        return self.home.acting_as(made["AccessKeyId"], made["SecretAccessKey"], None)

    def _session(self, who, name):
        taken = who.execute(aws("sts", "AssumeRole", {"RoleArn": APP, "RoleSessionName": name}))["Credentials"]
        return self.home.acting_as(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])

    def change(self, drawn):
        """Put the policies that were drawn, and read the org back."""
        put = {"PolicyName": "p"}
        self("iam", "PutUserPolicy", UserName="ann", PolicyDocument=document(*drawn["ann"]), **put)
        self("iam", "PutRolePolicy", RoleName="app", PolicyDocument=document(*drawn["app"]), **put)
        self("iam", "UpdateAssumeRolePolicy", RoleName="app", PolicyDocument=trusting(drawn["trust"]))
        self("s3", "PutBucketPolicy", Bucket="lake", Policy=drawn["bucket"])
        self("sqs", "SetQueueAttributes", QueueUrl=url(), Attributes={"Policy": drawn["queue"]})
        off = {"UserName": "ann"}
        self.home.execute(aws("iam", "DeleteUserPermissionsBoundary", off, absent=("NoSuchEntity",)))
        if drawn["bound"] is not None:
            bound = f"arn:aws:iam::{A}:policy/bound"
            for one in self("iam", "ListPolicyVersions", PolicyArn=bound)["Versions"]:
                if not one["IsDefaultVersion"]:
                    self("iam", "DeletePolicyVersion", PolicyArn=bound, VersionId=one["VersionId"])
            made = document(*drawn["bound"])
            self("iam", "CreatePolicyVersion", PolicyArn=bound, PolicyDocument=made, SetAsDefault=True)
            self("iam", "PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=bound)
        return Reach(read_org({"aws": self.home}, A, [SCOPE.region]))

    def may(self, who, service, operation, **params):
        """Try a call as somebody, by each of its sessions; what is refused for another reason was permitted."""
        return any(_let(one, aws(service, operation, params)) for one in self.as_[who])


def _let(one, call):
    try:
        one.execute(call)
    except Refused as refused:
        if refused.code in ("AccessDenied", "AccessDeniedException"):
            return False
        raise
    return True


def trusting(who):
    """A trust policy."""
    principal = {"AWS": who} if isinstance(who, str) and who != "*" else who
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def url():
    """The queue's."""
    return f"https://sqs.us-east-1.amazonaws.com/{A}/jobs"


@pytest.fixture(scope="module")
def judge():
    """One org for all examples: each puts every policy anew."""
    return Judge()


@settings(max_examples=examples(24))
@given(drawn=changes)
def test_what_is_reached_is_what_is_answered(judge, drawn):
    """Reading, sending, taking the role: nothing is done that was not said, or refused that was said without an if."""
    reach = judge.change(drawn)
    for who in (ANN, APP):
        read = step_of(reach, who, (BUCKET, "read"))
        objects = [key for key in KEYS if judge.may(who, "s3", "GetObject", Bucket="lake", Key=key)]
        assert read or not objects, (who, objects)
        if read and not read.conditions and read.action == "s3:GetObject":
            key = read.resource.partition("/")[2]
            judge("s3", "PutObject", Bucket="lake", Key=key, Body=b"x")
            assert judge.may(who, "s3", "GetObject", Bucket="lake", Key=key), (who, read)
        sends = step_of(reach, who, (QUEUE, "write"))
        sent = judge.may(who, "sqs", "SendMessage", QueueUrl=url(), MessageBody="x")
        assert sent == bool(sends) or (sends and sends.conditions), (who, sends)
    hops = [one for one in reach.search.hops(Node(ANN)) if one.to.arn == APP and one.rule == "sts:AssumeRole"]
    taken = judge.may(ANN, "sts", "AssumeRole", RoleArn=APP, RoleSessionName="judge")
    if not reach.ways.administers(Node(ANN)):
        assert taken == bool(hops) or any(one.conditions for one in hops)


def step_of(reach, who, what):
    """How somebody uses a thing, as the class says."""
    arn, wanted = what
    return reach.uses(Node(who), reach.thing(arn), wanted)

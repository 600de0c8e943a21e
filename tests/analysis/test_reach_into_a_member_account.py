"""What reach says across accounts, the world does: control policies, access points, access lists, strangers."""

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import ADMINISTRATOR, allow, document
from rig import SCOPE, SEED, Wire

from twin.analysis.reach import Node, Reach
from twin.clock import VirtualClock
from twin.observe.iam.read import read_org
from twin.resources.call import Refused, aws
from twin.scenario.embedded import make_world
from twin.wire import Request
from twin.world.stores.additions.s3_acls import canonical_id
from twin.world.world import EPOCH

A, X = SCOPE.account, "210987654321"
ANN, EVE = f"arn:aws:iam::{A}:user/ann", f"arn:aws:iam::{X}:user/eve"
BUCKET, INSIDE = "arn:aws:s3:::vault", "arn:aws:s3:::vault/*"
KEYS = ("public/x.csv", "team/x", "x")
RCP = "RESOURCE_CONTROL_POLICY"
REFUSED = ("AccessDenied", "AccessDeniedException")
WHO = ("ann", "mia", "eve", "anybody")


class Judge:
    """A management account, a member with a bucket, a queue and a role, and an account outside; and who calls."""

    def __init__(self):
        world = make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH), others=(X,))
        self.world, self.root = world, Wire.mount(world, SCOPE).systems["aws"]
        held = world.credentials(X)
        self.far = self.root.acting_as(held.access_key_id, held.secret_access_key, held.session_token)
        self.home = self._user(self.root, "boss")
        self.as_ = {"ann": self._user(self.root, "ann"), "eve": self._user(self.far, "eve")}
        tell(self.home, "organizations", "CreateOrganization", FeatureSet="ALL")
        self.top = tell(self.home, "organizations", "ListRoots")["Roots"][0]["Id"]
        tell(self.home, "organizations", "EnablePolicyType", RootId=self.top, PolicyType=RCP)
        made = tell(self.home, "organizations", "CreateAccount", Email="m@acme.example", AccountName="member")
        self.member = made["CreateAccountStatus"]["AccountId"]
        entrance = f"arn:aws:iam::{self.member}:role/OrganizationAccountAccessRole"
        taken = tell(self.home, "sts", "AssumeRole", RoleArn=entrance, RoleSessionName="judge")["Credentials"]
        self.inside = self.home.acting_as(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])
        self.as_["mia"] = self._user(self.inside, "mia")
        self.arns = {"ann": ANN, "eve": EVE, "mia": f"arn:aws:iam::{self.member}:user/mia", "anybody": "anonymous"}
        self.door = f"arn:aws:s3:us-east-1:{self.member}:accesspoint/door"
        self.app, self.queue = f"arn:aws:iam::{self.member}:role/app", f"arn:aws:sqs:us-east-1:{self.member}:jobs"
        self._member()
        self.bound = [self._policy(f"p{number}") for number in range(2)]

    def _user(self, system, name):
        tell(system, "iam", "CreateUser", UserName=name)
        tell(system, "iam", "AttachUserPolicy", UserName=name, PolicyArn=ADMINISTRATOR)
        made = tell(system, "iam", "CreateAccessKey", UserName=name)["AccessKey"]
        return system.acting_as(made["AccessKeyId"], made["SecretAccessKey"], None)

    def _member(self):
        tell(self.inside, "s3", "CreateBucket", Bucket="vault", ObjectOwnership="ObjectWriter")
        tell(self.inside, "s3", "DeletePublicAccessBlock", Bucket="vault")
        tell(self.inside, "sqs", "CreateQueue", QueueName="jobs")
        tell(self.inside, "iam", "CreateRole", RoleName="app", AssumeRolePolicyDocument=trusting("*"))
        shut = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False}
        block = {"PublicAccessBlockConfiguration": {**shut, "RestrictPublicBuckets": False}}
        tell(self.inside, "s3control", "CreateAccessPoint", AccountId=self.member, Name="door", Bucket="vault", **block)

    def _policy(self, name):
        content = limit({"Effect": "Deny", "Action": "s3:None", "Resource": "*"})
        made = tell(self.home, "organizations", "CreatePolicy", Name=name, Description="-", Type=RCP, Content=content)
        id_ = made["Policy"]["PolicySummary"]["Id"]
        target = self.top if name == "p0" else self.member
        tell(self.home, "organizations", "AttachPolicy", PolicyId=id_, TargetId=target)
        return id_

    def change(self, drawn):
        """Put what was drawn, and read the org back."""
        for id_ in self.bound:  # the judge itself is not kept from changing things
            content = limit({"Effect": "Deny", "Action": "s3:None", "Resource": "*"})
            tell(self.home, "organizations", "UpdatePolicy", PolicyId=id_, Content=content)
        for name, system in (("ann", self.root), ("mia", self.inside)):
            put = {"UserName": name, "PolicyName": "p", "PolicyDocument": document(*self.filled(drawn[name]))}
            tell(system, "iam", "PutUserPolicy", **put)
            gone = {"UserName": name, "PolicyArn": ADMINISTRATOR}
            system.execute(aws("iam", "DetachUserPolicy", gone, absent=("NoSuchEntity",)))
        for key in KEYS:
            grant = {name: value.format(A=canonical_id(A), X=canonical_id(X)) for name, value in drawn[key].items()}
            tell(self.inside, "s3", "PutObject", Bucket="vault", Key=key, Body=b"x", **grant)
        bucket = document(*self.filled([*drawn["bucket"], *([delegating(self.member)] if drawn["delegates"] else [])]))
        tell(self.inside, "s3", "PutBucketPolicy", Bucket="vault", Policy=bucket)
        at_door = document(*self.filled(drawn["door"]))
        tell(self.inside, "s3control", "PutAccessPointPolicy", AccountId=self.member, Name="door", Policy=at_door)
        queue = {"Policy": document(*self.filled(drawn["queue"]))}
        tell(self.inside, "sqs", "SetQueueAttributes", QueueUrl=self.url, Attributes=queue)
        trust = trusting(self.filled(drawn["trust"]))
        tell(self.inside, "iam", "UpdateAssumeRolePolicy", RoleName="app", PolicyDocument=trust)
        for id_, statements in zip(self.bound, drawn["limits"], strict=True):
            content = limit(*self.filled(statements))
            tell(self.home, "organizations", "UpdatePolicy", PolicyId=id_, Content=content)
        return Reach(read_org({"aws": self.home}, A, [SCOPE.region]))

    @property
    def url(self):
        """The queue's."""
        return f"https://sqs.us-east-1.amazonaws.com/{self.member}/jobs"

    def filled(self, value):
        """What was drawn, with the ids of this org in it."""
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        known = {
            "MEMBER": self.member,
            "DOOR": self.door,
            "QUEUE": self.queue,
            "APP": self.app,
            "ORG": self.organization,
        }
        for name, one in known.items():
            value = value.replace(f"<{name}>", one)
        return value

    @property
    def organization(self):
        """Its id."""
        return tell(self.root, "organizations", "DescribeOrganization")["Organization"]["Id"]

    def reads(self, who, place):
        """Try to read an object, directly or through the access point."""
        bucket, _, key = place.removeprefix("arn:aws:s3:::").partition("/")
        if place.startswith(self.door):
            bucket, key = self.door, place.removeprefix(f"{self.door}/object/")
        if who == "anybody":
            host = f"door-{self.member}.s3-accesspoint" if bucket == self.door else f"{bucket}.s3"
            return self.world.handle(Request("GET", f"https://{host}.us-east-1.amazonaws.com/{key}")).status == 200
        return may(self.as_[who], "s3", "GetObject", Bucket=bucket, Key=key)


def tell(system, service, operation, **params):
    """Make a call."""
    return system.execute(aws(service, operation, params))


def may(system, service, operation, **params):
    """Try a call; what is refused for another reason was permitted."""
    try:
        tell(system, service, operation, **params)
    except Refused as refused:
        if refused.code not in REFUSED:
            raise
        return False
    return True


def limit(*statements):
    """A policy of resources."""
    return document(*({**one, "Principal": "*"} for one in statements))


def trusting(who):
    """A trust policy."""
    return document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})


def delegating(account):
    """A statement by which a bucket leaves it to the access points of an account."""
    when = {"StringEquals": {"s3:DataAccessPointAccount": account}}
    return {**allow("s3:*", [BUCKET, INSIDE], Condition=when), "Principal": "*"}


people = st.sampled_from(["*", {"AWS": ANN}, {"AWS": "arn:aws:iam::<MEMBER>:user/mia"}, {"AWS": EVE}, {"AWS": A},
                          {"AWS": "<MEMBER>"}])  # fmt: skip
conditions = st.sampled_from([
    {}, {}, {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "<ORG>"}},
    {"StringEquals": {"aws:PrincipalOrgID": "<ORG>"}}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/m*"}},
    {"StringNotEquals": {"aws:PrincipalAccount": "<MEMBER>"}}, {"Bool": {"aws:PrincipalIsAWSService": "false"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "<ORG>/*"}}, {"Null": {"s3:DataAccessPointArn": "true"}},
    {"StringEquals": {"aws:ResourceOrgID": "<ORG>"}}, {"StringEquals": {"s3:DataAccessPointAccount": "<MEMBER>"}},
])  # fmt: skip
objects = ["*", INSIDE, f"{BUCKET}/public/*", "arn:aws:s3:::*/team/*", "<DOOR>/object/*", "<DOOR>/object/team/*"]
lists = st.sampled_from([{}, {}, {"ACL": "public-read"}, {"ACL": "authenticated-read"}, {"GrantRead": 'id="{A}"'},
                         {"GrantRead": 'id="{X}"'}])  # fmt: skip


@st.composite
def letting(draw, action, places, effects=("Allow", "Allow", "Deny")):
    """One statement or two of a resource's policy."""
    made = []
    for _ in range(draw(st.integers(1, 2))):
        one = {"Effect": draw(st.sampled_from(effects)), "Principal": draw(people), "Action": action,
               "Resource": draw(st.sampled_from(places))}  # fmt: skip
        condition = draw(conditions)
        made.append({**one, "Condition": condition} if condition and "s3:" not in str(condition) else one)
    return made


@st.composite
def limits(draw):
    """No statement or two of a policy of resources, without which it would be none."""
    made = [{"Effect": "Deny", "Action": "s3:None", "Resource": "*"}]
    for _ in range(draw(st.integers(0, 2))):
        action = draw(st.sampled_from(["s3:*", "s3:GetObject", "sqs:SendMessage", "sts:AssumeRole"]))
        place = draw(st.sampled_from(objects[1:])) if action.startswith("s3:") else "*"
        place = "<APP>" if action == "sts:AssumeRole" else place  # whoever reads the org enters by another role
        one = {"Effect": "Deny", "Action": action, "Resource": place}
        condition = draw(conditions)
        made.append({**one, "Condition": condition} if condition else one)
    return made


@st.composite
def own(draw):
    """Statements of a user."""
    made = []
    for _ in range(draw(st.integers(1, 2))):
        action = draw(st.sampled_from(["s3:GetObject", "s3:*", "sqs:*", "sts:AssumeRole", "*"]))
        place = draw(st.sampled_from(objects)) if action.startswith("s3:") else "*"
        made.append(allow(action, place))
    return made


changes = st.fixed_dictionaries({
    "ann": own(), "mia": own(), "delegates": st.booleans(), "queue": letting("sqs:SendMessage", ["<QUEUE>"]),
    "bucket": letting("s3:GetObject", [INSIDE, f"{BUCKET}/public/*"]),
    "door": letting("s3:GetObject", ["<DOOR>/object/*", "<DOOR>/object/team/*"]),
    "trust": st.sampled_from([{"AWS": "*"}, {"AWS": ANN}, {"AWS": A}, {"AWS": "<MEMBER>"}, {"AWS": EVE}]),
    "limits": st.tuples(limits(), limits()), **dict.fromkeys(KEYS, lists),
})  # fmt: skip


@pytest.fixture(scope="module")
def judge():
    """One org for all examples: each puts every policy anew."""
    return Judge()


@settings(max_examples=examples(16))
@given(drawn=changes)
def test_what_is_reached_in_a_member_account_is_what_is_answered(judge, drawn):
    """Reading, sending, taking the role: nothing is done that was not said, or refused that was said without an if."""
    reach = judge.change(drawn)
    bucket, queue = reach.thing(BUCKET), reach.thing(judge.queue)
    for who in WHO:
        node = Node(judge.arns[who])
        read = reach.uses(node, bucket, "read")
        places = [f"{start}/{key}" for start in (BUCKET, f"{judge.door}/object") for key in KEYS]
        got = [place for place in places if judge.reads(who, place)]
        # A list that was not read, or that names an account which was not, is told as a gap.
        told = any("GetObjectAcl" in gap or (who == "eve" and "canonical user" in gap) for gap in reach.org.gaps)
        assert read or not got or told, (who, got)
        if read and not read.conditions and read.action == "s3:GetObject":
            key = read.resource.removeprefix(f"{judge.door}/object/").removeprefix(f"{BUCKET}/")
            if key not in KEYS:
                tell(judge.inside, "s3", "PutObject", Bucket="vault", Key=key, Body=b"x")
            assert judge.reads(who, read.resource), (who, read)
        if who == "anybody":
            continue
        sends = reach.uses(node, queue, "write")
        sent = may(judge.as_[who], "sqs", "SendMessage", QueueUrl=judge.url, MessageBody="x")
        assert sent == bool(sends) or (sends and sends.conditions), (who, sends)
        hops = [one for one in reach.search.hops(node) if (one.to.arn, one.rule) == (judge.app, "sts:AssumeRole")]
        taken = may(judge.as_[who], "sts", "AssumeRole", RoleArn=judge.app, RoleSessionName="judge")
        if not reach.ways.administers(node):
            assert taken == bool(hops) or any(one.conditions for one in hops), (who, hops)

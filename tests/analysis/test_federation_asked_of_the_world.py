"""What reach says of token holders and of chains of sessions, the world does: claims, tags, source identities."""

from itertools import product

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwk, jwt
from planted import allow, document
from rig import SCOPE, SEED, Wire

from twin.analysis.reach import Node, Reach
from twin.clock import VirtualClock
from twin.observe.iam.read import read_org
from twin.resources.call import Refused, aws
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH

A = SCOPE.account
ISSUER = "https://token.actions.githubusercontent.com"
HUB = ISSUER.removeprefix("https://")
PROVIDER, OTHER = f"arn:aws:iam::{A}:oidc-provider/{HUB}", f"arn:aws:iam::{A}:oidc-provider/idp.acme.example"
DEPLOY, NEXT = f"arn:aws:iam::{A}:role/deploy", f"arn:aws:iam::{A}:role/team/next"
QUEUE = f"arn:aws:sqs:us-east-1:{A}:jobs"
WEB, ASSUME = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"
SUBJECTS = ("repo:acme/app:ref:refs/heads/main", "repo:acme/other:pull_request")
TAGS = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["x"]}}}
NAMES = ("judge", "another")


class Judge:
    """A provider whose key the judge holds, a role that it leads to, another that this one leads to, and a queue."""

    def __init__(self):
        self.world = make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH))
        self.home = Wire.mount(self.world, SCOPE).systems["aws"]
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.world.gateway.authorisation.issuers[ISSUER] = {"keys": [self.key.as_dict(private=False)]}
        provider = {"ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["a" * 40]}
        self("iam", "CreateOpenIDConnectProvider", Url=ISSUER, **provider)
        trust = document({"Effect": "Allow", "Principal": {"AWS": A}, "Action": ASSUME})
        self("iam", "CreateRole", RoleName="deploy", AssumeRolePolicyDocument=trust)
        self("iam", "CreateRole", RoleName="next", Path="/team/", AssumeRolePolicyDocument=trust)
        self("sqs", "CreateQueue", QueueName="jobs")

    def __call__(self, service, operation, **params):
        return self.home.execute(aws(service, operation, params))

    def token(self, subject, tagged):
        """A token of the provider's."""
        now = int(EPOCH.timestamp())
        told = {"iss": ISSUER, "aud": "sts.amazonaws.com", "sub": subject, "iat": now, "exp": now + 300}
        return jwt.encode({"alg": "RS256", "kid": "k1"}, {**told, **(TAGS if tagged else {})}, self.key)

    def change(self, drawn):
        """Put what was drawn, and read the org back."""
        for name, trust in (("deploy", drawn["deploy"]), ("next", drawn["next"])):
            self("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document(*trust))
        self("iam", "PutRolePolicy", RoleName="deploy", PolicyName="p", PolicyDocument=document(*drawn["own"]))
        return Reach(read_org({"aws": self.home}, A, [SCOPE.region]))

    def entered(self):
        """Return the sessions of the role that tokens open; by subject, tags and the session's name."""
        found = {}
        for subject, tagged, name in product(SUBJECTS, (False, True), NAMES):
            asked = {"RoleArn": DEPLOY, "RoleSessionName": name, "WebIdentityToken": self.token(subject, tagged)}
            found[subject, tagged, name] = self._session(self.home, "AssumeRoleWithWebIdentity", asked)
        return found

    def chained(self, who):
        """Return whether a session takes the second role: plainly, tagged, and under a source identity."""
        plain = {"RoleArn": NEXT, "RoleSessionName": "chained"}
        ways = {}, {"Tags": [{"Key": "team", "Value": "x"}]}, {"SourceIdentity": "ada"}
        return [self._session(who, "AssumeRole", {**plain, **way}) is not None for way in ways]

    def _session(self, who, operation, params):
        try:
            keys = who.execute(aws("sts", operation, params))["Credentials"]
        except Refused as refused:
            assert refused.code == "AccessDenied", refused  # noqa: PT017 - what else is refused is a mistake here
            return None
        return self.home.acting_as(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def sends(self, who):
        """Try to send to the queue."""
        url = f"https://sqs.us-east-1.amazonaws.com/{A}/jobs"
        try:
            who.execute(aws("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": "x"}))
        except Refused:
            return False
        return True


claims = [
    {}, {"StringEquals": {f"{HUB}:sub": SUBJECTS[0]}}, {"StringLike": {f"{HUB}:sub": "repo:acme/*"}},
    {"StringNotEquals": {f"{HUB}:sub": SUBJECTS[0]}}, {"StringEquals": {f"{HUB}:aud": "sts.amazonaws.com"}},
    {"StringEquals": {"sts:RoleSessionName": "judge"}}, {"StringEquals": {"aws:RequestTag/team": "x"}},
    {"Null": {"aws:RequestTag/team": "true"}}, {"StringEquals": {"aws:FederatedProvider": PROVIDER}},
    {"StringEquals": {"aws:FederatedProvider": OTHER}}, {"Null": {"aws:PrincipalOrgID": "true"}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}}, {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
]  # fmt: skip
held = [
    {}, {"StringEquals": {"aws:PrincipalTag/team": "x"}}, {"StringNotEquals": {"aws:PrincipalTag/team": "x"}},
    {"StringEquals": {"aws:FederatedProvider": PROVIDER}}, {"StringEquals": {f"{HUB}:sub": SUBJECTS[0]}},
    {"StringEquals": {"aws:RequestTag/team": "x"}}, {"StringEquals": {"sts:SourceIdentity": "ada"}},
    {"Null": {"aws:SourceIdentity": "true"}}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}},
    {"StringLike": {"aws:userid": "*:judge"}}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::*:assumed-role/*"}},
]  # fmt: skip


@st.composite
def trusting(draw, people, actions, conditions):
    """One statement or two of a trust policy."""
    made = []
    for number in range(draw(st.integers(1, 2))):
        effect = draw(st.sampled_from(["Allow", "Allow", "Deny"])) if number else "Allow"
        one = {"Effect": effect, "Principal": draw(st.sampled_from(people)), "Action": draw(st.sampled_from(actions))}
        condition = draw(st.sampled_from(conditions))
        made.append({**one, "Condition": condition} if condition else one)
    return made


@st.composite
def own(draw):
    """Statements of the first role: for the second role and the queue."""
    made = []
    for action, place in (("sts:*", NEXT), ("sqs:SendMessage", QUEUE)):
        condition = draw(st.sampled_from(held))
        one = allow(draw(st.sampled_from([action, action, "none:Thing"])), place)
        made.append({**one, "Condition": condition} if condition else one)
    return made


SESSION = f"arn:aws:sts::{A}:assumed-role/deploy/judge"
changes = st.fixed_dictionaries({
    "deploy": trusting([{"Federated": PROVIDER}, {"Federated": [PROVIDER, OTHER]}, {"Federated": OTHER}, {"AWS": A}],
                       [WEB, WEB, [WEB, "sts:TagSession"], ASSUME], claims),
    "next": trusting([{"AWS": A}, {"AWS": DEPLOY}, {"AWS": SESSION}, {"Federated": PROVIDER}, {"AWS": "*"}],
                     [ASSUME, [ASSUME, "sts:TagSession"], [ASSUME, "sts:TagSession", "sts:SetSourceIdentity"]], held),
    "own": own(),
})  # fmt: skip


@pytest.fixture(scope="module")
def judge():
    """One org for all examples: each puts every policy anew."""
    return Judge()


@settings(max_examples=examples(24))
@given(drawn=changes)
def test_what_token_holders_reach_is_what_they_are_given(judge, drawn):
    """A role that a token or a session takes is a hop, one that nothing takes is none, or has an if."""
    reach = judge.change(drawn)
    entered = judge.entered()
    hops = [one for one in reach.search.hops(Node(PROVIDER)) if (one.to.arn, one.rule) == (DEPLOY, WEB)]
    plain = [any(entered[one, False, name] is not None for name in NAMES) for one in SUBJECTS]
    assert hops or not any(entered.values()), entered
    assert all(plain) or any(one.conditions for one in hops) or not hops, hops
    # Whoever brings a token names the session as policies like it.
    inside = {}
    for (subject, tagged, _), one in entered.items():
        if one is not None:
            inside.setdefault((subject, tagged), []).append(one)
    if not inside:
        return
    chains = [one for one in reach.search.hops(Node(DEPLOY)) if (one.to.arn, one.rule) == (NEXT, ASSUME)]
    taken = [any(any(judge.chained(one)) for one in called) for called in inside.values()]
    assert chains or not any(taken), taken
    assert all(taken) or any(one.conditions for one in chains) or not chains, chains
    queue = reach.uses(Node(DEPLOY), reach.thing(QUEUE), "write")
    sent = [any(judge.sends(one) for one in called) for called in inside.values()]
    assert queue or not any(sent)
    assert all(sent) or not queue or queue.conditions, queue

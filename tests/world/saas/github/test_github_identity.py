"""Actions' identity tokens: what they say, who verifies them, and which roles of AWS they open."""

import base64
import json
import sys
from pathlib import Path

import jwt
import pytest
from botocore.exceptions import ClientError
from github_caller import Caller

from twin.world.saas.github import people

sys.path.insert(0, str(Path(__file__).parents[2]))
from mounted import Clients

ISSUER = "https://token.actions.githubusercontent.com"
HOST = "token.actions.githubusercontent.com"
FILE = ".github/workflows/deploy.yml"
ACCOUNT = "123456789012"
TEXT = """
on: {push: {branches: [main]}, pull_request: {}, workflow_dispatch: {}}
permissions: {contents: read, id-token: write}
jobs:
  deploy:
    runs-on: ubuntu-latest
    ENVIRONMENT
    steps: [{run: make apply}]
"""


def text(environment=""):
    """Return a workflow whose only job may have tokens."""
    return TEXT.replace("ENVIRONMENT", f"environment: {environment}" if environment else "env: {}")


def token(world, lease, audience="sts.amazonaws.com"):
    """Ask for a token as a job does."""
    caller = Caller(world, lease.request_token)
    reply = caller("GET", f"{lease.request_url}&audience={audience}", host="")
    return reply["value"]


def said(value):
    """Return a token's claims, unverified."""
    part = value.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture
def clients(world):
    """A maker of boto3 clients on the world."""
    return Clients(world)


@pytest.fixture
def role(clients):
    """A role that GitHub's tokens may take under a condition; returns a function that tries a token."""
    iam = clients("iam")
    iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])

    def trusting(subject, operator="StringEquals"):
        statement = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity"}
        statement["Principal"] = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"}
        condition = {"StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"}}
        condition.setdefault(operator, {})[f"{HOST}:sub"] = subject
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Condition": condition}]})
        if "deploy" in [one["RoleName"] for one in iam.list_roles()["Roles"]]:
            iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=document)
        else:
            iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=document)
        enter = clients("sts", credentials=None).assume_role_with_web_identity
        told = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy", "RoleSessionName": "job"}

        def tried(value):
            try:
                enter(**told, WebIdentityToken=value)
            except ClientError as refused:
                return refused.response["Error"]["Code"]
            return None

        return tried

    return trusting


DENIED = "AccessDenied"
INVALID = "InvalidIdentityToken"


def test_a_token_says_what_the_job_is(owner, infra, machine, world):
    """Its subject is the environment's where the job has one; a judge verifies it with the published keys."""
    owner("PUT", "/repos/acme/infra/environments/production", {})
    owner.put(FILE, text("production"))
    value = token(world, machine.take())
    found = Caller(world, "")("GET", "/.well-known/openid-configuration", host=ISSUER)
    assert found["issuer"] == ISSUER
    published = Caller(world, "")("GET", "/.well-known/jwks", host=ISSUER)
    assert found["jwks_uri"] == f"{ISSUER}/.well-known/jwks"
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(value)["kid"]]
    timeless = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat"), False)
    claims = jwt.decode(value, key, ["RS256"], audience="sts.amazonaws.com", issuer=ISSUER, options=timeless)
    assert claims["sub"] == "repo:acme/infra:environment:production"
    assert claims["job_workflow_ref"] == "acme/infra/.github/workflows/deploy.yml@refs/heads/main"
    assert (claims["ref"], claims["event_name"], claims["actor"]) == ("refs/heads/main", "push", "acme-owner")
    assert claims["exp"] - claims["iat"] == 300
    assert set(claims) <= set(found["claims_supported"])


def test_subjects_follow_branch_and_pull_request(owner, infra, machine, world):
    """Without an environment the subject is the branch's, for a pull request its own."""
    owner.put(FILE, text())
    assert said(token(world, machine.take()))["sub"] == "repo:acme/infra:ref:refs/heads/main"
    machine.all()
    owner.branch("change")
    owner.put("a", "a", branch="change")
    owner.pull("change")
    claims = said(token(world, machine.take(), audience=""))
    assert claims["sub"] == "repo:acme/infra:pull_request"
    assert (claims["aud"], claims["head_ref"], claims["base_ref"]) == ("https://github.com/acme", "change", "main")


def test_a_subject_follows_its_template(owner, infra, machine, world):
    """The repository's own keys count, the organisation's where it has none, and unknown keys are refused."""
    at, above = "/repos/acme/infra/actions/oidc/customization/sub", "/orgs/acme/actions/oidc/customization/sub"
    assert owner("GET", at) == {"use_default": True}
    keys = ["repo", "context", "job_workflow_ref"]
    owner("PUT", at, {"use_default": False, "include_claim_keys": keys}, expect=201)
    owner("PUT", at, {"use_default": False, "include_claim_keys": ["colour"]}, expect=422)
    owner.put(FILE, text())
    lease = machine.take()
    file = "acme/infra/.github/workflows/deploy.yml@refs/heads/main"
    assert said(token(world, lease))["sub"] == f"repo:acme/infra:ref:refs/heads/main:job_workflow_ref:{file}"
    owner("PUT", above, {"include_claim_keys": ["repository_id"]}, expect=201)
    owner("PUT", at, {"use_default": False}, expect=201)
    assert said(token(world, lease))["sub"] == f"repository_id:{infra['id']}"
    assert owner("GET", above) == {"include_claim_keys": ["repository_id"]}


def test_only_a_running_job_that_asked_for_it_gets_a_token(owner, infra, machine, world):
    """Without the permission there is no address; with another's secret, or after its end, nothing."""
    owner.put(FILE, text().replace("id-token: write", "id-token: none"))
    assert machine.take().request_url == ""
    owner.put(".github/workflows/other.yml", text())
    lease = [machine.take() for _ in range(2)][1]
    stranger = Caller(world, "x" * 64)
    stranger("GET", lease.request_url, host="", expect=401)
    assert token(world, lease)
    machine.end(lease)
    Caller(world, lease.request_token)("GET", lease.request_url, host="", expect=401)


def test_a_role_opens_to_its_subject_alone(owner, infra, machine, world, role, clock):
    """The job of the environment takes the role; another repository's, another audience's, an expired one do not."""
    enter = role("repo:acme/infra:environment:production")
    owner("PUT", "/repos/acme/infra/environments/production", {})
    owner.put(FILE, text("production"))
    lease = machine.take()
    assert enter(token(world, lease)) is None
    assert enter(token(world, lease, "https://github.com/acme")) == INVALID
    value = token(world, lease)
    head, _, tail = value.split(".")
    forged = base64.urlsafe_b64encode(json.dumps(said(value) | {"actor": "x"}).encode()).decode().rstrip("=")
    assert enter(f"{head}.{forged}.{tail}") == INVALID
    owner("POST", "/orgs/acme/repos", {"name": "shop", "auto_init": True}, expect=201)
    owner.put(FILE, text("production"), repo="acme/shop")
    other = token(world, machine.take())
    assert said(other)["sub"] == "repo:acme/shop:environment:production"
    assert enter(other) == DENIED
    clock.advance(301)
    assert enter(value) == "ExpiredTokenException"


@pytest.mark.parametrize(
    ("pattern", "own", "shop", "fork"),
    [
        ("repo:acme/infra:environment:production", None, DENIED, DENIED),
        ("repo:acme/infra:*", None, DENIED, DENIED),
        ("repo:acme/*", None, None, DENIED),
        ("repo:*/infra:environment:production", None, DENIED, None),
        ("repo:acme*", None, None, DENIED),
        ("*:environment:production", None, None, None),
    ],
    ids=["exact", "repository", "organisation", "any-owner", "prefix", "any"],
)
def test_a_loose_subject_opens_to_others(owner, infra, machine, world, role, hub, pattern, own, shop, fork):
    """Each looser pattern lets another repository in: of the organisation, or a stranger's fork."""
    enter = role(pattern, "StringLike")
    owner("PATCH", "/repos/acme/infra", {"private": False})
    owner.put(FILE, text("production"))
    owner("POST", "/orgs/acme/repos", {"name": "shop", "auto_init": True}, expect=201)
    owner.put(FILE, text("production"), repo="acme/shop")
    people.sign_up(hub, "mallory")
    mallory = Caller(world, people.mint(hub, "mallory", ""))
    mallory("POST", "/repos/acme/infra/forks", {}, expect=202)
    mallory("PUT", "/repos/mallory/infra/actions/permissions", {"enabled": True}, expect=204)
    mallory.put("evil", "x", repo="mallory/infra")
    leases = {lease.repository: lease for lease in (machine.take() for _ in range(3))}
    found = [enter(token(world, leases[name])) for name in ("acme/infra", "acme/shop", "mallory/infra")]
    assert found == [own, shop, fork]


def test_claims_are_condition_keys(owner, infra, machine, world, clients, role):
    """A trust may ask for more than the subject: the workflow's own file, say."""
    enter = role("repo:acme/infra:*", "StringLike")
    iam = clients("iam")
    document = iam.get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]
    keys = document["Statement"][0]["Condition"]["StringEquals"]
    keys[f"{HOST}:job_workflow_ref"] = "acme/infra/.github/workflows/deploy.yml@refs/heads/main"
    iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=json.dumps(document))
    owner.put(FILE, text())
    owner.put(".github/workflows/evil.yml", text())
    leases = [machine.take() for _ in range(3)]
    assert [enter(token(world, lease)) for lease in leases] == [None, None, DENIED]


def test_the_trail_knows_whose_job_took_a_role(owner, infra, machine, world, role):
    """The event of an unsigned call names the token's subject, as CloudTrail does; of a refused one, nobody."""
    enter = role("repo:acme/infra:*", "StringLike")
    owner.put(FILE, text())
    lease = machine.take()
    assert enter(token(world, lease)) is None
    assert enter("nonsense") == INVALID
    taken, refused = [one for one in world.evidence.events() if one["eventName"] == "AssumeRoleWithWebIdentity"]
    who = taken["userIdentity"]
    assert (who["type"], who["userName"]) == ("WebIdentityUser", "repo:acme/infra:ref:refs/heads/main")
    assert who["identityProvider"] == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
    assert refused["userIdentity"]["type"] == "AWSAccount"

"""Policy documents are judged as AWS judges them, before anything is sent."""

from importlib.resources import files
from typing import Any

import pytest
import yaml
from identity_documents import POLICY, READ, SCOPE, problems, trust

from twin.address import Address
from twin.resources.aws.iam_federation import OidcProvider
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.policy_actions import unknown_actions
from twin.resources.aws.policy_document import grants, identity_policy, resource_policy, trusts
from twin.resources.resource import Peers

EC2 = trust("ec2.amazonaws.com")
GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"


def statement(**changes: Any) -> dict[str, Any]:
    """Return a document whose only statement differs from a good one; None takes an element away."""
    return {"Version": "2012-10-17", "Statement": {k: v for k, v in {**READ, **changes}.items() if v is not None}}


def codes(document: Any, limit: int = 6144) -> list[str]:
    """Return the codes of an identity policy's problems."""
    return [p.code for p in identity_policy(document, "policy", limit)]


@pytest.mark.parametrize(
    "document",
    [
        POLICY,
        statement(Action="*"),
        statement(Action=["S3:getobject", "s3:Get*", "ec2:Describe?pcs"]),
        statement(Action=None, NotAction="iam:*"),
        statement(Resource="arn:aws:s3:::bucket/${aws:username}/*"),
        statement(Resource="${aws.s3.bucket.lake.arn}/*"),
        statement(Condition={"ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a"]}, "Null": {"aws:x": "true"}}),
    ],
)
def test_good_identity_policy_passes(document):
    """What AWS takes is not complained about."""
    assert codes(document) == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"Version": "2012-10-17"}, "TW0441"),
        ({"Version": "2013-10-17", "Statement": [READ]}, "TW0441"),
        ({"Version": "2012-10-17", "Statements": [READ], "Statement": [READ]}, "TW0441"),
        (statement(Effect="allow"), "TW0441"),
        (statement(Action=None), "TW0441"),
        (statement(NotAction="s3:*"), "TW0441"),
        (statement(Actoin="s3:*"), "TW0441"),
        (statement(Resource=None), "TW0441"),
        (statement(Resource="my-bucket"), "TW0441"),
        (statement(Resource=[]), "TW0441"),
        (statement(Condition={"StringEqual": {"aws:x": "1"}}), "TW0441"),
        (statement(Condition={"StringEquals": {"username": "1"}}), "TW0441"),
        ({"Version": "2012-10-17", "Statement": [{**READ, "Sid": "A"}, {**READ, "Sid": "A"}]}, "TW0441"),
        (statement(Sid="a", Condition={"StringEquals": {"aws:x": "→"}}), "TW0441"),
        (statement(Sid="read it"), "TW0441"),
        (statement(Principal="*"), "TW0444"),
        (statement(Action="s3:GetObjet"), "TW0442"),
        (statement(Action="s33:GetObject"), "TW0442"),
        (statement(Action="GetObject"), "TW0442"),
        (statement(Action="s3:Fetch*"), "TW0442"),
        (statement(Action="*:GetObject"), "TW0442"),
        (statement(Resource=[f"arn:aws:s3:::bucket-{n:05}" for n in range(300)]), "TW0443"),
    ],
)
def test_bad_identity_policy_is_caught(document, code):
    """Each mistake is caught once, under its own code."""
    assert codes(document) == [code]


def test_misspelt_action_gets_a_suggestion():
    """The nearest action of the service is offered."""
    (problem,) = unknown_actions(statement(Action="s3:GetObjet"), "policy")
    assert problem.help == "did you mean `s3:GetObject`?"
    (problem,) = unknown_actions(statement(Action="dynamodbb:GetItem"), "policy")
    assert problem.help == "did you mean `dynamodb`?"


def test_size_is_counted_without_white_space_and_references():
    """A document of exactly the limit passes, one more fails; a reference's own length does not count."""
    exact = statement(Resource="arn:aws:s3:::")
    size = len(
        '{"Statement":{"Action":"s3:GetObject","Effect":"Allow","Resource":"arn:aws:s3:::"},"Version":"2012-10-17"}'
    )
    assert codes(exact, size) == []
    assert codes(exact, size - 1) == ["TW0443"]
    assert codes(statement(Resource="arn:aws:s3:::${aws.s3.bucket.a-rather-long-name.bucket}"), size) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Action": "sts:AssumeRole", "Principal": None}, "TW0444"),
        ({"Principal": {"Service": "ec2"}}, "TW0444"),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/*"}}, "TW0444"),
        ({"Principal": {"AWS": "12345"}}, "TW0444"),
        ({"Principal": {"Servce": "ec2.amazonaws.com"}}, "TW0444"),
        ({"Principal": {"Federated": "okta"}}, "TW0444"),
        ({"Principal": "arn:aws:iam::123456789012:root"}, "TW0444"),
        ({"Resource": "*"}, "TW0441"),
        ({"Action": "sts:AssumeRol"}, "TW0442"),
        ({"Action": "s3:GetObject"}, "TW0441"),
        ({"Condition": {"StringEquals": {"aws:x": ["y" * 2100]}}}, "TW0443"),
    ],
)
def test_bad_trust_is_caught(changes, code):
    """A trust policy names principals that can be, and no resource."""
    changed = {k: v for k, v in {**EC2["Statement"][0], **changes}.items() if v is not None}
    role = Role(name="a", trust={"Version": "2012-10-17", "Statement": [changed]})
    assert problems(role) == [(code, "trust")]


@pytest.mark.parametrize("subject", ["repo:acme/app:ref:refs/heads/main", "repo:acme/*"])
@pytest.mark.parametrize("provider", [GITHUB, "${aws.iam.oidc_provider.github.arn}"])
def test_github_trust_needs_a_subject(subject, provider):
    """Without a condition on the subject, or with one that takes everybody, the trust is refused."""
    github = OidcProvider(url="https://token.actions.githubusercontent.com")
    key = "token.actions.githubusercontent.com"

    def role(condition):
        trusted = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"}
        return Role(name="ci", trust={"Version": "2012-10-17", "Statement": [{**trusted, "Condition": condition}]})

    audience = {"StringEquals": {f"{key}:aud": "sts.amazonaws.com"}}
    assert problems(role({**audience, "StringLike": {f"{key}:sub": subject}}), github=github) == []
    assert problems(role(audience), github=github) == [("TW0447", "trust")]
    assert problems(role({"StringLike": {f"{key}:sub": "*"}}), github=github) == [("TW0447", "trust")]


def test_principal_with_the_wrong_path_does_not_exist():
    """A role's name is unique in the account, so the same name under another path is nobody."""
    role = Role(name="app", path="/svc/", trust=EC2)
    peers = Peers({Address("aws.iam.role", "app"): role}, SCOPE)

    def check(arn):
        document = statement(Principal={"AWS": arn}, Resource="arn:aws:s3:::b/*")
        return [p.code for p in resource_policy(document, "policy", 20480, peers)]

    assert check("arn:aws:iam::123456789012:role/svc/app") == []
    assert check("arn:aws:iam::123456789012:role/app") == ["TW0445"]
    assert check("arn:aws:iam::123456789012:role/svc/APP") == ["TW0445"]
    assert check("arn:aws:iam::210987654321:role/app") == []
    assert check("arn:aws:iam::123456789012:role/unknown-to-the-spec") == []


def test_trusts_tells_yes_no_and_unknown():
    """A role is judged by reference, by name and by ARN; one that the spec does not have is not judged."""
    peers = Peers({Address("aws.iam.role", "app"): Role(name="app", trust=EC2)}, SCOPE)
    for value in ("${aws.iam.role.app.arn}", "app", "arn:aws:iam::123456789012:role/app"):
        assert trusts(peers, value, "ec2.amazonaws.com") is True
        assert trusts(peers, value, "eks.amazonaws.com") is False
    assert trusts(peers, "arn:aws:iam::123456789012:role/other", "ec2.amazonaws.com") is None


def test_grants_finds_the_statement():
    """A service is granted an action by its own statement, and by nobody else's."""
    document = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:Put*"}]
    }
    assert grants(document, "cloudtrail.amazonaws.com", "s3:PutObject")
    assert not grants(document, "cloudtrail.amazonaws.com", "s3:GetBucketAcl")
    assert not grants(document, "config.amazonaws.com", "s3:PutObject")


def test_managed_policy_over_its_size_is_caught():
    """6,144 characters are the limit of a managed policy; an inline policy of a role may have more."""
    document = statement(Resource=[f"arn:aws:s3:::bucket-{n:05}" for n in range(300)])
    assert problems(Policy(name="p", policy=document)) == [("TW0443", "policy")]
    assert problems(Role(name="r", trust=EC2, inline={"p": document})) == []
    assert problems(Role(name="r", trust=EC2, inline={"p": document, "q": document})) == [("TW0443", "inline")]


def test_sid_of_a_resource_policy_may_have_spaces():
    """Services other than IAM take any text for a Sid."""
    document = statement(Sid="Allow all of it", Principal={"AWS": "123456789012"})
    assert [*resource_policy(document, "policy", 20480, Peers({}, SCOPE))] == []


@pytest.mark.parametrize("family", ["iam", "s3", "kms", "secretsmanager", "organizations"])
def test_every_fact_tells_its_source(family):
    """Each fact has a value, the page that states it and the day on which that page was read."""
    entries = yaml.safe_load((files("twin.resources.aws") / "data" / f"{family}.yaml").read_text(encoding="utf-8"))
    assert entries
    for name, entry in entries.items():
        assert set(entry) == {"value", "source", "read"}, name
        assert entry["source"].startswith("https://docs.aws.amazon.com/"), name

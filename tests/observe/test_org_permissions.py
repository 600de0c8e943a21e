"""Who may do what is read back from the endpoints as it was put there."""

import json

import pytest
from rig import SCOPE, SEED, Wire

from twin.analysis.reach import Reach
from twin.clock import VirtualClock
from twin.observe.iam.checked import checked
from twin.observe.iam.org import Account, Document, Door, Identity, Member, Thing
from twin.observe.iam.read import read_org
from twin.resources.call import Refused, aws, okta
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH

A = SCOPE.account


def document(*statements):
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def target():
    """An empty world."""
    return Wire.mount(make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH)), SCOPE)


@pytest.fixture
def call(target):
    """Call AWS as the administrator."""
    return lambda service, operation, **params: target.systems["aws"].execute(aws(service, operation, params))


def read(target, *names):
    """Read the org through some systems."""
    return read_org({name: target.systems[name] for name in names or ("aws",)}, A, [SCOPE.region])


def of(org, kind):
    """The objects of a kind."""
    return [one for one in org.objects if isinstance(one, kind)]


def test_resource_policies_and_grants_are_read(target, call):
    """What stands on a bucket, a queue, a secret and a key comes with it."""
    ann = f"arn:aws:iam::{A}:user/ann"
    call("iam", "CreateUser", UserName="ann")
    letting = {**allow("s3:GetObject", "arn:aws:s3:::twin-lake/*"), "Principal": {"AWS": ann}}
    call("s3", "CreateBucket", Bucket="twin-lake")
    call("s3", "PutBucketPolicy", Bucket="twin-lake", Policy=document(letting))
    call("s3", "CreateBucket", Bucket="twin-plain")
    key = call("kms", "CreateKey")["KeyMetadata"]
    call("kms", "CreateGrant", KeyId=key["KeyId"], GranteePrincipal=ann, Operations=["Decrypt"])
    call("iam", "PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=document(allow("sqs:SendMessage")))
    call("sqs", "CreateQueue", QueueName="jobs")
    org = read(target)
    things = {one.arn: one for one in of(org, Thing)}
    assert json.loads(things["arn:aws:s3:::twin-lake"].policy)["Statement"] == [letting]
    assert things["arn:aws:s3:::twin-plain"].policy == ""
    reach = Reach(org)
    assert [one.principal for one in reach.who_can("kms:Decrypt", key["Arn"])] == [ann]
    assert [one.principal for one in reach.who_can("kms:Encrypt", key["Arn"])] == []
    assert reach.what_can(ann)["write"] == (f"arn:aws:sqs:us-east-1:{A}:jobs",)
    assert "arn:aws:s3:::twin-lake" in reach.what_can(ann)["read"]


@pytest.mark.parametrize("ignored", [False, True])
def test_list_that_lets_everybody_write_is_read(target, call, ignored):
    """A bucket whose access list is open is written by whoever likes, unless such lists are ignored."""
    call("s3", "CreateBucket", Bucket="twin-open", ObjectOwnership="ObjectWriter")
    call("s3", "DeletePublicAccessBlock", Bucket="twin-open")
    everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    call("s3", "PutBucketAcl", Bucket="twin-open", GrantRead=everybody, GrantWrite=everybody)
    if ignored:
        block = {"IgnorePublicAcls": True}
        call("s3", "PutPublicAccessBlock", Bucket="twin-open", PublicAccessBlockConfiguration=block)
    call("iam", "CreateUser", UserName="ann")
    told = Reach(read(target)).what_can(f"arn:aws:iam::{A}:user/ann")
    assert (told["read"], told["write"]) == (((), ()) if ignored else (("arn:aws:s3:::twin-open",),) * 2)


def test_policies_of_the_organization_bind_a_member(target, call):
    """The levels on the way to a member are read, and the member is entered by the role that AWS makes in it."""
    call("organizations", "CreateOrganization", FeatureSet="ALL")
    root = call("organizations", "ListRoots")["Roots"][0]["Id"]
    made = call("organizations", "CreateAccount", Email="m@acme.example", AccountName="member")
    member = made["CreateAccountStatus"]["AccountId"]
    deny = document({**allow("iam:*"), "Effect": "Deny"})
    scp = call(
        "organizations", "CreatePolicy", Name="no-iam", Description="-", Type="SERVICE_CONTROL_POLICY", Content=deny
    )  # fmt: skip
    call("organizations", "AttachPolicy", PolicyId=scp["Policy"]["PolicySummary"]["Id"], TargetId=member)
    accounts = {one.id: one for one in of(read(target), Account)}
    assert accounts[A].scps is None
    levels = accounts[member].scps
    assert [name for name, _ in levels] == [root, member]
    assert "no-iam" in [one.name for one in levels[1][1]]


@pytest.mark.parametrize("enabled", [True, False])
def test_policies_of_resources_are_read_where_their_type_is_enabled(target, call, enabled):
    """What binds a member's resources is read level by level; where the type is off nothing binds, and no gap is."""
    call("organizations", "CreateOrganization", FeatureSet="ALL")
    root = call("organizations", "ListRoots")["Roots"][0]["Id"]
    call("organizations", "EnablePolicyType", RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    member = call("organizations", "CreateAccount", Email="m@acme.example", AccountName="member")
    member = member["CreateAccountStatus"]["AccountId"]
    denied = document({**allow("s3:*"), "Effect": "Deny", "Principal": "*"})
    named = {"Name": "ours", "Description": "-", "Type": "RESOURCE_CONTROL_POLICY", "Content": denied}
    made = call("organizations", "CreatePolicy", **named)["Policy"]["PolicySummary"]["Id"]
    call("organizations", "AttachPolicy", PolicyId=made, TargetId=root)
    if not enabled:
        call("organizations", "DisablePolicyType", RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    org = read(target)
    accounts = {one.id: one for one in of(org, Account)}
    told = accounts[member].rcps and [[one.name for one in documents] for _, documents in accounts[member].rcps]
    assert told == ([["RCPFullAWSAccess", "ours"], ["RCPFullAWSAccess"]] if enabled else None)
    assert (accounts[A].rcps, accounts[A].scps) == (None, None)
    assert not any("organizations" in gap for gap in org.gaps)
    assert accounts[member].path == f"{accounts[member].organization}/{root}/"


def test_policy_of_resources_that_was_not_shown_limits_nothing_and_is_a_gap(target, call):
    """Whoever may not read the organization's policies is told so, and nobody is taken to be kept out by them."""
    call("organizations", "CreateOrganization", FeatureSet="ALL")
    root = call("organizations", "ListRoots")["Roots"][0]["Id"]
    call("organizations", "EnablePolicyType", RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")
    call("organizations", "CreateAccount", Email="m@acme.example", AccountName="member")
    call("iam", "CreateUser", UserName="looker")
    barred = document(allow("*"), {**allow("organizations:ListPoliciesForTarget"), "Effect": "Deny"})
    call("iam", "PutUserPolicy", UserName="looker", PolicyName="p", PolicyDocument=barred)
    key = call("iam", "CreateAccessKey", UserName="looker")["AccessKey"]
    seen = read_org({"aws": target.systems["aws"].acting_as(key["AccessKeyId"], key["SecretAccessKey"], None)}, A,
                    ["us-east-1"])  # fmt: skip
    (member,) = [one for one in of(seen, Account) if one.id != A]
    assert all("not shown" in one.name for _, documents in member.rcps for one in documents)
    assert any("ListPoliciesForTarget" in gap for gap in seen.gaps)


def test_workforce_is_read_with_its_doors(target, call):
    """A group's people and the role that the app's assertion gives it are read; an inactive app has no doors."""
    okta_org = target.systems["okta"]
    send = lambda method, path, **body: okta_org.execute(okta(method, path, body or None))  # noqa: E731
    group = send("POST", "/api/v1/groups", profile={"name": "platform"})
    profile = {"firstName": "Ada", "lastName": "Park", "email": "ada@acme.example", "login": "ada@acme.example"}
    person = send("POST", "/api/v1/users", profile=profile)
    send("PUT", f"/api/v1/groups/{group['id']}/users/{person['id']}")
    role, provider = f"arn:aws:iam::{A}:role/admin", f"arn:aws:iam::{A}:saml-provider/okta"
    attributes = [
        ("https://aws.amazon.com/SAML/Attributes/Role", f'(isMemberOfGroupName("platform")) ? "{role},{provider}" : ""')
    ]
    app = send("POST", "/api/v1/apps", **saml_app(attributes))
    send("PUT", f"/api/v1/apps/{app['id']}/groups/{group['id']}")
    org = read(target, "aws", "okta")
    assert Member("okta:user/ada@acme.example", "okta:group/platform") in of(org, Member)
    assert of(org, Door) == [Door("okta:group/platform", "AWS", role, provider)]
    okta_org.execute(okta("POST", f"/api/v1/apps/{app['id']}/lifecycle/deactivate"))
    assert of(read(target, "aws", "okta"), Door) == []


def saml_app(attributes):
    """The body of a SAML app into AWS."""
    statements = [
        {"type": "EXPRESSION", "name": name, "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
         "values": [value]}
        for name, value in attributes
    ]  # fmt: skip
    acs = "https://signin.aws.amazon.com/saml"
    sign_on = {
        "ssoAcsUrl": acs, "recipient": acs, "destination": acs, "audience": "urn:amazon:webservices",
        "idpIssuer": "http://www.okta.com/${org.externalKey}", "subjectNameIdTemplate": "${user.userName}",
        "subjectNameIdFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "responseSigned": True,
        "assertionSigned": True, "signatureAlgorithm": "RSA_SHA256", "digestAlgorithm": "SHA256",
        "honorForceAuthn": True, "requestCompressed": False, "allowMultipleAcsEndpoints": False,
        "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        "attributeStatements": statements,
    }  # fmt: skip
    return {"label": "AWS", "signOnMode": "SAML_2_0", "settings": {"signOn": sign_on}}


def test_what_is_not_shown_is_a_gap(target, call):
    """A refused read is told by name, and the rest of the org is read all the same."""

    class Shy:
        calls = 0

        def execute(self, one):
            if one.service == "secretsmanager":
                raise Refused(one, "AccessDeniedException", "no", status=403)
            return target.systems["aws"].execute(one)

    call("iam", "CreateUser", UserName="ann")
    org = read_org({"aws": Shy()}, A, [SCOPE.region])
    assert any("secretsmanager:ListSecrets: AccessDeniedException" in gap for gap in org.gaps)
    assert [one.arn for one in of(org, Identity)] == [f"arn:aws:iam::{A}:user/ann"]


class Closed:
    """AWS behind which one operation is refused."""

    calls = 0

    def __init__(self, inner, operation):
        self.inner, self.operation = inner, operation

    def execute(self, one):
        if one.operation == self.operation:
            raise Refused(one, "AccessDeniedException", "no", status=403)
        return self.inner.execute(one)

    def acting_as(self, *keys):
        return Closed(self.inner.acting_as(*keys), self.operation)


@pytest.fixture
def member(target, call):
    """A member account, bound by a policy that denies nothing real, and an administrator who reads it all."""
    call("iam", "CreateUser", UserName="boss")
    call("iam", "PutUserPolicy", UserName="boss", PolicyName="p", PolicyDocument=document(allow("*")))
    key = call("iam", "CreateAccessKey", UserName="boss")["AccessKey"]
    boss = target.systems["aws"].acting_as(key["AccessKeyId"], key["SecretAccessKey"], None)
    call("organizations", "CreateOrganization", FeatureSet="ALL")
    made = call("organizations", "CreateAccount", Email="m@acme.example", AccountName="member")
    call("kms", "CreateKey")
    return boss, made["CreateAccountStatus"]["AccountId"]


def test_no_refused_read_hides_who_gets_where(member):
    """Whichever read about limits is refused, it is told, the rest is read, and nobody is taken to be held back."""
    boss, account = member
    plain = read_org({"aws": boss}, A, [SCOPE.region])
    far = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    assert Reach(plain).paths(far, "admin") == [()]
    for operation in ("DescribePolicy", "ListPoliciesForTarget", "ListParents", "GetKeyPolicy"):
        found = read_org({"aws": Closed(boss, operation)}, A, [SCOPE.region])
        assert [gap for gap in found.gaps if operation in gap and gap not in plain.gaps], operation
        reach = Reach(found)
        assert reach.paths(far, "admin") == [()], operation
        assert reach.paths(f"arn:aws:iam::{A}:user/boss", "data"), operation
    for operation in ("ListAccounts", "DescribeOrganization"):
        found = read_org({"aws": Closed(boss, operation)}, A, [SCOPE.region])
        assert any(operation in gap for gap in found.gaps)
        assert f"arn:aws:iam::{A}:user/boss" in found.by_key(), "what can be read of the own account counts"


def test_policy_that_is_none_is_left_out_and_told():
    """One that cannot be decided by becomes a gap with its owner; the sound ones beside it stay."""
    sound, broken = Document("sound", document(allow("s3:*"))), Document("broken", document({"Effect": "Maybe"}))
    (kept,), gaps = checked([Identity(f"arn:aws:iam::{A}:user/ann", (sound, broken))])
    assert kept.inline == (sound,)
    assert len(gaps) == 1
    assert "user/ann broken" in gaps[0]


def test_github_reaches_a_role_of_the_twin(target, call):
    """An OIDC provider and the trust of a role come back as a way, with the condition on the workflow's subject."""
    host = "token.actions.githubusercontent.com"
    call("iam", "CreateOpenIDConnectProvider", Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"])
    provider = f"arn:aws:iam::{A}:oidc-provider/{host}"
    trust = {
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{host}:aud": "sts.amazonaws.com"}, "StringLike": {f"{host}:sub": "repo:acme/*"},
        },
    }  # fmt: skip
    call("iam", "CreateRole", RoleName="deploy", AssumeRolePolicyDocument=document(trust))
    call("iam", "PutRolePolicy", RoleName="deploy", PolicyName="p", PolicyDocument=document(allow("*")))
    org = read(target)
    (way,) = Reach(org).paths(provider, "admin")
    assert "repo:acme/*" in " ".join(way[0].conditions)
    assert Reach(org, {f"{host}:sub": "repo:evil/x", f"{host}:aud": "sts.amazonaws.com"}).paths(provider, "admin") == []

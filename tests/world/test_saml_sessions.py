"""From a sign-on at Okta to a role in AWS: what the assertion must say, and what stops it."""

import base64
import json
import re

import pytest
from people import ACCOUNT, allow, document, role, session, trust
from refused import refusal
from werkzeug.datastructures import Headers

from twin.semantics.saml import metadata
from twin.wire import Request
from twin.world.saas.okta.sessions import issue_session_token
from twin.world.saas.okta.state import stamp

ACS = "https://signin.aws.amazon.com/saml"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
DENIED, INVALID = ("AccessDenied", 403), ("InvalidIdentityToken", 400)
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"


class Org:
    """The world's Okta org with one user, one group and the app that leads into AWS."""

    def __init__(self, world, clock):
        self.world, self.clock = world, clock
        profile = {"login": "ada@acme.example", "email": "ada@acme.example", "firstName": "Ada", "lastName": "L"}
        body = {"profile": profile, "credentials": {"password": {"value": "Correct-horse-9"}}}
        self.user = self("POST", "/api/v1/users?activate=true", body)
        self.group = self("POST", "/api/v1/groups", {"profile": {"name": "platform", "description": "x"}})
        self("PUT", f"/api/v1/groups/{self.group['id']}/users/{self.user['id']}")

    def __call__(self, method, path, body=None):
        sent = Headers({"Authorization": f"SSWS {self.world.okta.token}", "Content-Type": "application/json"})
        url = path if path.startswith("http") else self.world.okta.url + path
        reply = self.world.handle(Request(method, url, sent, json.dumps(body).encode() if body else b""))
        assert reply.status < 300, reply.body
        return json.loads(reply.body) if reply.body[:1] in (b"{", b"[") else reply.body.decode()

    def app(self, *attributes, **sign_on):
        """Create the app, for the group."""
        rows = attributes or (
            (f"{ATTRIBUTES}Role", f'isMemberOfGroupName("platform") ? "{ROLE},{PROVIDER}" : ""'),
            (f"{ATTRIBUTES}RoleSessionName", "user.login"),
        )
        statements = [{"type": "EXPRESSION", "name": name, "values": [value]} for name, value in rows]
        settings = {
            "ssoAcsUrl": ACS, "recipient": ACS, "destination": ACS, "audience": "urn:amazon:webservices",
            "subjectNameIdTemplate": "${user.userName}", "signatureAlgorithm": "RSA_SHA256",
            "digestAlgorithm": "SHA256",
            "subjectNameIdFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "attributeStatements": statements,
        }  # fmt: skip
        body = {"label": "AWS", "signOnMode": "SAML_2_0", "settings": {"signOn": settings | sign_on}}
        made = self("POST", "/api/v1/apps", body)
        self("PUT", f"/api/v1/apps/{made['id']}/groups/{self.group['id']}", {})
        return made

    def metadata(self, app):
        """Return the metadata of the app's identity provider."""
        return self("GET", app["_links"]["metadata"]["href"])

    def open(self, app, *, session_token=True):
        """Open the app as the user does; return the reply."""
        place = re.search(r'SingleSignOnService [^>]*Location="([^"]+)"', self.metadata(app))[1]
        if session_token:
            org, now = self.world.vendors._made["okta"].org, stamp(self.clock.now())
            proved = {"okta_password": now, "webauthn": now}
            token = issue_session_token(
                org, org.users[self.user["id"]], proved=proved, amr=["pwd"], device="", idle=120, lifetime=0
            )
            place += f"?sessionToken={token}"
        return self.world.handle(Request("GET", place))

    def assertion(self, app):
        """Return the response that the browser would post to AWS, in base64."""
        page = self.open(app).body.decode()
        assert f'action="{ACS}"' in page
        return re.search(r'name="SAMLResponse" type="hidden" value="([^"]+)"', page)[1]


@pytest.fixture
def org(world, clock):
    """An org with a user in the group that opens AWS."""
    return Org(world, clock)


@pytest.fixture
def app(org, clients):
    """The app, its provider in IAM, and a role that trusts it."""
    made = org.app()
    clients("iam").create_saml_provider(Name="okta", SAMLMetadataDocument=org.metadata(made))
    only = {"StringEquals": {"SAML:aud": ACS}}
    trusted = trust({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML", Condition=only)
    role(clients, "deploy", trusted, allow("sqs:*"), MaxSessionDuration=7200)
    return made


def enter(clients, assertion, **change):
    """Take the role with an assertion."""
    asked = {"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": assertion} | change
    return clients("sts").assume_role_with_saml(**asked)


def changed(assertion, old, new):
    """Return an assertion in which a text was replaced."""
    text = base64.b64decode(assertion).decode()
    assert old in text
    return base64.b64encode(text.replace(old, new).encode()).decode()


def test_a_member_of_the_group_takes_the_role(org, app, clients, clock):
    """The session carries the user's name, and the reply tells where it came from."""
    reply = enter(clients, org.assertion(app))
    assert reply["AssumedRoleUser"]["Arn"].endswith("assumed-role/deploy/ada@acme.example")
    assert (reply["Subject"], reply["SubjectType"], reply["Audience"]) == ("ada@acme.example", "persistent", ACS)
    assert clients("sqs", credentials=session(reply)).list_queues()
    clock.advance(900)
    trail = clients("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AssumeRoleWithSAML"}]
    )["Events"]
    assert len(trail) == 1


def test_the_role_is_not_for_who_leaves_the_group(org, app, clients):
    """The expression finds no role, and Okta lets nobody in whom the app is not assigned to."""
    org("DELETE", f"/api/v1/groups/{org.group['id']}/users/{org.user['id']}")
    assert org.open(app).status == 403
    org("POST", f"/api/v1/apps/{app['id']}/users", {"id": org.user["id"], "scope": "USER"})
    assert refusal(enter, clients, org.assertion(app)) == DENIED


def test_a_changed_assertion_is_refused(org, app, clients):
    """Another role, another subject, no signature, a stranger's signature, no XML: nothing is proved."""
    good = org.assertion(app)
    assert refusal(enter, clients, changed(good, "role/deploy", "role/admin")) == INVALID
    assert refusal(enter, clients, changed(good, "ada@acme.example", "eve@acme.example")) == INVALID
    text = base64.b64decode(good).decode()
    bare = re.sub(r"<ds:Signature .*?</ds:Signature>", "", text)
    assert refusal(enter, clients, base64.b64encode(bare.encode()).decode()) == INVALID
    assert refusal(enter, clients, "PHg+PC94Pg==") == INVALID
    assert refusal(enter, clients, "****") == INVALID
    stranger = org.app()
    assert refusal(enter, clients, org.assertion(stranger)) == INVALID


def test_an_assertion_wrapped_into_another_is_refused(org, app, clients):
    """The signed one is moved aside, and a forged one stands where the reader looks."""
    text = base64.b64decode(org.assertion(app)).decode()
    inner = re.search(r"<saml2:Assertion .*</saml2:Assertion>", text)[0]
    forged = (
        re.sub(r"<ds:Signature .*?</ds:Signature>", "", inner).replace("ada@", "eve@").replace(' ID="id', ' ID="ix')
    )
    outer = re.sub(r"<ds:Signature .*?</ds:Signature>", "", text.replace(inner, ""), count=1)
    for evil in (
        outer.replace("</saml2p:Response>", f"{forged}<x>{inner}</x></saml2p:Response>"),
        outer.replace("</saml2p:Response>", f"{inner}{forged}</saml2p:Response>"),
        outer.replace("</saml2p:Response>", f"{inner}</saml2p:Response>").replace("?>", "?><!DOCTYPE x []>", 1),
    ):
        assert refusal(enter, clients, base64.b64encode(evil.encode()).decode()) == INVALID


def test_an_assertion_is_redeemed_within_five_minutes(org, app, clients, clock):
    """A second before it works, then it is over."""
    first = org.assertion(app)
    clock.advance(299)
    assert enter(clients, first)
    clock.advance(1)
    assert refusal(enter, clients, first) == ("ExpiredTokenException", 400)


def test_the_trust_policy_and_the_pair_decide(org, app, clients):
    """Another role, another provider, another audience in the trust: no."""
    other = role(clients, "other", trust({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"), allow("sqs:*"))
    assert refusal(enter, clients, org.assertion(app), RoleArn=other) == DENIED
    gone = PROVIDER.replace("okta", "none")
    assert refusal(enter, clients, org.assertion(app), PrincipalArn=gone) == INVALID
    iam = clients("iam")
    for condition in ({"SAML:aud": "https://else"}, {"SAML:sub": "eve@acme.example"}):
        trusted = trust({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML", Condition={"StringEquals": condition})
        iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=trusted)
        assert refusal(enter, clients, org.assertion(app)) == DENIED
    mine = {"StringEquals": {"SAML:sub": "ada@acme.example", "SAML:sub_type": "persistent"}}
    trusted = trust({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML", Condition=mine)
    iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=trusted)
    assert enter(clients, org.assertion(app))


def test_a_session_lasts_no_longer_than_the_role_allows(org, app, clients, clock):
    """And an issue-time deny on the role ends what came before it."""
    assert refusal(enter, clients, org.assertion(app), DurationSeconds=7201) == ("ValidationError", 400)
    held = session(enter(clients, org.assertion(app), DurationSeconds=900))
    clock.advance(899)
    assert clients("sqs", credentials=held).list_queues()
    clock.advance(1)
    assert refusal(clients("sqs", credentials=held).list_queues)[0] == "ExpiredTokenException"
    held = session(enter(clients, org.assertion(app)))
    clock.advance(1)
    before = {"DateLessThan": {"aws:TokenIssueTime": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": before}
    clients("iam").put_role_policy(RoleName="deploy", PolicyName="Revoke", PolicyDocument=document(deny))
    assert refusal(clients("sqs", credentials=held).list_queues) == DENIED
    clock.advance(1)
    assert clients("sqs", credentials=session(enter(clients, org.assertion(app)))).list_queues()


def test_tags_of_an_assertion_need_a_trust_that_lets_them(org, clients):
    """They become principal tags of the session."""
    rows = (
        (f"{ATTRIBUTES}Role", f'"{ROLE},{PROVIDER}"'),
        (f"{ATTRIBUTES}RoleSessionName", "user.login"),
        (f"{ATTRIBUTES}PrincipalTag:team", "user.firstName"),
    )
    made = org.app(*rows)
    clients("iam").create_saml_provider(Name="okta", SAMLMetadataDocument=org.metadata(made))
    only = {"StringEquals": {"aws:PrincipalTag/team": "Ada"}}
    role(clients, "deploy", trust({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"), allow("sqs:*", Condition=only))
    assert refusal(enter, clients, org.assertion(made)) == DENIED
    trusted = trust({"Federated": PROVIDER}, ["sts:AssumeRoleWithSAML", "sts:TagSession"])
    clients("iam").update_assume_role_policy(RoleName="deploy", PolicyDocument=trusted)
    assert clients("sqs", credentials=session(enter(clients, org.assertion(made)))).list_queues()


def test_an_assertion_without_a_session_name_or_signature_over_either_part(org, clients):
    """The name is needed; one signature, over the response or over the assertion, is enough."""
    for flags in ({"responseSigned": False}, {"assertionSigned": False}):
        made = org.app(**flags)
        name = f"okta-{flags.popitem()[0]}"
        clients("iam").create_saml_provider(Name=name, SAMLMetadataDocument=org.metadata(made))
        provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}"
        assert refusal(enter, clients, org.assertion(made), PrincipalArn=provider) == DENIED
    made = org.app((f"{ATTRIBUTES}Role", f'"{ROLE},{PROVIDER}"'))
    clients("iam").create_saml_provider(Name="okta", SAMLMetadataDocument=org.metadata(made))
    assert refusal(enter, clients, org.assertion(made)) == INVALID


def test_who_is_not_signed_on_gets_the_sign_in_page(org, app):
    """And the metadata names the certificate with which the app signs."""
    reply = org.open(app, session_token=False)
    assert reply.status == 302
    assert "/login/login.htm?fromURI=" in reply.headers["Location"]
    assert metadata(org.metadata(app)).certificates


def test_the_catalogues_aws_app_names_the_roles_of_assignments(org, clients):
    """By the group's profile, for the provider of its settings."""
    settings = {"app": {"identityProviderArn": PROVIDER, "sessionDuration": 3600}}
    made = org(
        "POST", "/api/v1/apps", {"name": "amazon_aws", "label": "A", "signOnMode": "SAML_2_0", "settings": settings}
    )
    path = f"/api/v1/apps/{made['id']}/groups/{org.group['id']}"
    org("PUT", path, {"profile": {"samlRoles": ["deploy"]}})
    clients("iam").create_saml_provider(Name="okta", SAMLMetadataDocument=org.metadata(made))
    role(clients, "deploy", trust({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"), allow("sqs:*"))
    assert enter(clients, org.assertion(made))
    org("PUT", path, {"profile": {"samlRoles": ["other"]}})
    assert refusal(enter, clients, org.assertion(made)) == DENIED


def test_iam_takes_no_metadata_that_it_cannot_read(org, app, clients):
    """As AWS says it."""
    make = clients("iam").create_saml_provider
    padding = "<!--" + "x" * 1000 + "-->"
    for text in ("x" * 1000, f"<a>{padding}</a>", org.metadata(app).replace("X509Certificate>", "X>")):
        assert refusal(make, Name="bad", SAMLMetadataDocument=text) == ("InvalidInput", 400)

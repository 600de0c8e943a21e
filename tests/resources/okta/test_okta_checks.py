"""What Okta refuses is found before anything is sent, on the field that caused it."""

import pytest

from twin.address import Address
from twin.codes import codes
from twin.engine.check import STAND_IN
from twin.resources.http_check import check
from twin.resources.okta.app_oidc import AppOidc
from twin.resources.okta.app_saml import AppSaml, SamlAttribute
from twin.resources.okta.authorization_server import AccessPolicy, AuthorizationServer, Claim, Scopes, TokenRule
from twin.resources.okta.credentials import Authenticator, EnrollmentPolicy, EnrollmentRule, PasswordPolicy
from twin.resources.okta.group import Group, GroupRule, Membership
from twin.resources.okta.network_zone import NetworkZone
from twin.resources.okta.sign_on import (
    AuthenticationPolicy,
    AuthenticationRule,
    GlobalSessionPolicy,
    GlobalSessionRule,
)
from twin.resources.okta.user import User
from twin.resources.resource import Peers, drain
from twin.resources.scope import Scope

SCOPE = Scope(org="acme", environment="test")


def problems(resource, *others):
    """Check a resource beside others; returns pairs of code and field."""
    address = Address(resource.TYPE, "it")
    desired = {Address(other.TYPE, f"a{n}"): other for n, other in enumerate(others)} | {address: resource}
    found = list(resource.check(address, Peers(desired, SCOPE)))
    assert all(problem.code in codes() for problem in found), "every code is explained"
    return [(problem.code, problem.field) for problem in found]


def user(**fields):
    """Make a user."""
    base = {"login": "ada@acme.example", "email": "ada@acme.example", "first_name": "Ada", "last_name": "L"}
    return User(**{**base, **fields})


def oidc(**fields):
    """Make an OIDC app."""
    return AppOidc(**{"label": "portal", "redirect_uris": ["https://portal.acme.example/cb"], **fields})


def session(**fields):
    """Make a global session policy of one rule."""
    return GlobalSessionPolicy(name="p", groups=["g"], rules=[GlobalSessionRule(name="r", **fields)])


def access(**fields):
    """Make an authentication policy of one rule."""
    return AuthenticationPolicy(name="p", rules=[AuthenticationRule(name="r", **fields)])


def server(**fields):
    """Make an authorization server."""
    base = {"name": "orders", "audiences": ["api://orders"], "scopes": [Scopes(name="read")]}
    return AuthorizationServer(**{**base, **fields})


def token(**fields):
    """Make a server with one policy of one rule."""
    rule = TokenRule(**{"name": "r", "grant_types": ["client_credentials"], **fields})
    return server(policies=[AccessPolicy(name="p", rules=[rule])])


def saml(**fields):
    """Make a SAML app for AWS."""
    names = ("Role", "RoleSessionName")
    attributes = [SamlAttribute(name=f"https://aws.amazon.com/SAML/Attributes/{name}", values=["x"]) for name in names]
    base = {"label": "aws", "acs_url": "https://signin.aws.amazon.com/saml", "audience": "urn:amazon:webservices"}
    return AppSaml(**{**base, "attributes": attributes, **fields})


def group_rule(expression='user.department=="Eng"', **fields):
    """Make a group rule."""
    return GroupRule(**{"name": "r", "expression": expression, "groups": ["g"], **fields})


GOOD = [
    user(profile={"department": "Eng"}),
    Group(name="engineering"),
    group_rule(),
    group_rule('String.startsWith(user.login, "a=(") AND isMemberOfGroupName("x")'),
    Membership(group="g", user="u"),
    oidc(),
    oidc(redirect_uris=["http://localhost:8080/cb"]),
    oidc(application_type="native", redirect_uris=["com.acme.app:/cb"], token_endpoint_auth_method="none"),
    oidc(application_type="browser", token_endpoint_auth_method="none"),
    oidc(application_type="service", grant_types=["client_credentials"], redirect_uris=[], response_types=["token"]),
    saml(),
    session(require_mfa=True, mfa_prompt="ALWAYS", idle_minutes=30),
    session(idle_minutes=720, lifetime_minutes=0),
    session(access="DENY"),
    access(phishing_resistant=True, device_registered=True, device_managed=True),
    EnrollmentPolicy(
        name="p", groups=["g"], authenticators={"okta_verify": "REQUIRED"}, rules=[EnrollmentRule(name="r")]
    ),
    PasswordPolicy(name="p", groups=["g"], rules=[]),
    Authenticator(key="okta_verify", settings={"userVerification": "PREFERRED"}),
    NetworkZone(
        name="office",
        gateways=["192.0.2.0/24", "2001:db8::/32", "192.0.2.1-192.0.2.9", "${aws.ec2.eip.a.public_ip}/32"],
    ),
    NetworkZone(name="away", type="DYNAMIC", countries=["KP"]),
    token(scopes=["read", "openid", "*"]),
]


@pytest.mark.parametrize("resource", GOOD, ids=lambda r: f"{r.TYPE}-{GOOD.index(r)}")
def test_what_okta_takes_has_no_problem(resource):
    """A good resource yields nothing."""
    assert problems(resource) == []


BAD = [
    (user(login="ada"), "TW0602", "login"),
    (user(email="ada@acme"), "TW0602", "email"),
    (user(profile={"firstName": "Ada"}), "TW0603", "profile"),
    (Group(name="Everyone"), "TW0604", "name"),
    (group_rule(groups=[]), "TW0605", "groups"),
    (group_rule('user.department="Eng"'), "TW0606", "expression"),
    (group_rule('user.department=="Eng'), "TW0606", "expression"),
    (group_rule('(user.department=="Eng"'), "TW0606", "expression"),
    (group_rule('department=="Eng"'), "TW0606", "expression"),
    (oidc(application_type="service"), "TW0610", "grant_types"),
    (oidc(grant_types=["authorization_code", "password"]), "TW0610", "grant_types"),
    (oidc(redirect_uris=[]), "TW0611", "redirect_uris"),
    (oidc(redirect_uris=["http://portal.acme.example/cb"]), "TW0611", "redirect_uris"),
    (oidc(redirect_uris=["https://portal.acme.example/cb#x"]), "TW0611", "redirect_uris"),
    (oidc(redirect_uris=["com.acme.app:/cb"]), "TW0611", "redirect_uris"),
    (oidc(post_logout_redirect_uris=["portal"]), "TW0611", "post_logout_redirect_uris"),
    (oidc(application_type="browser"), "TW0612", "token_endpoint_auth_method"),
    (
        oidc(application_type="browser", token_endpoint_auth_method="none", pkce_required=False),
        "TW0612",
        "pkce_required",
    ),
    (saml(acs_url="http://signin.aws.amazon.com/saml"), "TW0613", "acs_url"),
    (saml(name_id_format="email"), "TW0614", "name_id_format"),
    (saml(attributes=saml().attributes[:1]), "TW0615", "attributes"),
    (saml(audience="https://signin.aws.amazon.com/saml", attributes=saml().attributes[:1]), "TW0615", "attributes"),
    (GlobalSessionPolicy(name="p", groups=["g"], rules=[GlobalSessionRule(name="r")] * 2), "TW0620", "rules"),
    (GlobalSessionPolicy(name="p", groups=[], rules=[]), "TW0621", "groups"),
    (session(idle_minutes=0), "TW0622", "rules"),
    (session(lifetime_minutes=129601), "TW0622", "rules"),
    (session(idle_minutes=60, lifetime_minutes=30), "TW0623", "rules"),
    (session(require_mfa=True), "TW0624", "rules"),
    (session(mfa_prompt="ALWAYS"), "TW0624", "rules"),
    (session(access="DENY", idle_minutes=5), "TW0628", "rules"),
    (access(reauthenticate_in="2h"), "TW0625", "rules"),
    (access(device_managed=True), "TW0626", "rules"),
    (access(factors="1FA", password=True, device_bound=True), "TW0627", "rules"),
    (Authenticator(key="okta_verfy"), "TW0630", "key"),
    (
        EnrollmentPolicy(name="p", groups=["g"], authenticators={"verify": "REQUIRED"}, rules=[]),
        "TW0630",
        "authenticators",
    ),
    (Authenticator(key="webauthn", settings={"fips": "REQUIRED"}), "TW0631", "settings"),
    (Authenticator(key="phone_number", settings={"allowedFor": "all"}), "TW0631", "settings"),
    (Authenticator(key="okta_email", active=False), "TW0632", "active"),
    (PasswordPolicy(name="p", groups=["g"], rules=[], min_length=3), "TW0640", "min_length"),
    (
        PasswordPolicy(name="p", groups=["g"], rules=[], max_age_days=5, expire_warn_days=5),
        "TW0641",
        "expire_warn_days",
    ),
    (NetworkZone(name="z"), "TW0650", "gateways"),
    (NetworkZone(name="z", type="DYNAMIC"), "TW0650", "countries"),
    (NetworkZone(name="z", gateways=["192.0.2.1/24"]), "TW0651", "gateways"),
    (NetworkZone(name="z", gateways=["192.0.2.9-192.0.2.1"]), "TW0651", "gateways"),
    (NetworkZone(name="z", type="DYNAMIC", countries=["Germany"]), "TW0652", "countries"),
    (NetworkZone(name="z", gateways=[f"10.0.{n}.0/24" for n in range(151)]), "TW0653", "gateways"),
    (NetworkZone(name="LegacyIpZone", gateways=["192.0.2.0/24"]), "TW0604", "name"),
    (server(audiences=["a", "b"]), "TW0660", "audiences"),
    (server(name="default"), "TW0604", "name"),
    (server(claims=[Claim(name="c", value="x")] * 2), "TW0620", "claims"),
    (server(scopes=[Scopes(name="openid")]), "TW0661", "scopes"),
    (token(scopes=["write"]), "TW0662", "policies"),
    (token(access_token_minutes=4), "TW0663", "policies"),
    (token(refresh_token_minutes=30), "TW0663", "policies"),
]


@pytest.mark.parametrize(("resource", "code", "field"), BAD, ids=lambda v: str(v)[:40] if isinstance(v, str) else "")
def test_what_okta_refuses_is_found(resource, code, field):
    """A bad resource yields its one problem on its field."""
    assert problems(resource) == [(code, field)]


@pytest.mark.parametrize("resource", GOOD, ids=lambda r: f"{r.TYPE}-{GOOD.index(r)}")
def test_calls_are_known_before_anything_is_sent(resource):
    """Creation runs on stand-ins, as a plan runs it, and its calls have whole paths."""
    calls, outputs = drain(resource.create(SCOPE, Address(resource.TYPE, "it")), STAND_IN)
    assert "id" in outputs
    assert calls
    assert [check(call) for call in calls] == [[]] * len(calls)


def test_enrolment_of_what_the_spec_deactivates_is_told():
    """A policy that enrols an authenticator which the same spec deactivates is the problem."""
    policy = EnrollmentPolicy(name="p", groups=["g"], authenticators={"webauthn": "OPTIONAL"}, rules=[])
    assert problems(policy, Authenticator(key="webauthn", active=False)) == [("TW0633", "authenticators")]
    assert problems(policy, Authenticator(key="webauthn")) == []

"""Each Okta type keeps the resource contract on the twin's own server."""

import pytest

from twin.address import Address
from twin.resources.call import Refused, okta
from twin.resources.okta.app_assignment import AppAssignment
from twin.resources.okta.app_oidc import AppOidc
from twin.resources.okta.app_saml import AppSaml, SamlAttribute
from twin.resources.okta.authorization_server import AccessPolicy, AuthorizationServer, Claim, Scopes, TokenRule
from twin.resources.okta.credentials import (
    Authenticator,
    EnrollmentPolicy,
    EnrollmentRule,
    PasswordPolicy,
    PasswordRule,
)
from twin.resources.okta.group import Group, GroupRule, Membership
from twin.resources.okta.network_zone import NetworkZone
from twin.resources.okta.sign_on import (
    AuthenticationPolicy,
    AuthenticationRule,
    GlobalSessionPolicy,
    GlobalSessionRule,
)
from twin.resources.okta.user import User

ADA = User(login="ada@acme.example", email="ada@acme.example", first_name="Ada", last_name="Lovelace")
GROUP = "${okta.group.eng.id}"


@pytest.fixture
def peopled(bench):
    """An org with a user and a group."""
    bench.create("ada", ADA)
    bench.create("eng", Group(name="engineering", description="who builds"))
    return bench


def test_user_lives_and_dies(bench):
    """A user is invited, changed, deactivated, brought back and deleted."""
    titled = ADA.model_copy(update={"profile": {"title": "Countess", "department": "Engines"}})
    bench.lifecycle("ada", ADA, titled, titled.model_copy(update={"active": False}), titled)


@pytest.mark.parametrize("invite", [True, False])
def test_user_is_made_without_a_password(bench, invite):
    """An active user is provisioned, in one call with an invitation and in two without one."""
    address = bench.create("ada", ADA.model_copy(update={"invite": invite}))
    assert len(bench.sent) == (1 if invite else 2)
    assert bench.observe(address, ADA).outputs["status"] == "PROVISIONED"


def test_user_half_deleted_is_still_seen(bench):
    """A user who is deactivated and not yet deleted is found by its login, for nobody else can take it."""
    address = bench.create("ada", ADA)
    bench.systems["okta"].execute(okta("POST", f"/api/v1/users/{bench.outputs[address]['id']}/lifecycle/deactivate"))
    assert bench.differences(address, ADA) == {"active": (True, False)}
    bench.change(address, ADA)


def test_group_lives_and_dies(bench):
    """A group is made, renamed and deleted; Okta's own are built in."""
    bench.lifecycle("eng", Group(name="engineering"), Group(name="builders", description="of things"))
    assert {g.fields["name"] for g in bench.read(Group) if g.builtin} >= {"Everyone"}


def test_group_rule_lives_and_dies(peopled):
    """A rule is made active, rewritten while it rests, rested, and deleted."""
    rule = GroupRule(name="engineers", expression='user.department=="Engines"', groups=[GROUP])
    other = rule.model_copy(update={"expression": 'user.department=="Looms"'})
    peopled.lifecycle("eng", rule, other, other.model_copy(update={"active": False}))


def test_membership_lives_and_dies(peopled):
    """A user joins and leaves a group."""
    peopled.lifecycle("ada", Membership(group=GROUP, user="${okta.user.ada.id}"))


def test_rogue_member_is_of_the_group_and_not_builtin(peopled):
    """Someone put into our group by hand is a member that nobody declared."""
    group, user = (peopled.outputs[a]["id"] for a in sorted(peopled.outputs, key=lambda a: a.type))
    peopled.systems["okta"].execute(okta("PUT", f"/api/v1/groups/{group}/users/{user}"))
    (rogue,) = peopled.read(Membership)
    assert (rogue.member_of, rogue.builtin) == (("okta.group", group), False)


def test_member_by_rule_is_not_rogue(peopled):
    """A member of a group that a rule fills is the rule's, unless it is declared."""
    peopled.create("eng", GroupRule(name="engineers", expression='user.lastName=="Lovelace"', groups=[GROUP]))
    (member,) = peopled.read(Membership)
    assert member.builtin
    (declared,) = peopled.read(Membership, keys={(member.fields["group"], member.fields["user"])})
    assert not declared.builtin


OIDC = AppOidc(label="portal", redirect_uris=["https://portal.acme.example/callback"])
SAML = AppSaml(
    label="aws",
    acs_url="https://signin.aws.amazon.com/saml",
    audience="urn:amazon:webservices",
    attributes=[
        SamlAttribute(name="https://aws.amazon.com/SAML/Attributes/Role", group_filter="aws_.*"),
        SamlAttribute(name="https://aws.amazon.com/SAML/Attributes/RoleSessionName", values=["user.login"]),
    ],
)


def test_oidc_app_lives_and_dies(bench):
    """An OIDC app is made, changed and deleted, and keeps its client id."""
    change = OIDC.model_copy(update={"grant_types": ["authorization_code", "refresh_token"], "note": "the portal"})
    bench.lifecycle("portal", OIDC, change)
    address = bench.create("portal", OIDC)
    bench.change(address, change)
    bench.assert_outputs(address, change)


def test_saml_app_lives_and_dies(bench):
    """A SAML app is made, changed and deleted."""
    bench.lifecycle("aws", SAML, SAML.model_copy(update={"attributes": SAML.attributes[:1], "label": "aws-prod"}))


def test_app_is_guarded_by_a_policy(bench):
    """An app takes the policy that it refers to, at creation and later."""
    for name in ("one", "two"):
        bench.create(name, AuthenticationPolicy(name=name, rules=[AuthenticationRule(name="all")]))
    first = OIDC.model_copy(update={"authentication_policy": "${okta.authentication_policy.one.id}"})
    bench.lifecycle(
        "portal", first, first.model_copy(update={"authentication_policy": "${okta.authentication_policy.two.id}"})
    )


def test_assignment_lives_and_dies(peopled):
    """A group is assigned to an app, an assignment is a member of the app."""
    peopled.create("portal", OIDC)
    peopled.lifecycle("eng", AppAssignment(app="${okta.app_oidc.portal.id}", group=GROUP))
    peopled.create("eng", AppAssignment(app="${okta.app_oidc.portal.id}", group=GROUP))
    (seen,) = peopled.read(AppAssignment)
    assert seen.member_of is not None
    assert seen.member_of[0] == "okta.app_oidc"


def test_global_session_policy_lives_and_dies(peopled):
    """A policy with rules is made; rules are changed, reordered, added and removed."""
    peopled.create("office", NetworkZone(name="office", gateways=["192.0.2.0/24"]))
    strict = GlobalSessionRule(
        name="away",
        require_mfa=True,
        mfa_prompt="ALWAYS",
        idle_minutes=30,
        exclude_zones=["${okta.network_zone.office.id}"],
    )
    easy = GlobalSessionRule(name="office", zones=["${okta.network_zone.office.id}"])
    deny = GlobalSessionRule(name="nobody", access="DENY")
    policy = GlobalSessionPolicy(name="workforce", groups=[GROUP], rules=[strict, easy])
    peopled.lifecycle(
        "workforce",
        policy,
        policy.model_copy(update={"rules": [easy, strict]}),
        policy.model_copy(update={"rules": [deny, easy.model_copy(update={"idle_minutes": 60})]}),
        policy.model_copy(update={"rules": [deny], "description": "all of us"}),
    )


def test_only_the_rule_that_differs_is_written(peopled):
    """A change of one rule costs one call."""
    rules = [GlobalSessionRule(name=name, idle_minutes=30) for name in ("a", "b", "c")]
    policy = GlobalSessionPolicy(name="workforce", groups=[GROUP], rules=rules)
    address = peopled.create("workforce", policy)
    change = policy.model_copy(update={"rules": [rules[0], rules[1].model_copy(update={"idle_minutes": 60}), rules[2]]})
    seen = peopled.observe(address, policy)
    before = len(peopled.sent)
    peopled.run(peopled.resolved(change).update(peopled.scope, address, seen, frozenset({"rules"})))
    assert len(peopled.sent) - before == 1
    assert peopled.differences(address, change) == {}


def test_policy_cut_short_is_completed(peopled):
    """A policy whose rules were not all written yet is found by its mark and gets the rest."""
    rules = [GlobalSessionRule(name=name) for name in ("a", "b")]
    policy = GlobalSessionPolicy(name="workforce", groups=[GROUP], rules=rules)
    address = peopled.create("workforce", policy.model_copy(update={"rules": rules[:1]}))
    assert set(peopled.differences(address, policy)) == {"rules"}
    peopled.change(address, policy)


def test_authentication_policy_lives_and_dies(peopled):
    """An app's policy is made and its rules are changed; Okta's last rule is left alone."""
    rule = AuthenticationRule(name="strong", phishing_resistant=True, device_bound=True, groups=[GROUP])
    policy = AuthenticationPolicy(name="console", rules=[rule])
    weak = AuthenticationRule(name="weak", factors="1FA", password=True, reauthenticate_in="PT8H", risk="LOW")
    managed = rule.model_copy(update={"device_registered": True, "device_managed": True})
    peopled.lifecycle("console", policy, policy.model_copy(update={"rules": [managed, weak]}))


def test_enrollment_policy_lives_and_dies(peopled):
    """Who enrols what is made and changed."""
    policy = EnrollmentPolicy(
        name="workforce",
        groups=[GROUP],
        authenticators={"okta_verify": "REQUIRED", "okta_password": "REQUIRED"},
        rules=[EnrollmentRule(name="at login")],
    )
    peopled.lifecycle(
        "workforce",
        policy,
        policy.model_copy(update={"authenticators": {"okta_verify": "OPTIONAL", "okta_password": "REQUIRED"}}),
        policy.model_copy(update={"rules": [EnrollmentRule(name="at login", enroll="CHALLENGE")]}),
    )


def test_password_policy_lives_and_dies(peopled):
    """How passwords must be is made and changed."""
    policy = PasswordPolicy(name="workforce", groups=[GROUP], rules=[PasswordRule(name="self service")])
    peopled.lifecycle(
        "workforce",
        policy,
        policy.model_copy(update={"min_length": 16, "symbol": 1, "max_attempts": 5, "history": 10}),
        policy.model_copy(update={"rules": [PasswordRule(name="self service", unlock="ALLOW")]}),
    )


def test_authenticator_rests_instead_of_dying(bench):
    """An authenticator is added, rested by its deletion, still there, and woken again."""
    first = Authenticator(key="google_otp")
    address = bench.create("otp", first)
    assert bench.differences(address, first) == {}
    bench.run(Authenticator.delete(bench.scope, bench.observe(address, first)))
    assert bench.differences(address, first) == {"active": (True, False)}
    assert bench.observe(address, first).builtin
    bench.change(address, first)


def test_authenticator_that_the_org_has_is_taken_over(bench):
    """An authenticator of a new org is found by its key, woken, and set without losing its other settings."""
    address = Address("okta.authenticator", "phone")
    bench.change(address, Authenticator(key="phone_number"))
    bench.change(address, Authenticator(key="phone_number", settings={"allowedFor": "recovery"}))


def test_email_is_not_rested(bench):
    """No org is without email: its deletion sends nothing."""
    seen = bench.observe(Address("okta.authenticator", "email"), Authenticator(key="okta_email"))
    before = len(bench.sent)
    bench.run(Authenticator.delete(bench.scope, seen))
    assert (seen.builtin, len(bench.sent)) == (True, before)


def test_network_zone_lives_and_dies(bench):
    """Zones of addresses and of countries are made, changed and deleted."""
    office = NetworkZone(name="office", gateways=["192.0.2.0/24", "198.51.100.1-198.51.100.9"])
    bench.lifecycle("office", office, office.model_copy(update={"gateways": ["203.0.113.0/24"]}))
    away = NetworkZone(name="away", type="DYNAMIC", countries=["KP", "IR"], usage="BLOCKLIST")
    bench.lifecycle("away", away, away.model_copy(update={"countries": ["KP"]}))


SERVER = AuthorizationServer(
    name="orders",
    description="the shop's",
    audiences=["api://orders"],
    scopes=[Scopes(name="orders.read"), Scopes(name="orders.write", description="Change orders", consent="REQUIRED")],
    claims=[
        Claim(name="team", value="user.department"),
        Claim(name="groups", token="id", value="eng", groups="STARTS_WITH"),
    ],
    policies=[
        AccessPolicy(
            name="services",
            rules=[TokenRule(name="machines", grant_types=["client_credentials"], scopes=["orders.read"])],
        )
    ],
)


def test_authorization_server_lives_and_dies(bench):
    """A server is made with scopes, claims, policies and rules; each kind changes, is added and removed."""
    policy = SERVER.policies[0]
    longer = policy.rules[0].model_copy(update={"access_token_minutes": 120})
    people = TokenRule(name="people", grant_types=["authorization_code"], scopes=["orders.read", "openid"])
    bench.lifecycle(
        "orders",
        SERVER,
        SERVER.model_copy(update={"audiences": ["api://orders/v2"]}),
        SERVER.model_copy(update={"scopes": [Scopes(name="orders.read", default=True)], "claims": SERVER.claims[:1]}),
        SERVER.model_copy(update={"policies": [policy.model_copy(update={"rules": [people, longer]})]}),
        SERVER.model_copy(update={"policies": []}),
    )


def test_group_that_exists_is_refused_by_name(peopled):
    """A second group of the same name is Okta's error, with its code."""
    with pytest.raises(Refused) as refused:
        peopled.create("other", Group(name="engineering"))
    assert refused.value.code == "E0000001"

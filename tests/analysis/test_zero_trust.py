"""Findings of zero trust over an Okta org that is read back from its endpoints; each weakness with its mended twin."""

from datetime import UTC, datetime

import pytest

from twin.analysis.zero_trust import Limits, long_sessions, roles_without_mfa, weak_apps, zero_trust
from twin.clock import VirtualClock
from twin.observe.iam.org import Door
from twin.observe.iam.workforce import workforce
from twin.observe.signon import read_sign_on
from twin.resources.call import okta
from twin.resources.okta.api import OktaSystem
from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta

URL = "https://acme.okta.com"
ROLE, PROVIDER = "arn:aws:iam::111122223333:role/admin", "arn:aws:iam::111122223333:saml-provider/okta"
RESISTANT = [{"possession": {"phishingResistant": "REQUIRED"}}]
LIMITS = {"idle_minutes": 30, "lifetime_minutes": 480}


class Acme:
    """An org with ada in the group platform, an OIDC app and a SAML app into AWS for that group."""

    def __init__(self):
        clock = VirtualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
        server = Okta(clock=clock, ids=Ids(1), org_url=URL, org_name="acme", token="00token")
        self.execute = OktaSystem(URL, "00token", handle=server.handle).execute
        profile = {"firstName": "Ada", "lastName": "P", "email": "ada@acme.example", "login": "ada@acme.example"}
        self.ada = self("POST", "/users", {"profile": profile})
        self.group = self("POST", "/groups", {"profile": {"name": "platform", "description": "x"}})
        self("PUT", f"/groups/{self.group['id']}/users/{self.ada['id']}")
        self.policy = self("POST", "/policies", {"type": "ACCESS_POLICY", "name": "Apps"})
        (self.catch_all,) = self("GET", f"/policies/{self.policy['id']}/rules")
        self.portal, self.aws = self("POST", "/apps", portal()), self("POST", "/apps", into_aws())
        for app in (self.portal, self.aws):
            self("PUT", f"/apps/{app['id']}/groups/{self.group['id']}", {})
            self("PUT", f"/apps/{app['id']}/policies/{self.policy['id']}")

    def __call__(self, method, path, body=None):
        return self.execute(okta(method, f"/api/v1{path}", body))

    def catch(self, *, access="ALLOW", factors="2FA", constraints=()):
        """Change what the catch-all rule of the apps' policy demands."""
        method = {"type": "ASSURANCE", "factorMode": factors, "constraints": list(constraints)}
        actions = {"appSignOn": {"access": access, **({"verificationMethod": method} if access == "ALLOW" else {})}}
        path = f"/policies/{self.policy['id']}/rules/{self.catch_all['id']}"
        self("PUT", path, {"name": "Catch-all Rule", "actions": actions})

    def rule(self, *, conditions=None, **demands):
        """Put a rule before the catch-all one."""
        method = {"type": "ASSURANCE", "factorMode": "2FA", **demands}
        actions = {"appSignOn": {"access": "ALLOW", "verificationMethod": method}}
        body = {"name": "special", "actions": actions} | ({"conditions": conditions} if conditions else {})
        return self("POST", f"/policies/{self.policy['id']}/rules", body)

    def sessions(self, groups, *, idle=30, lifetime=480, **signon):
        """Put a global session policy before the default one."""
        people = {"people": {"groups": {"include": groups}}}
        policy = self("POST", "/policies", {"type": "OKTA_SIGN_ON", "name": "Staff", "conditions": people})
        session = {"maxSessionIdleMinutes": idle, "maxSessionLifetimeMinutes": lifetime}
        actions = {"signon": {"access": "ALLOW", "session": session, **signon}}
        self("POST", f"/policies/{policy['id']}/rules", {"name": "sign-in", "type": "SIGN_ON", "actions": actions})

    def everyone(self):
        """Return the id of the built-in group."""
        return next(one["id"] for one in self("GET", "/groups") if one["type"] == "BUILT_IN")

    def read(self):
        """Read the org back."""
        return read_sign_on(self.execute)

    def doors(self):
        """Read the doors to AWS back."""
        return [one for one in workforce(self.execute) if isinstance(one, Door)]


def portal():
    """Return an OIDC client of people."""
    client = {"redirect_uris": ["https://portal.example/callback"], "response_types": ["code"],
              "grant_types": ["authorization_code"], "application_type": "web"}  # fmt: skip
    credentials = {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic"}}
    head = {"name": "oidc_client", "label": "Portal", "signOnMode": "OPENID_CONNECT"}
    return {**head, "credentials": credentials, "settings": {"oauthClient": client}}


def into_aws():
    """Return a SAML app whose assertion gives the group platform a role."""
    value = f'(isMemberOfGroupName("platform")) ? "{ROLE},{PROVIDER}" : ""'
    statement = {"type": "EXPRESSION", "name": "https://aws.amazon.com/SAML/Attributes/Role", "values": [value],
                 "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"}  # fmt: skip
    acs = "https://signin.aws.amazon.com/saml"
    sign_on = {
        "ssoAcsUrl": acs, "recipient": acs, "destination": acs, "audience": "urn:amazon:webservices",
        "idpIssuer": "http://www.okta.com/${org.externalKey}", "subjectNameIdTemplate": "${user.userName}",
        "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "responseSigned": True,
        "assertionSigned": True, "signatureAlgorithm": "RSA_SHA256", "digestAlgorithm": "SHA256",
        "honorForceAuthn": True, "attributeStatements": [statement],
        "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    }  # fmt: skip
    return {"label": "AWS", "signOnMode": "SAML_2_0", "settings": {"signOn": sign_on}}


@pytest.fixture
def acme():
    """A new org."""
    return Acme()


def test_an_app_that_two_weak_factors_open_is_found(acme):
    """The catch-all rule accepts what a phishing page relays, and the finding says what."""
    found = {one.subject: one for one in weak_apps(acme.read())}
    assert set(found) == {"Portal", "AWS"}
    portal = found["Portal"]
    assert (portal.policy, portal.rule, portal.people) == ("Apps", "Catch-all Rule", ("ada@acme.example",))
    assert "okta_password and okta_email" in portal.message


@pytest.mark.parametrize("mend", [{"constraints": RESISTANT}, {"access": "DENY"}])
def test_an_app_that_demands_a_resistant_factor_is_not_found(acme, mend):
    """The demand in the rule, or no way in at all, ends the finding."""
    acme.catch(**mend)
    assert list(weak_apps(acme.read())) == []


def test_one_weak_rule_among_strong_ones_is_found(acme):
    """A rule for some sign-ins only still lets somebody in."""
    acme.catch(constraints=RESISTANT)
    acme.rule(conditions={"riskScore": {"level": "LOW"}})
    assert {one.rule for one in weak_apps(acme.read())} == {"special"}


def test_a_rule_that_decides_for_nobody_is_not_found(acme):
    """A weak rule for a group without people, or below a rule for everybody, lets nobody in."""
    acme.catch(constraints=RESISTANT)
    empty = acme("POST", "/groups", {"profile": {"name": "empty", "description": "x"}})
    acme.rule(conditions={"people": {"groups": {"include": [empty["id"]]}}})
    assert list(weak_apps(acme.read())) == []
    acme("PUT", f"/groups/{empty['id']}/users/{acme.ada['id']}")
    assert {one.rule for one in weak_apps(acme.read())} == {"special"}


def test_a_rule_for_everybody_hides_the_weak_ones_below(acme):
    """What is below a rule that always fits never decides."""
    acme.rule(constraints=RESISTANT)
    assert list(weak_apps(acme.read())) == []


def test_an_alternative_that_is_weak_is_enough(acme):
    """Of two constraints one suffices, so both must resist."""
    acme.catch(constraints=[*RESISTANT, {"possession": {"deviceBound": "REQUIRED"}}])
    found = next(iter(weak_apps(acme.read())))
    assert "okta_verify" in found.message


def test_an_app_without_people_or_of_machines_is_not_found(acme):
    """Nobody signs in there."""
    acme("DELETE", f"/apps/{acme.portal['id']}/groups/{acme.group['id']}")
    assert {one.subject for one in weak_apps(acme.read())} == {"AWS"}


def test_sessions_without_an_end_are_found(acme):
    """The default policy has no lifetime; a policy with limits for everybody hides it."""
    (found,) = long_sessions(acme.read(), **LIMITS)
    assert (found.policy, found.rule) == ("Default Policy", "Default Rule")
    assert "never end by age" in found.message
    assert "120 idle minutes" in found.message
    acme.sessions([acme.everyone()])
    assert list(long_sessions(acme.read(), **LIMITS)) == []


@pytest.mark.parametrize(("idle", "lifetime", "count"), [(30, 480, 0), (31, 480, 1), (30, 481, 1), (15, 60, 0)])
def test_a_session_is_found_from_one_minute_too_many(acme, idle, lifetime, count):
    """The limits themselves are allowed."""
    acme.sessions([acme.everyone()], idle=idle, lifetime=lifetime)
    assert len(list(long_sessions(acme.read(), **LIMITS))) == count


def test_people_outside_of_the_strict_policy_are_named(acme):
    """Who is not in its groups still has the default policy's sessions."""
    acme.sessions([acme.group["id"]])
    (found,) = long_sessions(acme.read(), **LIMITS)
    assert found.people == ("admin@acme.example",)


def test_a_role_behind_one_factor_is_found(acme):
    """Neither the session nor the app asks for a second factor, so the group takes the role with one."""
    acme.catch(factors="1FA")
    (found,) = roles_without_mfa(acme.read(), acme.doors())
    assert (found.subject, found.policy, found.people) == (ROLE, "Apps", ("ada@acme.example",))
    assert "group/platform" in found.message


@pytest.mark.parametrize("where", ["app", "session"])
def test_a_second_factor_at_either_step_guards_the_role(acme, where):
    """The app's policy or the global session policy is enough."""
    acme.catch(factors="2FA" if where == "app" else "1FA")
    if where == "session":
        acme.sessions([acme.everyone()], requireFactor=True, factorPromptMode="ALWAYS")
    assert list(roles_without_mfa(acme.read(), acme.doors())) == []


def test_all_findings_come_sorted_and_as_data(acme):
    """One call gives everything, the same each time."""
    acme.catch(factors="1FA")
    limits = Limits(**LIMITS)
    found = zero_trust(acme.read(), limits, acme.doors())
    assert found == sorted(found) == zero_trust(acme.read(), limits, acme.doors())
    assert {one.as_data()["kind"] for one in found} == {
        "app-without-phishing-resistant-mfa", "session-outlives-its-limit", "aws-role-without-mfa"}  # fmt: skip

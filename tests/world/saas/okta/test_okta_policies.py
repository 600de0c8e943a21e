"""Policies and their rules, authenticators, network zones."""

import pytest

NAMES = {"OKTA_SIGN_ON": "Default Policy", "MFA_ENROLL": "Default Policy", "PASSWORD": "Default Policy",
         "ACCESS_POLICY": "Any two factors"}  # fmt: skip
SIGNON = {"signon": {"access": "ALLOW", "requireFactor": True, "factorPromptMode": "ALWAYS",
                     "session": {"maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 480}}}  # fmt: skip
STRONG = {
    "appSignOn": {
        "access": "ALLOW",
        "verificationMethod": {
            "type": "ASSURANCE",
            "factorMode": "2FA",
            "reauthenticateIn": "PT2H",
            "constraints": [{"possession": {"phishingResistant": "REQUIRED"}}],
        },
    }
}


def holds(whole, part):
    """Say whether every value of `part` is in `whole`."""
    if isinstance(part, dict):
        return all(holds(whole[name], value) for name, value in part.items())
    return whole == part


def policies(call, kind):
    """Return names and priorities of the policies of a type."""
    return [(one["name"], one["priority"]) for one in call("GET", f"/api/v1/policies?type={kind}")]


def make(call, kind="OKTA_SIGN_ON", name="Staff", **fields):
    """Create a policy."""
    return call("POST", "/api/v1/policies", {"type": kind, "name": name} | fields)


def rule_names(call, policy):
    """Return names and priorities of a policy's rules."""
    return [(one["name"], one["priority"]) for one in call("GET", f"/api/v1/policies/{policy['id']}/rules")]


@pytest.mark.parametrize(("kind", "name"), NAMES.items())
def test_a_new_org_has_system_policies_that_stay(call, kind, name):
    """Each type has its system policy with a system rule; neither can be deleted or switched off."""
    (policy,) = call("GET", f"/api/v1/policies?type={kind}")
    assert (policy["name"], policy["system"], policy["priority"]) == (name, True, 1)
    path = f"/api/v1/policies/{policy['id']}"
    (rule,) = call("GET", f"{path}/rules")
    assert rule["system"]
    assert call("GET", f"{path}/rules/{rule['id']}")["name"] == rule["name"]
    call("DELETE", path, expect=(400, "E0000001"))
    call("POST", f"{path}/lifecycle/deactivate", expect=(400, "E0000001"))
    call("DELETE", f"{path}/rules/{rule['id']}", expect=(400, "E0000001"))


def test_priorities_are_renumbered_and_the_default_stays_last(call):
    """A policy takes the place it asks for, the others move, gaps close."""
    make(call, name="A")
    b = make(call, name="B")
    make(call, name="C", priority=1)
    assert policies(call, "OKTA_SIGN_ON") == [("C", 1), ("A", 2), ("B", 3), ("Default Policy", 4)]
    call("PUT", f"/api/v1/policies/{b['id']}", {"type": "OKTA_SIGN_ON", "name": "B", "priority": 1})
    assert policies(call, "OKTA_SIGN_ON") == [("B", 1), ("C", 2), ("A", 3), ("Default Policy", 4)]
    call("DELETE", f"/api/v1/policies/{b['id']}")
    assert policies(call, "OKTA_SIGN_ON") == [("C", 1), ("A", 2), ("Default Policy", 3)]


def test_rules_keep_their_order(call):
    """The same holds for the rules of a policy; a catch-all rule stays at 99."""
    policy = make(call, "ACCESS_POLICY", "Strong")
    path = f"/api/v1/policies/{policy['id']}/rules"
    call("POST", path, {"name": "one", "type": "ACCESS_POLICY", "actions": STRONG})
    two = call("POST", path, {"name": "two", "type": "ACCESS_POLICY", "actions": STRONG, "priority": 1})
    assert rule_names(call, policy) == [("two", 1), ("one", 2), ("Catch-all Rule", 99)]
    call("POST", f"{path}/{two['id']}/lifecycle/deactivate")
    assert call("GET", f"{path}/{two['id']}")["status"] == "INACTIVE"
    call("POST", f"{path}/{two['id']}/lifecycle/activate")
    call("PUT", f"{path}/{two['id']}", {"name": "zwei", "actions": STRONG, "priority": 2})
    assert rule_names(call, policy) == [("one", 1), ("zwei", 2), ("Catch-all Rule", 99)]
    call("DELETE", f"{path}/{two['id']}")
    assert rule_names(call, policy) == [("one", 1), ("Catch-all Rule", 99)]


def test_a_policy_is_switched_off_and_on(call):
    """The list by status follows."""
    policy = make(call, "PASSWORD", "Strict", settings={"password": {"complexity": {"minLength": 14}}})
    assert policy["settings"]["password"]["complexity"]["minLength"] == 14
    assert policy["settings"]["password"]["complexity"]["minNumber"] == 1
    call("POST", f"/api/v1/policies/{policy['id']}/lifecycle/deactivate")
    assert len(call("GET", "/api/v1/policies?type=PASSWORD&status=ACTIVE")) == 1
    call("POST", f"/api/v1/policies/{policy['id']}/lifecycle/activate")
    assert call("GET", f"/api/v1/policies/{policy['id']}")["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "NONSENSE", "name": "x"},
        {"type": "OKTA_SIGN_ON"},
        {"type": "OKTA_SIGN_ON", "name": "Default Policy"},
        {"type": "OKTA_SIGN_ON", "name": "x", "conditions": {"people": {"groups": {"include": ["00gnone"]}}}},
        {"type": "ACCESS_POLICY", "name": "x", "conditions": {"people": {}}},
        {"type": "PASSWORD", "name": "x", "settings": {"password": {"complexity": {"minLength": 2}}}},
        {"type": "PASSWORD", "name": "x", "settings": {"password": {"complexity": {"minLenght": 12}}}},
        {"type": "MFA_ENROLL", "name": "x", "settings": {"type": "AUTHENTICATORS", "authenticators": [
            {"key": "okta_verify", "enroll": {"self": "REQUIRED"}}]}},
        {"type": "MFA_ENROLL", "name": "x", "settings": {"type": "AUTHENTICATORS", "authenticators": [
            {"key": "okta_password", "enroll": {"self": "REQUIRED"}}, {"key": "duo", "enroll": {"self": "OPTIONAL"}}]}},
    ],
)  # fmt: skip
def test_a_nonsense_policy_is_refused(call, body):
    """Unknown types, people, fields, limits and authenticators are refused."""
    call("POST", "/api/v1/policies", body, expect=(400, "E0000001"))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("OKTA_SIGN_ON", {"actions": {"signon": {"access": "MAYBE"}}}),
        ("OKTA_SIGN_ON", {"actions": {"signon": {"access": "ALLOW", "requireFactor": True}}}),
        ("OKTA_SIGN_ON", {"actions": {"signon": {"access": "ALLOW", "session": {
            "maxSessionIdleMinutes": 90, "maxSessionLifetimeMinutes": 60}}}}),
        ("OKTA_SIGN_ON", {"actions": SIGNON, "conditions": {"network": {"connection": "ZONE"}}}),
        ("OKTA_SIGN_ON", {"actions": SIGNON, "conditions": {"network": {"connection": "ZONE", "include": ["nzo"]}}}),
        ("OKTA_SIGN_ON", {"actions": SIGNON, "type": "PASSWORD"}),
        ("ACCESS_POLICY", {"actions": {"appSignOn": {"access": "ALLOW"}}}),
        ("ACCESS_POLICY", {"actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": {
            "type": "ASSURANCE", "factorMode": "3FA"}}}}),
        ("PASSWORD", {"actions": {"passwordChange": {"access": "PERHAPS"}}}),
        ("MFA_ENROLL", {"actions": {"enroll": {"self": "SOMETIMES"}}}),
    ],
)  # fmt: skip
def test_a_nonsense_rule_is_refused(call, kind, body):
    """Nothing is added to the policy."""
    policy = make(call, kind)
    before = rule_names(call, policy)
    call("POST", f"/api/v1/policies/{policy['id']}/rules", {"name": "bad"} | body, expect=(400, "E0000001"))
    assert rule_names(call, policy) == before


@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        ("OKTA_SIGN_ON", SIGNON),
        ("ACCESS_POLICY", STRONG),
        ("PASSWORD", {"passwordChange": {"access": "ALLOW"}, "selfServiceUnlock": {"access": "ALLOW"}}),
        ("MFA_ENROLL", {"enroll": {"self": "CHALLENGE"}}),
    ],
)
def test_a_rule_of_each_type_keeps_what_it_was_given(call, kind, actions):
    """Actions and people come back as they were sent."""
    group = call.group()
    policy = make(call, kind, **({} if kind == "ACCESS_POLICY" else {
        "conditions": {"people": {"groups": {"include": [group["id"]]}}}}))  # fmt: skip
    zone = call("POST", "/api/v1/zones", {"type": "IP", "name": "Office",
                                          "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}]})  # fmt: skip
    network = {"connection": "ZONE", "include": [zone["id"]]}
    body = {"name": "one", "actions": actions, "conditions": {"network": network}}
    rule = call("POST", f"/api/v1/policies/{policy['id']}/rules", body)
    assert rule["conditions"]["network"] == network
    assert holds(rule["actions"], actions)
    call("DELETE", f"/api/v1/zones/{zone['id']}", expect=(400, "E0000001"))


def test_the_type_of_policies_must_be_said(call):
    """Without a type the list is refused; a type that is not served is refused by name."""
    call("GET", "/api/v1/policies", expect=(400, "E0000028"))
    call("GET", "/api/v1/policies?type=IDP_DISCOVERY", expect=(400, "E0000060"))


def test_authenticators_are_switched_and_guarded_by_policies(call):
    """One that an enrolment policy offers cannot be switched off; the password never."""
    keys = {one["key"]: one for one in call("GET", "/api/v1/authenticators")}
    assert {"okta_password", "okta_email", "okta_verify", "phone_number", "webauthn"} <= set(keys)
    listed = [
        {"key": "okta_password", "enroll": {"self": "REQUIRED"}},
        {"key": "webauthn", "enroll": {"self": "OPTIONAL"}},
    ]
    make(call, "MFA_ENROLL", "Keys", settings={"type": "AUTHENTICATORS", "authenticators": listed})
    path = "/api/v1/authenticators"
    call("POST", f"{path}/{keys['webauthn']['id']}/lifecycle/deactivate", expect=(403, "E0000148"))
    call("POST", f"{path}/{keys['okta_password']['id']}/lifecycle/deactivate", expect=(400, "E0000001"))
    call("POST", f"{path}/{keys['phone_number']['id']}/lifecycle/activate")
    assert call("POST", f"{path}/{keys['okta_verify']['id']}/lifecycle/deactivate")["status"] == "INACTIVE"
    made = call("POST", path, {"key": "google_otp", "name": "Google Authenticator"})
    call("POST", path, {"key": "google_otp", "name": "again"}, expect=(409, "E0000157"))
    assert call("PUT", f"{path}/{made['id']}", {"name": "OTP", "key": "google_otp"})["name"] == "OTP"
    assert call("GET", f"{path}/{made['id']}")["name"] == "OTP"
    call("POST", path, {"key": "duo", "name": "Duo"}, expect=(400, "E0000060"))


def test_methods_of_an_authenticator_are_switched(call):
    """The last active method stays."""
    phone = next(one for one in call("GET", "/api/v1/authenticators") if one["key"] == "phone_number")
    path = f"/api/v1/authenticators/{phone['id']}/methods"
    assert {one["type"]: one["status"] for one in call("GET", path)} == {"sms": "ACTIVE", "voice": "INACTIVE"}
    call("POST", f"{path}/sms/lifecycle/deactivate", expect=(400, "E0000001"))
    call("POST", f"{path}/voice/lifecycle/activate")
    call("POST", f"{path}/sms/lifecycle/deactivate")
    assert call("GET", f"{path}/sms")["status"] == "INACTIVE"
    for one in call("GET", "/api/v1/authenticators"):
        assert call("GET", f"/api/v1/authenticators/{one['id']}/methods")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "IP", "name": "Office", "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"},
                                                      {"type": "RANGE", "value": "198.51.100.1-198.51.100.9"}]},
        {"type": "DYNAMIC", "name": "Far", "locations": [{"country": "NO", "region": None}], "asns": ["64500"]},
        {"type": "DYNAMIC_V2", "name": "Vpn", "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"]}},
    ],
)  # fmt: skip
def test_a_zone_of_each_type_lives_from_creation_to_deletion(call, body):
    """A zone is created, listed, replaced, switched and deleted."""
    zone = call("POST", "/api/v1/zones", body)
    path = f"/api/v1/zones/{zone['id']}"
    assert zone["id"].startswith("nzo")
    assert call("GET", path)["name"] == body["name"]
    assert call("PUT", path, body | {"name": "Renamed"})["name"] == "Renamed"
    assert call("POST", f"{path}/lifecycle/deactivate")["status"] == "INACTIVE"
    assert call("POST", f"{path}/lifecycle/activate")["status"] == "ACTIVE"
    call("DELETE", path)
    call("GET", path, expect=(404, "E0000007"))


@pytest.mark.parametrize(
    "change",
    [{"gateways": [{"type": "CIDR", "value": "300.1.1.0/24"}]},
     {"gateways": [{"type": "RANGE", "value": "9.9.9.9-1.1.1.1"}]},
     {"name": "BlockedIpZone"}, {"type": "CIRCLE"}, {"usage": "FUN"}, {"asns": ["64500"]}],
)  # fmt: skip
def test_a_nonsense_zone_is_refused(call, change):
    """Bad addresses, taken names and foreign fields are refused."""
    call("POST", "/api/v1/zones", {"type": "IP", "name": "x"} | change, expect=(400, "E0000001"))


def test_a_new_org_has_system_zones_that_stay(call):
    """They can be found by usage and not deleted."""
    names = {one["name"] for one in call("GET", "/api/v1/zones")}
    assert {"LegacyIpZone", "BlockedIpZone"} <= names
    blocked = call("GET", '/api/v1/zones?filter=usage eq "BLOCKLIST"')
    assert {one["name"] for one in blocked} == {"BlockedIpZone"}
    call("DELETE", f"/api/v1/zones/{blocked[0]['id']}", expect=(400, "E0000001"))

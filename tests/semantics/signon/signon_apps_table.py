"""Authentication policies of apps: which rule decides, and which methods of a user meet its assurance."""

from signon_rows import Row, app_policy, app_rule, asked, default_policy, session_policy, session_rule

PASSWORD, PUSH, TOTP, KEY = "okta_password", "okta_verify/push", "okta_verify/totp", "webauthn"
BIOMETRIC_KEY = {"key": "webauthn", "user_verification": True}
FASTPASS = {"key": "okta_verify", "method": "signed_nonce", "presence": True}
RESISTANT = {"possession": {"phishingResistant": "REQUIRED"}}
HARDWARE = {"possession": {"hardwareProtection": "REQUIRED"}}
BOUND = {"possession": {"deviceBound": "REQUIRED"}}


def app(rule, *, catch_all="ALLOW", **context):
    """Return a question about an app with one rule above its catch-all."""
    return asked(app=app_policy(rule, catch_all=catch_all), **context)


def demanded(*proved, factors="2FA", constraints=(), **more):
    """Return a question about the demands of one rule, the named methods proved just now."""
    return app(app_rule("r", factors=factors, constraints=constraints, **more), proved=list(proved))


def when(conditions, **context):
    """Return a question about the conditions of one rule."""
    return app(app_rule("r", conditions=conditions), **context)


def after(age, **more):
    """Return a question about a password and a push that were proved some seconds ago."""
    old = [{"key": "okta_password", "age": age}, {"key": "okta_verify", "method": "push", "age": age}]
    return app(app_rule("r", **more), proved=old)


HIT, MISSED = {"rule": "r"}, {"rule": "Catch-all Rule"}
YES, NO = {"demands.satisfied": True}, {"demands.satisfied": False}
NEVER = {"demands.possible": False, "demands.satisfied": False}
IOS = {"platform": {"include": [{"type": "MOBILE", "os": {"type": "IOS"}}]}}
CHAIN = {
    "type": "AUTH_METHOD_CHAIN",
    "chains": [
        {
            "authenticationMethods": [{"key": "okta_password", "method": "password"}],
            "next": [
                {"authenticationMethods": [{"key": "webauthn", "method": "webauthn", "phishingResistant": "REQUIRED"}]}
            ],
        }
    ],
}
CHAINED = {**app_rule("r"), "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": CHAIN}}}
ENGINEERS = "user.isMemberOf({'group.profile.name': 'Eng', 'operator': 'STARTS_WITH'})"

ROWS = [
    Row(
        "the catch-all rule decides when no other fits",
        "app rule",
        when({"riskScore": {"level": "LOW"}}, risk="HIGH"),
        MISSED,
    ),
    Row(
        "the catch-all rule is the last of more than a hundred",
        "priority",
        app(app_rule("r", priority=120)),
        HIT,
    ),
    Row(
        "the types and methods of a constraint may be written small",
        "app rule",
        demanded(
            PASSWORD, PUSH, constraints=[{"knowledge": {"types": ["password"]}, "possession": {"methods": ["push"]}}]
        ),
        YES,
    ),
    Row(
        "a catch-all rule may deny",
        "app rule",
        app(app_rule("r", conditions={"riskScore": {"level": "LOW"}}), catch_all="DENY", risk="HIGH"),
        MISSED | {"access": "DENY", "demands": None},
    ),
    Row(
        "a rule for a group fits its members", "app rule", when({"people": {"groups": {"include": ["00g-staff"]}}}), HIT
    ),
    Row(
        "a rule for a group does not fit others",
        "app rule",
        when({"people": {"groups": {"include": ["00g-x"]}}}),
        MISSED,
    ),
    Row(
        "an excluded group wins over an included one",
        "app rule",
        when(
            {"people": {"groups": {"include": ["00g-staff"], "exclude": ["00g-out"]}}}, groups=["00g-staff", "00g-out"]
        ),
        MISSED,
    ),
    Row("a rule for a user fits that user", "app rule", when({"people": {"users": {"include": ["00u-ada"]}}}), HIT),
    Row(
        "group and user conditions must both fit",
        "app rule",
        when({"people": {"users": {"include": ["00u-ada"]}, "groups": {"include": ["00g-x"]}}}),
        MISSED,
    ),
    Row(
        "a user type fits",
        "app rule",
        when({"userType": {"include": ["oty-a"], "exclude": []}}, user_type="oty-a"),
        HIT,
    ),
    Row(
        "an excluded user type does not",
        "app rule",
        when({"userType": {"include": [], "exclude": ["oty-a"]}}, user_type="oty-a"),
        MISSED,
    ),
    Row(
        "a registered device fits", "app rule", when({"device": {"registered": True}}, device={"registered": True}), HIT
    ),
    Row("an unknown device does not", "app rule", when({"device": {"registered": True}}), MISSED),
    Row(
        "a registered device need not be managed",
        "app rule",
        when({"device": {"registered": True, "managed": True}}, device={"registered": True}),
        MISSED,
    ),
    Row(
        "an assurance policy of the device fits",
        "app rule",
        when(
            {"device": {"registered": True, "assurance": {"include": ["dae-1"]}}},
            device={"registered": True, "assurances": ["dae-1"]},
        ),
        HIT,
    ),
    Row("a platform fits", "app rule", when(IOS, device={"platform": "IOS"}), HIT),
    Row("another platform does not", "app rule", when(IOS, device={"platform": "ANDROID"}), MISSED),
    Row(
        "any platform fits all",
        "app rule",
        when({"platform": {"include": [{"type": "ANY", "os": {"type": "ANY"}}]}}),
        HIT,
    ),
    Row("a rule without conditions fits everybody", "app rule", when(None), HIT),
    Row(
        "an expression on the profile fits",
        "expressions",
        when(
            {"elCondition": {"condition": "user.profile.department == 'Eng' && device.profile.managed == true"}},
            user={"id": "00u", "profile": {"department": "Eng"}},
            device={"managed": True},
        ),
        HIT,
    ),
    Row(
        "an expression on the risk does not",
        "expressions",
        when({"elCondition": {"condition": "security.risk.level == 'HIGH'"}}, risk="LOW"),
        MISSED,
    ),
    Row(
        "an expression on behaviors fits",
        "expressions",
        when({"elCondition": {"condition": "security.behaviors.contains('New City')"}}, behaviors=["New City"]),
        HIT,
    ),
    Row(
        "an expression on groups fits",
        "expressions",
        when({"elCondition": {"condition": ENGINEERS}}, groups=[{"id": "00g1", "name": "Engineering"}]),
        HIT,
    ),
    Row("one factor is enough for one factor", "evaluation", demanded(TOTP, factors="1FA"), YES),
    Row("one factor is not two", "evaluation", demanded(PASSWORD), NEVER),
    Row("knowledge and possession are two factors", "authenticators", demanded(PASSWORD, PUSH), YES),
    Row("two possessions are one factor", "authenticators", demanded(PUSH, "okta_email"), NEVER),
    Row("a key with biometrics is two factors by itself", "authenticators", demanded(BIOMETRIC_KEY), YES),
    Row("a key without biometrics is one", "authenticators", demanded(KEY), NEVER),
    Row("push is not phishing resistant", "authenticators", demanded(PASSWORD, PUSH, constraints=[RESISTANT]), NEVER),
    Row(
        "a security key is phishing resistant",
        "authenticators",
        demanded(PASSWORD, KEY, constraints=[RESISTANT]),
        YES | {"demands.required": ["phishingResistant"]},
    ),
    Row("FastPass is phishing resistant", "authenticators", demanded(PASSWORD, FASTPASS, constraints=[RESISTANT]), YES),
    Row(
        "a smart card meets everything by itself",
        "authenticators",
        demanded("smart_card_idp", PASSWORD, constraints=[RESISTANT | HARDWARE]),
        YES,
    ),
    Row(
        "email is not bound to a device", "authenticators", demanded(PASSWORD, "okta_email", constraints=[BOUND]), NEVER
    ),
    Row(
        "Google Authenticator is bound to a device",
        "authenticators",
        demanded(PASSWORD, "google_otp", constraints=[BOUND]),
        YES,
    ),
    Row(
        "a one-time code is not protected by hardware",
        "authenticators",
        demanded(PASSWORD, TOTP, constraints=[HARDWARE]),
        NEVER,
    ),
    Row(
        "Okta Verify keeps its key in hardware", "authenticators", demanded(PASSWORD, PUSH, constraints=[HARDWARE]), YES
    ),
    Row(
        "Okta Verify without such hardware does not",
        "authenticators",
        demanded(PASSWORD, {"key": "okta_verify", "method": "push", "hardware": False}, constraints=[HARDWARE]),
        NEVER,
    ),
    Row(
        "one of the constraints is enough", "evaluation", demanded(PASSWORD, PUSH, constraints=[RESISTANT, BOUND]), YES
    ),
    Row(
        "knowledge and possession of one constraint must both hold",
        "evaluation",
        demanded(BIOMETRIC_KEY, constraints=[{"knowledge": {"types": ["PASSWORD"]}, **RESISTANT}]),
        NEVER,
    ),
    Row(
        "a listed method fits",
        "evaluation",
        demanded(PASSWORD, PUSH, constraints=[{"possession": {"methods": ["PUSH"]}}]),
        YES,
    ),
    Row(
        "a method that is not listed does not",
        "evaluation",
        demanded(PASSWORD, TOTP, constraints=[{"possession": {"methods": ["PUSH"]}}]),
        NEVER,
    ),
    Row(
        "an excluded authenticator does not help",
        "evaluation",
        demanded(
            PASSWORD,
            "phone_number/sms",
            constraints=[
                {"possession": {"required": False, "excludedAuthenticationMethods": [{"key": "phone_number"}]}}
            ],
        ),
        NEVER,
    ),
    Row(
        "an authenticator that is not excluded does",
        "evaluation",
        demanded(
            PASSWORD,
            PUSH,
            constraints=[
                {"possession": {"required": False, "excludedAuthenticationMethods": [{"key": "phone_number"}]}}
            ],
        ),
        YES,
    ),
    Row(
        "presence is demanded unless it is optional",
        "evaluation",
        demanded(PASSWORD, "okta_verify/signed_nonce", constraints=[{"possession": {"userPresence": "REQUIRED"}}]),
        NEVER,
    ),
    Row(
        "presence may be optional",
        "evaluation",
        demanded(PASSWORD, "okta_verify/signed_nonce", constraints=[{"possession": {"userPresence": "OPTIONAL"}}]),
        YES,
    ),
    Row(
        "user verification needs biometrics or a PIN",
        "evaluation",
        demanded(PASSWORD, KEY, constraints=[{"possession": {"userVerification": "REQUIRED"}}]),
        NEVER,
    ),
    Row("within the interval nobody proves again", "evaluation", after(7200, reauthenticateIn="PT2H"), YES),
    Row(
        "after the interval the user proves again",
        "evaluation",
        after(7201, reauthenticateIn="PT2H"),
        NO | {"demands.possible": True},
    ),
    Row("every sign-in means now", "evaluation", after(1, reauthenticateIn="PT0S"), NO),
    Row(
        "the interval of a constraint comes first",
        "evaluation",
        after(60, reauthenticateIn="PT2H", constraints=[{"possession": {"reauthenticateIn": "PT0S"}}]),
        NO,
    ),
    Row("without an interval a proof holds", "evaluation", after(10**6), YES),
    Row("a chain is walked to its end", "evaluation", app(CHAINED, proved=[PASSWORD, KEY]), YES),
    Row("a chain without its second step is not", "evaluation", app(CHAINED, proved=[PASSWORD, PUSH]), NEVER),
    Row(
        "the app is not asked where the session is denied",
        "session rule",
        asked([session_policy("P", session_rule("no", access="DENY"))], app=app_policy()),
        {"access": "DENY", "rule": "no", "app": None},
    ),
    Row(
        "the app may deny what the session allows",
        "session rule",
        asked([default_policy()], app=app_policy(catch_all="DENY")),
        {"access": "DENY", "rule": "Default Rule", "app.access": "DENY"},
    ),
    Row(
        "the app's demands stand beside those of the session",
        "session rule",
        asked([default_policy()], app=app_policy(app_rule("r", constraints=[RESISTANT])), proved=[PASSWORD]),
        {"access": "ALLOW", "demands.satisfied": True, "app.rule": "r", "app.demands.satisfied": False},
    ),
]

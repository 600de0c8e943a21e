"""What each type of policy and policy rule may hold, and what it holds when nothing is said.

Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/
"""

import copy
from typing import Any

from twin.world.saas.okta.shapes import (
    IDS,
    READ_ONLY,
    STATUS,
    Check,
    anything,
    boolean,
    choice,
    integer,
    listing,
    nullable,
    open_record,
    record,
    text,
)

TYPES = ("OKTA_SIGN_ON", "ACCESS_POLICY", "MFA_ENROLL", "PASSWORD")
RULE_TYPE = {"OKTA_SIGN_ON": "SIGN_ON"} | {kind: kind for kind in TYPES[1:]}
DURATION = text(least=2, pattern=r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?")
EITHER = record(include=IDS, exclude=IDS)
PEOPLE = record(groups=EITHER, users=EITHER)
NETWORK = record("connection", connection=choice("ANYWHERE", "ZONE"), include=IDS, exclude=IDS)

RECOVERY_FACTOR = record(status=STATUS, properties=open_record())
PASSWORD_SETTINGS = record(
    password=record(
        complexity=record(
            minLength=integer(4, 72),
            minLowerCase=integer(0, 1),
            minUpperCase=integer(0, 1),
            minNumber=integer(0, 1),
            minSymbol=integer(0, 1),
            excludeUsername=boolean,
            excludeAttributes=listing(choice("firstName", "lastName")),
            maxConsecutiveCharacters=integer(1, 72),
            dictionary=record(common=record(exclude=boolean)),
            oelStatement=text(),
        ),
        age=record(
            maxAgeDays=integer(0, 999),
            expireWarnDays=integer(0, 999),
            minAgeMinutes=integer(),
            historyCount=integer(0, 30),
        ),
        lockout=record(
            maxAttempts=integer(0, 100),
            autoUnlockMinutes=integer(),
            showLockoutFailures=boolean,
            userLockoutNotificationChannels=listing(choice("EMAIL")),
        ),
        breachedProtection=open_record(),
    ),
    recovery=record(
        factors=record(
            recovery_question=RECOVERY_FACTOR,
            okta_email=RECOVERY_FACTOR,
            okta_sms=RECOVERY_FACTOR,
            okta_call=RECOVERY_FACTOR,
        )
    ),
    delegation=record(options=record(skipUnlock=boolean)),
)
ENROLMENT = record(
    "key enroll",
    key=text(least=1),
    id=text(),
    constraints=nullable(record(aaguidGroups=IDS)),
    enroll=record(
        "self", self_=choice("NOT_ALLOWED", "OPTIONAL", "REQUIRED"), gracePeriod=anything, autoEnroll=anything
    ),
)
COMMON: dict[str, Check] = READ_ONLY | {
    "name": text(least=1, most=50),
    "description": text(most=255),
    "type": choice(*TYPES),
    "priority": integer(1, 10_000),
    "status": STATUS,
}
PEOPLE_ONLY = record(people=PEOPLE)
POLICY: dict[str, Check] = {
    "OKTA_SIGN_ON": record("name type", **COMMON, conditions=PEOPLE_ONLY),
    "ACCESS_POLICY": record("name type", **COMMON, conditions=nullable(record())),
    "MFA_ENROLL": record(
        "name type",
        **COMMON,
        conditions=PEOPLE_ONLY,
        settings=record(type=choice("AUTHENTICATORS"), authenticators=listing(ENROLMENT)),
    ),
    "PASSWORD": record(
        "name type",
        **COMMON,
        conditions=record(
            people=PEOPLE,
            authProvider=record("provider", provider=choice("OKTA", "ACTIVE_DIRECTORY", "LDAP", "ANY"), include=IDS),
        ),
        settings=PASSWORD_SETTINGS,
    ),
}

SIGNON = record(
    "access",
    access=choice("ALLOW", "DENY"),
    requireFactor=boolean,
    factorPromptMode=choice("ALWAYS", "DEVICE", "SESSION"),
    factorLifetime=integer(),
    primaryFactor=choice("PASSWORD_IDP", "PASSWORD_IDP_ANY_FACTOR"),
    rememberDeviceByDefault=boolean,
    session=record(usePersistentCookie=boolean, maxSessionIdleMinutes=integer(1), maxSessionLifetimeMinutes=integer(0)),
)
CONSTRAINT = record(
    types=listing(choice("SECURITY_KEY", "PHONE", "EMAIL", "PASSWORD", "SECURITY_QUESTION", "APP", "FEDERATED")),
    methods=listing(
        choice(
            "PASSWORD", "SECURITY_QUESTION", "SMS", "VOICE", "EMAIL", "PUSH", "SIGNED_NONCE", "OTP", "TOTP", "WEBAUTHN",
            "DUO", "IDP", "CERT",
        )
    ),
    reauthenticateIn=DURATION,
    required=boolean,
    authenticationMethods=listing(record("key method", key=text(), method=text(), id=text())),
    excludedAuthenticationMethods=listing(record("key", key=text(), method=text(), id=text())),
    **dict.fromkeys(
        ("deviceBound", "hardwareProtection", "phishingResistant", "userPresence", "userVerification"),
        choice("OPTIONAL", "REQUIRED"),
    ),
    userVerificationMethods=listing(choice("BIOMETRICS", "PIN")),
)  # fmt: skip
ASSURANCE = record(
    "type factorMode",
    type=choice("ASSURANCE"),
    factorMode=choice("1FA", "2FA"),
    reauthenticateIn=DURATION,
    inactivityPeriod=DURATION,
    constraints=listing(record(knowledge=CONSTRAINT, possession=CONSTRAINT)),
)
APP_SIGN_ON = record(
    "access", access=choice("ALLOW", "DENY"), verificationMethod=ASSURANCE, keepMeSignedIn=open_record()
)
ACCESS = record("access", access=choice("ALLOW", "DENY"))
RESET = record("access", access=choice("ALLOW", "DENY"), requirement=open_record(), type=text(), settings=anything)
RULE_COMMON: dict[str, Check] = READ_ONLY | {
    "name": text(least=1, most=50),
    "type": choice(*RULE_TYPE.values()),
    "priority": integer(0, 10_000),
    "status": STATUS,
}
RULE: dict[str, Check] = {
    "OKTA_SIGN_ON": record(
        "name actions",
        **RULE_COMMON,
        actions=record("signon", signon=SIGNON),
        conditions=record(
            people=PEOPLE,
            network=NETWORK,
            authContext=record("authType", authType=choice("ANY", "RADIUS", "LDAP_INTERFACE")),
            risk=open_record(),
            riskScore=record("level", level=choice("ANY", "LOW", "MEDIUM", "HIGH")),
            identityProvider=open_record(),
            behaviors=open_record(),
        ),
    ),
    "ACCESS_POLICY": record(
        "name actions",
        **RULE_COMMON,
        actions=record("appSignOn", appSignOn=APP_SIGN_ON),
        conditions=nullable(
            record(
                people=PEOPLE,
                network=NETWORK,
                riskScore=record("level", level=choice("ANY", "LOW", "MEDIUM", "HIGH")),
                userType=EITHER,
                elCondition=nullable(record("condition", condition=text(least=1))),
                platform=open_record(),
                device=open_record(),
            )
        ),
    ),
    "MFA_ENROLL": record(
        "name",
        **RULE_COMMON,
        actions=record(enroll=record("self", self_=choice("CHALLENGE", "LOGIN", "NEVER", "NEVER_INCLUDING_RECOVERY"))),
        conditions=record(people=PEOPLE, network=NETWORK, app=open_record()),
    ),
    "PASSWORD": record(
        "name actions",
        **RULE_COMMON,
        actions=record(passwordChange=ACCESS, selfServicePasswordReset=RESET, selfServiceUnlock=ACCESS),
        conditions=record(people=PEOPLE, network=NETWORK),
    ),
}

PASSWORD_DEFAULTS: dict[str, Any] = {
    "password": {
        "complexity": {
            "minLength": 8,
            "minLowerCase": 1,
            "minUpperCase": 1,
            "minNumber": 1,
            "minSymbol": 0,
            "excludeUsername": True,
            "dictionary": {"common": {"exclude": False}},
            "excludeAttributes": [],
        },
        "age": {"maxAgeDays": 0, "expireWarnDays": 0, "minAgeMinutes": 0, "historyCount": 4},
        "lockout": {
            "maxAttempts": 10,
            "autoUnlockMinutes": 0,
            "userLockoutNotificationChannels": [],
            "showLockoutFailures": False,
        },
    },
    "recovery": {
        "factors": {
            "recovery_question": {
                "status": "ACTIVE",
                "properties": {"complexity": {"minLength": 4}},
            },
            "okta_email": {"status": "ACTIVE", "properties": {"recoveryToken": {"tokenLifetimeMinutes": 60}}},
            "okta_sms": {"status": "INACTIVE"},
            "okta_call": {"status": "INACTIVE"},
        }
    },
    "delegation": {"options": {"skipUnlock": False}},
}
ANYWHERE: dict[str, Any] = {"people": {"users": {"exclude": []}}, "network": {"connection": "ANYWHERE"}}
RULE_DEFAULTS: dict[str, dict[str, Any]] = {
    "OKTA_SIGN_ON": {
        "conditions": ANYWHERE | {"authContext": {"authType": "ANY"}},
        "actions": {
            "signon": {
                "access": "ALLOW",
                "requireFactor": False,
                "primaryFactor": "PASSWORD_IDP_ANY_FACTOR",
                "rememberDeviceByDefault": False,
                "session": {
                    "usePersistentCookie": False,
                    "maxSessionIdleMinutes": 120,
                    "maxSessionLifetimeMinutes": 0,
                },
            }
        },
    },
    "ACCESS_POLICY": {"conditions": None, "actions": {}},
    "MFA_ENROLL": {"conditions": ANYWHERE, "actions": {"enroll": {"self": "LOGIN"}}},
    "PASSWORD": {
        "conditions": ANYWHERE,
        "actions": {
            "passwordChange": {"access": "ALLOW"},
            "selfServicePasswordReset": {"access": "ALLOW"},
            "selfServiceUnlock": {"access": "DENY"},
        },
    },
}


def filled(defaults: Any, given: Any) -> Any:
    """Return `given` over a copy of `defaults`, object by object; a list replaces the default whole."""
    if isinstance(defaults, dict) and isinstance(given, dict):
        names = [*defaults, *(name for name in given if name not in defaults)]
        return {name: filled(defaults.get(name), given.get(name)) for name in names}
    return copy.deepcopy(defaults if given is None else given)

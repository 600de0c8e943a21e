"""Global session policies: which rule decides, where requests come from, what the session demands."""

from signon_rows import Row, asked, cidr, default_policy, network, session_policy, session_rule, zone

OFFICE = zone("office", gateways=cidr("192.0.2.0/24"))
HOME = zone("home", gateways=[{"type": "RANGE", "value": "198.51.100.10-198.51.100.20"}])
DENY_OUTSIDE = session_rule("outside", access="DENY", conditions=network(exclude=["office"]))
STAFF, ADMINS = session_rule("staff"), session_rule("admins", requireFactor=True, factorPromptMode="ALWAYS")
DECIDES = {"policy": "Default Policy", "rule": "Default Rule"}


def signed(rule, **context):
    """Return a question that one rule decides, or else the default."""
    return asked([session_policy("P", rule), default_policy()], **context)


def in_zone(one, **context):
    """Return a question whose rule asks for one zone."""
    return signed(session_rule("in", conditions=network(one["name"])), zones=[one], **context)


def hit(name):
    """Return the expectation that a rule of the policy P decides."""
    return {"policy": "P", "rule": name}


US = zone("us", "DYNAMIC", locations=[{"country": "US"}])
CALIFORNIA = zone("ca", "DYNAMIC", locations=[{"country": "US", "region": "US-CA"}])
TOR = zone("tor", "DYNAMIC", proxyType="Tor")
VPN = zone("vpn", "DYNAMIC_V2", ipServiceCategories={"include": ["NORD_VPN"], "exclude": []})
NOT_US = zone("not-us", "DYNAMIC_V2", locations={"include": [], "exclude": [{"country": "US"}]})
BLOCKED = zone("blocked", gateways=cidr("203.0.113.0/24"), usage="BLOCKLIST")
EXEMPT = zone("exempt", gateways=cidr("203.0.113.7/32"), useAsExemptList=True)
PROXIED = zone("proxied", gateways=cidr("192.0.2.0/24"), proxies=cidr("203.0.113.0/24"))
MFA = {"requireFactor": True, "factorPromptMode": "ALWAYS"}
DEVICE = {"requireFactor": True, "factorPromptMode": "DEVICE"}
LIFETIME = {"requireFactor": True, "factorPromptMode": "SESSION", "factorLifetime": 15}
BOTH = ["okta_password", "okta_verify/push"]

ROWS = [
    Row(
        "the first policy whose group has the user decides",
        "evaluation",
        asked([session_policy("Staff", STAFF, groups=["00g-staff"]), default_policy()]),
        {"policy": "Staff"},
    ),
    Row(
        "a policy for other groups is passed over",
        "evaluation",
        asked([session_policy("Admins", ADMINS, groups=["00g-admins"]), default_policy()]),
        DECIDES,
    ),
    Row(
        "of two policies that fit the higher priority decides",
        "priority",
        asked([session_policy("Low", STAFF, priority=2), session_policy("High", ADMINS, priority=1), default_policy()]),
        {"policy": "High", "rule": "admins"},
    ),
    Row(
        "a policy without a rule that fits leaves it to the next policy",
        "evaluation",
        asked(
            [session_policy("P", session_rule("in", conditions=network("office"))), default_policy()],
            zones=[OFFICE],
            ip="198.51.100.1",
        ),
        DECIDES,
    ),
    Row(
        "the first rule that fits decides",
        "priority",
        asked(
            [session_policy("P", session_rule("two", priority=2), session_rule("one", priority=1)), default_policy()]
        ),
        hit("one"),
    ),
    Row(
        "the default policy is the last whatever its priority says",
        "priority",
        asked([{**default_policy(), "priority": 1}, session_policy("P", STAFF, priority=5)]),
        {"policy": "P"},
    ),
    Row(
        "an inactive rule is passed over",
        "evaluation",
        asked([session_policy("P", session_rule("off", status="INACTIVE"), session_rule("on", priority=2))]),
        hit("on"),
    ),
    Row(
        "an inactive policy is passed over",
        "evaluation",
        asked([session_policy("P", STAFF, status="INACTIVE"), default_policy()]),
        DECIDES,
    ),
    Row(
        "a rule that denies ends the evaluation",
        "evaluation",
        asked([session_policy("P", DENY_OUTSIDE, session_rule("in", priority=2))], zones=[OFFICE], ip="198.51.100.1"),
        hit("outside") | {"access": "DENY", "demands": None, "session": None},
    ),
    Row(
        "inside the zone the rule for outsiders does not fit",
        "session rule",
        asked([session_policy("P", DENY_OUTSIDE, session_rule("in", priority=2))], zones=[OFFICE], ip="192.0.2.9"),
        hit("in") | {"access": "ALLOW"},
    ),
    Row("the default rule lets everybody in", "session rule", asked([default_policy()]), DECIDES | {"access": "ALLOW"}),
    Row(
        "an excluded user is not the rule's",
        "session rule",
        signed(session_rule("r", conditions={"people": {"users": {"exclude": ["00u-ada"]}}})),
        DECIDES,
    ),
    Row(
        "another excluded user does not matter",
        "session rule",
        signed(session_rule("r", conditions={"people": {"users": {"exclude": ["00u-bob"]}}})),
        hit("r"),
    ),
    Row(
        "anywhere fits every address",
        "session rule",
        signed(session_rule("r", conditions={"network": {"connection": "ANYWHERE"}}), ip="203.0.113.1"),
        hit("r"),
    ),
    Row("an address within a block is in the zone", "zones", in_zone(OFFICE, ip="192.0.2.255"), hit("in")),
    Row("an address beside the block is not", "zones", in_zone(OFFICE, ip="192.0.3.0"), DECIDES),
    Row("an address within a range is in the zone", "zones", in_zone(HOME, ip="198.51.100.20"), hit("in")),
    Row("an address beside the range is not", "zones", in_zone(HOME, ip="198.51.100.21"), DECIDES),
    Row("an inactive zone holds nobody", "zones", in_zone({**OFFICE, "status": "INACTIVE"}, ip="192.0.2.9"), DECIDES),
    Row(
        "a trusted proxy is not the client", "zones", in_zone(PROXIED, ip_chain=["192.0.2.9", "203.0.113.5"]), hit("in")
    ),
    Row("an unknown proxy is the client", "zones", in_zone(PROXIED, ip_chain=["192.0.2.9", "198.51.100.5"]), DECIDES),
    Row(
        "all zones fits any zone",
        "session rule",
        signed(
            session_rule("r", conditions={"network": {"connection": "ZONE", "include": ["ALL_ZONES"]}}),
            zones=[OFFICE],
            ip="192.0.2.9",
        ),
        hit("r"),
    ),
    Row(
        "all zones does not fit an address outside of all",
        "session rule",
        signed(
            session_rule("r", conditions={"network": {"connection": "ZONE", "include": ["ALL_ZONES"]}}),
            zones=[OFFICE],
            ip="198.51.100.1",
        ),
        DECIDES,
    ),
    Row(
        "a country without a region is the whole country",
        "dynamic zones",
        in_zone(US, location={"country": "US", "region": "CA"}),
        hit("in"),
    ),
    Row(
        "a country with a region is that region only",
        "dynamic zones",
        in_zone(CALIFORNIA, location={"country": "US", "region": "NY"}),
        DECIDES,
    ),
    Row(
        "the region of the zone fits",
        "dynamic zones",
        in_zone(CALIFORNIA, location={"country": "US", "region": "CA"}),
        hit("in"),
    ),
    Row(
        "a zone without locations is everywhere",
        "dynamic zones",
        in_zone(zone("asn", "DYNAMIC", asns=["64500"]), asn="64500", location={"country": "FR"}),
        hit("in"),
    ),
    Row(
        "another network is outside",
        "dynamic zones",
        in_zone(zone("asn", "DYNAMIC", asns=["64500"]), asn="64501"),
        DECIDES,
    ),
    Row(
        "any proxy includes Tor",
        "dynamic zones",
        in_zone(zone("p", "DYNAMIC", proxyType="Any"), proxy="Tor"),
        hit("in"),
    ),
    Row("Tor is not another anonymizer", "dynamic zones", in_zone(TOR, proxy="NotTorAnonymizer"), DECIDES),
    Row("no proxy is not Tor", "dynamic zones", in_zone(TOR, ip="192.0.2.1"), DECIDES),
    Row(
        "a service category is in the enhanced zone",
        "enhanced zones",
        in_zone(VPN, ip_services=["NORD_VPN"]),
        hit("in"),
    ),
    Row("another category is not", "enhanced zones", in_zone(VPN, ip_services=["GOOGLE_VPN"]), DECIDES),
    Row(
        "an excluded place is outside the enhanced zone",
        "enhanced zones",
        in_zone(NOT_US, location={"country": "US"}),
        DECIDES,
    ),
    Row("every other place is inside", "enhanced zones", in_zone(NOT_US, location={"country": "FR"}), hit("in")),
    Row(
        "a blocklist forbids before any policy",
        "enhanced zones",
        asked([default_policy()], zones=[BLOCKED], ip="203.0.113.7"),
        {"access": "DENY", "policy": None, "rule": None},
    ),
    Row(
        "a blocklist leaves others alone",
        "enhanced zones",
        asked([default_policy()], zones=[BLOCKED], ip="192.0.2.7"),
        DECIDES | {"access": "ALLOW"},
    ),
    Row(
        "an exempt zone lets in what a blocklist forbids",
        "enhanced zones",
        asked([default_policy()], zones=[BLOCKED, EXEMPT], ip="203.0.113.7"),
        DECIDES | {"access": "ALLOW"},
    ),
    Row(
        "a risk level limits the rule to that level",
        "session rule",
        signed(session_rule("r", conditions={"riskScore": {"level": "HIGH"}}), risk="MEDIUM"),
        DECIDES,
    ),
    Row(
        "the risk level fits",
        "session rule",
        signed(session_rule("r", conditions={"riskScore": {"level": "HIGH"}}), risk={"level": "HIGH"}),
        hit("r"),
    ),
    Row(
        "one of several behaviors is enough",
        "behaviors",
        signed(
            session_rule("r", conditions={"risk": {"behaviors": ["New City", "New Device"]}}), behaviors=["New Device"]
        ),
        hit("r"),
    ),
    Row(
        "without a behavior the rule does not fit",
        "behaviors",
        signed(session_rule("r", conditions={"risk": {"behaviors": ["New City"]}}), behaviors=["New IP"]),
        DECIDES,
    ),
    Row(
        "an entry point limits the rule",
        "session rule",
        signed(session_rule("r", conditions={"authContext": {"authType": "RADIUS"}})),
        DECIDES,
    ),
    Row(
        "the entry point fits",
        "session rule",
        signed(session_rule("r", conditions={"authContext": {"authType": "RADIUS"}}), auth_type="RADIUS"),
        hit("r"),
    ),
    Row(
        "a specific identity provider fits",
        "session rule",
        signed(
            session_rule("r", conditions={"identityProvider": {"provider": "SPECIFIC_IDP", "idpIds": ["0oa-x"]}}),
            identity_provider="0oa-x",
        ),
        hit("r"),
    ),
    Row(
        "another identity provider does not",
        "session rule",
        signed(session_rule("r", conditions={"identityProvider": {"provider": "OKTA"}}), identity_provider="0oa-x"),
        DECIDES,
    ),
    Row(
        "a session defaults to two hours idle and no end",
        "evaluation",
        signed(session_rule("r")),
        {"session": {"idle_minutes": 120, "lifetime_minutes": None, "persistent_cookie": False, "alive": None}},
    ),
    Row(
        "a session lives while it is used",
        "evaluation",
        signed(
            session_rule("r", session={"maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 480}),
            session={"age": 7 * 3600, "idle": 600},
        ),
        {"session": {"idle_minutes": 60, "lifetime_minutes": 480, "persistent_cookie": False, "alive": True}},
    ),
    Row(
        "a session dies of idleness",
        "evaluation",
        signed(session_rule("r", session={"maxSessionIdleMinutes": 60}), session={"age": 7200, "idle": 3600}),
        {"session": {"idle_minutes": 60, "lifetime_minutes": None, "persistent_cookie": False, "alive": False}},
    ),
    Row(
        "a session dies of age however much it is used",
        "evaluation",
        signed(
            session_rule("r", session={"maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 480}),
            session={"age": 8 * 3600, "idle": 0},
        ),
        {"session": {"idle_minutes": 60, "lifetime_minutes": 480, "persistent_cookie": False, "alive": False}},
    ),
    Row(
        "a second factor is demanded at every sign-in",
        "session rule",
        signed(session_rule("r", **MFA), factors=BOTH, proved=["okta_password"], device={"remembered": True}),
        {"demands.factors": 2, "demands.prompted": True, "demands.satisfied": False, "demands.possible": True},
    ),
    Row(
        "a second factor that was given satisfies",
        "session rule",
        signed(session_rule("r", **MFA), proved=BOTH),
        {"demands.satisfied": True},
    ),
    Row(
        "two factors of one kind are one factor",
        "authenticators",
        signed(session_rule("r", **MFA), proved=["okta_password", "security_question"]),
        {"demands.possible": False, "demands.satisfied": False},
    ),
    Row(
        "a remembered device is not asked again",
        "session rule",
        signed(session_rule("r", **DEVICE), proved=["okta_password"], device={"remembered": True}),
        {"demands.prompted": False, "demands.satisfied": True},
    ),
    Row(
        "a new device is asked",
        "session rule",
        signed(session_rule("r", **DEVICE), proved=["okta_password"]),
        {"demands.prompted": True, "demands.satisfied": False},
    ),
    Row(
        "within the factor lifetime nobody is asked",
        "session rule",
        signed(
            session_rule("r", **LIFETIME),
            session={"age": 900},
            proved=["okta_password", {"key": "okta_verify", "method": "push", "age": 900}],
        ),
        {"demands.prompted": False},
    ),
    Row(
        "after the factor lifetime the user is asked again",
        "session rule",
        signed(
            session_rule("r", **LIFETIME),
            session={"age": 1000},
            proved=["okta_password", {"key": "okta_verify", "method": "push", "age": 901}],
        ),
        {"demands.prompted": True},
    ),
    Row(
        "any factor opens the session where the rule says so",
        "evaluation",
        signed(session_rule("r", primaryFactor="PASSWORD_IDP_ANY_FACTOR"), proved=["webauthn"]),
        {"demands.satisfied": True},
    ),
    Row(
        "only the password opens the session where the rule says so",
        "evaluation",
        signed(session_rule("r", primaryFactor="PASSWORD_IDP"), proved=["webauthn"]),
        {"demands.satisfied": False},
    ),
]

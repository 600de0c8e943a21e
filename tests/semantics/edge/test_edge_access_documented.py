"""What Cloudflare documents: whom Access lets in; each case with its page."""

import hashlib

from edge_cases import DOCS, HOST, PHASES, access, ask, asked, documented, holds, rule, waf, zone

from twin.semantics.edge import Identity
from twin.semantics.edge.configuration import Access

ACCESS = f"{DOCS}/cloudflare-one/policies/access/"
SECRET = "s" * 64
TOKEN = {
    "id": "token-1",
    "name": "ci",
    "expires_at": 1_000_000_500.0,
    "secret": hashlib.sha256(SECRET.encode()).hexdigest(),
}
CARRIED = {"cf-access-client-id": "ci.access", "cf-access-client-secret": SECRET}
ADA = Identity("ada@example.com", groups=("staff",), methods=("pwd", "hwk"), provider="okta-1")

# (name, page, zone, requests, origin, expected attributes of the last visit)
CASES = [
    (
        "access-sends-strangers-to-the-login",
        ACCESS,
        zone(access=access({"decision": "allow"})),
        [asked("/a")],
        None,
        {"status": 302},
    ),
    (
        "access-allows-a-member",
        ACCESS,
        zone(access=access({"decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]})),
        [asked(identity=ADA)],
        None,
        {"status": 200},
    ),
    (
        "access-denies-who-matches-nothing",
        ACCESS,
        zone(access=access({"decision": "allow", "include": [{"email": {"email": "ben@example.com"}}]})),
        [asked(identity=ADA)],
        None,
        {"status": 403},
    ),
    (
        "access-exclude-goes-before-include",
        ACCESS,
        zone(access=access({"decision": "allow", "exclude": [{"email": {"email": "ada@example.com"}}]})),
        [asked(identity=ADA)],
        None,
        {"status": 403},
    ),
    (
        "access-require-must-hold-too",
        ACCESS,
        zone(
            access=access(
                {
                    "decision": "allow",
                    "require": [{"auth_method": {"auth_method": "hwk"}}, {"geo": {"country_code": "SE"}}],
                }
            )
        ),
        [asked(identity=ADA, country="DE")],
        None,
        {"status": 403},
    ),
    (
        "access-require-holds",
        ACCESS,
        zone(
            access=access(
                {
                    "decision": "allow",
                    "require": [{"auth_method": {"auth_method": "hwk"}}, {"geo": {"country_code": "SE"}}],
                }
            )
        ),
        [asked(identity=ADA, country="SE")],
        None,
        {"status": 200},
    ),
    (
        "access-asks-for-a-group-of-the-provider",
        ACCESS,
        zone(
            access=access(
                {"decision": "allow", "include": [{"okta": {"name": "staff", "identity_provider_id": "okta-1"}}]}
            )
        ),
        [asked(identity=ADA)],
        None,
        {"status": 200},
    ),
    (
        "access-group-of-another-provider-does-not-count",
        ACCESS,
        zone(access=access({"decision": "allow", "include": [{"okta": {"name": "staff", "connection_id": "okta-2"}}]})),
        [asked(identity=ADA)],
        None,
        {"status": 403},
    ),
    (
        "access-bypass-needs-no-identity",
        ACCESS,
        zone(
            access=access({"decision": "allow"}, {"decision": "bypass", "include": [{"ip": {"ip": "203.0.113.0/24"}}]})
        ),
        [asked()],
        None,
        {"status": 200},
    ),
    (
        "access-block-before-allow",
        ACCESS,
        zone(access=access({"decision": "deny"}, {"decision": "allow"})),
        [asked(identity=ADA)],
        None,
        {"status": 403},
    ),
    (
        "access-takes-a-service-token",
        f"{DOCS}/cloudflare-one/identity/service-tokens/",
        zone(
            access=Access(
                apps=access({"decision": "non_identity", "include": [{"service_token": {"token_id": "token-1"}}]}).apps,
                service_tokens={"ci.access": TOKEN},
            )
        ),
        [asked(headers=CARRIED)],
        None,
        {"status": 200},
    ),
    (
        "access-refuses-an-expired-service-token",
        f"{DOCS}/cloudflare-one/identity/service-tokens/",
        zone(
            access=Access(
                apps=access({"decision": "non_identity", "include": [{"any_valid_service_token": {}}]}).apps,
                service_tokens={"ci.access": TOKEN},
            )
        ),
        [asked(headers=CARRIED, at=1_000_000_500.0)],
        None,
        {"status": 403},
    ),
    (
        "access-refuses-a-wrong-secret",
        f"{DOCS}/cloudflare-one/identity/service-tokens/",
        zone(
            access=Access(
                apps=access({"decision": "non_identity", "include": [{"any_valid_service_token": {}}]}).apps,
                service_tokens={"ci.access": TOKEN},
            )
        ),
        [asked(headers={**CARRIED, "cf-access-client-secret": "x"})],
        None,
        {"status": 403},
    ),
    (
        "access-asks-for-a-client-certificate",
        f"{DOCS}/cloudflare-one/identity/devices/access-integrations/mutual-tls-authentication/",
        zone(access=access({"decision": "non_identity", "include": [{"common_name": {"common_name": "laptop-1"}}]})),
        [asked(certificate={"verified": True, "common_name": "laptop-1"})],
        None,
        {"status": 200},
    ),
    (
        "access-stands-before-its-path-only",
        f"{DOCS}/cloudflare-one/policies/access/app-paths/",
        zone(access=access({"decision": "allow"}, domain=f"{HOST}/admin")),
        [asked("/public")],
        None,
        {"status": 200},
    ),
    (
        "access-stands-after-the-firewall",
        PHASES,
        zone(access=access({"decision": "allow"}), rulesets=(waf(rule("block")),)),
        [asked()],
        None,
        {"code": 1020},
    ),
]


@documented(CASES)
def test_access_lets_in_as_documented(page, of, requests, origin, expected):
    """What a visitor gets is what the page says."""
    holds(page, ask(of, *requests, origin=origin), expected)

"""What Cloudflare documents: TLS on both sides, and origins that fail; each case with its page."""

import pytest
from edge_cases import DOCS, A, ask, asked, broken, documented, entry, fixed, holds, per_address, rule, zone

from twin.semantics.edge import Certificate

TLS = f"{DOCS}/ssl/edge-certificates/additional-options/minimum-tls/"
TLS13 = f"{DOCS}/ssl/edge-certificates/additional-options/tls-13/"
HTTPS = f"{DOCS}/ssl/edge-certificates/additional-options/always-use-https/"
HSTS = f"{DOCS}/ssl/edge-certificates/additional-options/http-strict-transport-security/"
UNIVERSAL = f"{DOCS}/ssl/edge-certificates/universal-ssl/limitations/"
MODES = f"{DOCS}/ssl/origin-configuration/ssl-modes/"
ERRORS = f"{DOCS}/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/"
CONFIGURATION = f"{DOCS}/rules/configuration-rules/settings/"

# (name, page, zone, requests, origin, expected attributes of the last visit)
CASES = [
    (
        "tls-below-the-minimum-fails",
        TLS,
        zone(settings={"min_tls_version": "1.2"}),
        [asked(tls="1.1", tls_least="1.0")],
        None,
        {"status": 0, "failure": "protocol_version"},
    ),
    (
        "tls-at-the-minimum-holds",
        TLS,
        zone(settings={"min_tls_version": "1.2"}),
        [asked(tls="1.2")],
        None,
        {"status": 200},
    ),
    (
        "tls-1-3-only-client-fails-without-tls-1-3",
        TLS13,
        zone(settings={"tls_1_3": "off"}),
        [asked(tls="1.3", tls_least="1.3")],
        None,
        {"failure": "protocol_version"},
    ),
    (
        "tls-falls-back-without-tls-1-3",
        TLS13,
        zone(settings={"tls_1_3": "off"}),
        [asked(tls="1.3")],
        None,
        {"status": 200},
    ),
    (
        "universal-certificate-covers-one-level",
        UNIVERSAL,
        zone(records=({**A, "name": "a.b.example.com"},)),
        [asked(host="a.b.example.com")],
        None,
        {"failure": "handshake_failure"},
    ),
    (
        "pending-certificate-does-not-serve",
        f"{DOCS}/ssl/reference/certificate-statuses/",
        zone(packs=({"id": "p", "status": "pending_validation", "hosts": ["*.example.com"]},)),
        [asked()],
        None,
        {"failure": "handshake_failure"},
    ),
    (
        "always-use-https-redirects-with-301",
        HTTPS,
        zone(settings={"always_use_https": "on"}),
        [asked("/a?b=1", scheme="http")],
        None,
        {"status": 301, "location": "https://www.example.com/a?b=1"},
    ),
    ("http-is-served-without-it", HTTPS, zone(), [asked(scheme="http")], None, {"status": 200}),
    (
        "hsts-header-over-https",
        HSTS,
        zone(
            settings={
                "security_header": {
                    "strict_transport_security": {
                        "enabled": True,
                        "max_age": 31536000,
                        "include_subdomains": True,
                        "preload": True,
                        "nosniff": True,
                    }
                }
            }
        ),
        [asked()],
        None,
        {
            "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
            "x-content-type-options": "nosniff",
        },
    ),
    (
        "no-hsts-over-http",
        HSTS,
        zone(settings={"security_header": {"strict_transport_security": {"enabled": True, "max_age": 300}}}),
        [asked(scheme="http")],
        None,
        {"strict-transport-security": None},
    ),
    (
        "ssl-off-sends-https-to-http",
        f"{MODES}off/",
        zone(settings={"ssl": "off"}),
        [asked()],
        None,
        {"status": 301, "location": "http://www.example.com/"},
    ),
    (
        "strict-refuses-an-untrusted-certificate",
        f"{MODES}full-strict/",
        zone(settings={"ssl": "strict"}),
        [asked()],
        fixed(certificate=Certificate(("*.example.com",), 2e9, trusted=False)),
        {"status": 526, "code": 526},
    ),
    (
        "strict-refuses-an-expired-certificate",
        f"{MODES}full-strict/",
        zone(settings={"ssl": "strict"}),
        [asked()],
        fixed(certificate=Certificate(("*.example.com",), 999_999_999.0)),
        {"status": 526},
    ),
    (
        "strict-refuses-another-name",
        f"{MODES}full-strict/",
        zone(settings={"ssl": "strict"}),
        [asked()],
        fixed(certificate=Certificate(("origin.example.net",), 2e9)),
        {"status": 526},
    ),
    (
        "strict-takes-a-good-certificate",
        f"{MODES}full-strict/",
        zone(settings={"ssl": "strict"}),
        [asked()],
        None,
        {"status": 200},
    ),
    (
        "full-takes-any-certificate",
        f"{MODES}full/",
        zone(settings={"ssl": "full"}),
        [asked()],
        fixed(certificate=Certificate(("x",), 1.0, trusted=False)),
        {"status": 200},
    ),
    (
        "configuration-rule-changes-the-ssl-mode",
        CONFIGURATION,
        zone(
            settings={"ssl": "strict"},
            rulesets=(entry("http_config_settings", rule("set_config", action_parameters={"ssl": "full"})),),
        ),
        [asked()],
        fixed(certificate=Certificate(("x",), 1.0, trusted=False)),
        {"status": 200},
    ),
    ("origin-refuses-521", ERRORS, zone(), [asked()], broken("refused"), {"status": 521, "code": 521}),
    ("origin-times-out-522", ERRORS, zone(), [asked()], broken("timeout"), {"status": 522}),
    ("origin-unreachable-523", ERRORS, zone(), [asked()], broken("unreachable"), {"status": 523}),
    ("origin-says-nothing-524", ERRORS, zone(), [asked()], broken("silent"), {"status": 524}),
    ("origin-handshake-525", ERRORS, zone(), [asked()], broken("handshake"), {"status": 525}),
    ("origin-empty-answer-520", ERRORS, zone(), [asked()], broken("empty"), {"status": 520}),
    ("origin-name-unknown-530-1016", ERRORS, zone(), [asked()], broken("dns"), {"status": 530, "code": 1016}),
    ("origin-errors-pass-through", ERRORS, zone(), [asked()], fixed(503), {"status": 503, "code": 0, "by": "origin"}),
    (
        "another-record-is-tried",
        f"{DOCS}/fundamentals/reference/zero-downtime-failover/",
        zone(records=(A, {**A, "content": "192.0.2.20"})),
        [asked()],
        per_address({"192.0.2.10": "refused", "192.0.2.20": 204}),
        {"status": 204, "origin": "192.0.2.20"},
    ),
]


@documented(CASES)
def test_connections_are_made_as_documented(page, of, requests, origin, expected):
    """What a visitor gets is what the page says."""
    holds(page, ask(of, *requests, origin=origin), expected)


@pytest.mark.parametrize(
    ("mode", "scheme", "reached"),
    [
        ("flexible", "https", ("http", 80)),
        ("flexible", "http", ("http", 80)),
        ("full", "https", ("https", 443)),
        ("full", "http", ("http", 80)),
        ("strict", "https", ("https", 443)),
        ("off", "http", ("http", 80)),
        ("origin_pull", "http", ("https", 443)),
    ],
)
def test_ssl_mode_says_how_the_origin_is_reached(mode, scheme, reached):
    """https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/ : scheme and port to the origin."""
    origin = fixed()
    ask(zone(settings={"ssl": mode}), asked(scheme=scheme), origin=origin)
    assert (origin.sent[0].scheme, origin.sent[0].port) == reached

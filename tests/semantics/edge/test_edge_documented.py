"""What Cloudflare documents about its edge, case by case, each with the page that says it."""

import hashlib

import pytest
from edge_cases import APEX, DOCS, HOST, A, access, ask, asked, broken, entry, fixed, per_address, rule, waf, zone

from twin.semantics.edge import Broken, Certificate, Identity, Returned
from twin.semantics.edge.configuration import Access

PHASES = f"{DOCS}/ruleset-engine/reference/phases-list/"
ACTIONS = f"{DOCS}/ruleset-engine/rules-language/actions/"
SKIP = f"{DOCS}/waf/custom-rules/skip/options/"
MANAGED = f"{DOCS}/ruleset-engine/managed-rulesets/override-managed-ruleset/"
RATES = f"{DOCS}/waf/rate-limiting-rules/request-rate/"
RATE_PARAMETERS = f"{DOCS}/waf/rate-limiting-rules/parameters/"
CACHE = f"{DOCS}/cache/concepts/default-cache-behavior/"
STATUSES = f"{DOCS}/cache/concepts/cache-responses/"
CONTROL = f"{DOCS}/cache/concepts/cache-control/"
CACHE_RULES = f"{DOCS}/cache/how-to/cache-rules/settings/"
KEYS = f"{DOCS}/cache/how-to/cache-keys/"
LEVELS = f"{DOCS}/cache/how-to/set-caching-levels/"
BROWSER = f"{DOCS}/cache/how-to/edge-browser-cache-ttl/"
TLS = f"{DOCS}/ssl/edge-certificates/additional-options/minimum-tls/"
TLS13 = f"{DOCS}/ssl/edge-certificates/additional-options/tls-13/"
HTTPS = f"{DOCS}/ssl/edge-certificates/additional-options/always-use-https/"
HSTS = f"{DOCS}/ssl/edge-certificates/additional-options/http-strict-transport-security/"
UNIVERSAL = f"{DOCS}/ssl/edge-certificates/universal-ssl/limitations/"
MODES = f"{DOCS}/ssl/origin-configuration/ssl-modes/"
ERRORS = f"{DOCS}/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/"
BALANCING = f"{DOCS}/load-balancing/understand-basics/health-details/"
STEERING = f"{DOCS}/load-balancing/understand-basics/traffic-steering/steering-policies/"
AFFINITY = f"{DOCS}/load-balancing/understand-basics/session-affinity/"
ACCESS = f"{DOCS}/cloudflare-one/policies/access/"
RECORDS = f"{DOCS}/dns/proxy-status/"
TRANSFORM = f"{DOCS}/rules/transform/"
REDIRECTS = f"{DOCS}/rules/url-forwarding/single-redirects/settings/"
ORIGIN_RULES = f"{DOCS}/rules/origin-rules/features/"
CONFIGURATION = f"{DOCS}/rules/configuration-rules/settings/"
CUSTOM_ERRORS = f"{DOCS}/rules/custom-errors/"
HEADERS = f"{DOCS}/fundamentals/reference/http-headers/"
FREE = "77454fe2d30c4220b5701f6fdfb893ba"

SECRET = "s" * 64
TOKEN = {
    "id": "token-1",
    "name": "ci",
    "expires_at": 1_000_000_500.0,
    "secret": hashlib.sha256(SECRET.encode()).hexdigest(),
}
CARRIED = {"cf-access-client-id": "ci.access", "cf-access-client-secret": SECRET}
ADA = Identity("ada@example.com", groups=("staff",), methods=("pwd", "hwk"), provider="okta-1")
SHELLSHOCK = {"headers": {"user-agent": "() { :; }; /bin/id"}}
EXECUTE = rule("execute", action_parameters={"id": FREE})


def limit(**more):
    """Return a rate limit of two requests in ten seconds."""
    given = {
        "characteristics": ["cf.colo.id", "ip.src"],
        "period": 10,
        "requests_per_period": 2,
        "mitigation_timeout": 30,
    }
    return {**given, **more}


def limited(action="block", expression="true", **more):
    """Return a zone with one rate limiting rule."""
    return zone(rulesets=(entry("http_ratelimit", rule(action, expression, ratelimit=limit(**more))),))


def cached(**parameters):
    """Return a zone with one cache rule for everything."""
    return zone(
        rulesets=(
            entry(
                "http_request_cache_settings",
                rule("set_cache_settings", action_parameters={"cache": True, **parameters}),
            ),
        )
    )


def managed(**overrides):
    """Return a zone that runs the Free ruleset, with overrides."""
    parameters = {"id": FREE, **({"overrides": overrides} if overrides else {})}
    return zone(rulesets=(entry("http_request_firewall_managed", rule("execute", action_parameters=parameters)),))


def skipping(**parameters):
    """Return a zone whose first custom rule skips, before one that blocks, a rate limit and the managed rules."""
    return zone(
        rulesets=(
            waf(rule("skip", action_parameters=parameters), rule("block", 'http.request.uri.path eq "/x"')),
            entry("http_ratelimit", rule("block", ratelimit=limit(requests_per_period=1))),
            entry("http_request_firewall_managed", EXECUTE),
        )
    )


def times(count, path="/", **parts):
    """Return requests, one second apart."""
    return [asked(path, at=1_000_000_000.0 + index, **parts) for index in range(count)]


def response_rule(phase, action, **parameters):
    """Return a zone with one rule of a response phase."""
    return zone(rulesets=(entry(phase, rule(action, action_parameters=parameters)),))


BLOCK_X = zone(rulesets=(waf(rule("block", 'http.request.uri.path eq "/x"')),))
BOTH = zone(
    account_rulesets=(waf(rule("block", description="account"), level="account"),),
    rulesets=(waf(rule("managed_challenge")),),
)
ACCOUNT_SKIP = zone(
    account_rulesets=(waf(rule("skip", action_parameters={"phase": "current"}), level="account"),),
    rulesets=(waf(rule("block")),),
)
FORM = 'http.request.uri.path eq "/login"'
REWRITTEN = zone(
    rulesets=(
        entry("http_request_transform", rule("rewrite", action_parameters={"uri": {"path": {"value": "/new"}}})),
        waf(rule("block", 'http.request.uri.path eq "/new"')),
    )
)
RAW = zone(
    rulesets=(
        entry("http_request_transform", rule("rewrite", action_parameters={"uri": {"path": {"value": "/new"}}})),
        waf(rule("block", 'raw.http.request.uri.path eq "/old"')),
    )
)
REDIRECTED = zone(
    rulesets=(
        entry(
            "http_request_dynamic_redirect",
            rule(
                "redirect",
                'starts_with(http.request.uri.path, "/old")',
                action_parameters={
                    "from_value": {
                        "target_url": {"expression": 'concat("https://example.com", http.request.uri.path)'},
                        "status_code": 302,
                        "preserve_query_string": True,
                    }
                },
            ),
        ),
        waf(rule("block", 'starts_with(http.request.uri.path, "/old")')),
    )
)

# (name, page, zone, requests, origin, expected attributes of the last visit)
CASES = [
    ("allowed-request-reaches-the-origin", PHASES, zone(), [asked()], None, {"status": 200, "by": "origin"}),
    (
        "custom-rule-blocks-with-1020",
        ACTIONS,
        BLOCK_X,
        [asked("/x")],
        None,
        {"status": 403, "code": 1020, "by": "edge"},
    ),
    ("custom-rule-leaves-others-alone", ACTIONS, BLOCK_X, [asked("/y")], None, {"status": 200, "code": 0}),
    (
        "disabled-rule-does-nothing",
        PHASES,
        zone(rulesets=(waf(rule("block", enabled=False)),)),
        [asked()],
        None,
        {"status": 200},
    ),
    (
        "block-with-a-response-of-its-own",
        ACTIONS,
        zone(
            rulesets=(
                waf(
                    rule(
                        "block",
                        action_parameters={
                            "response": {"status_code": 451, "content": "no", "content_type": "text/plain"}
                        },
                    )
                ),
            )
        ),
        [asked()],
        None,
        {"status": 451, "body": b"no"},
    ),
    (
        "managed-challenge-answers-403-with-cf-mitigated",
        f"{DOCS}/cloudflare-challenges/challenge-types/challenge-pages/detect-response/",
        zone(rulesets=(waf(rule("managed_challenge")),)),
        [asked()],
        None,
        {"status": 403, "cf-mitigated": "challenge"},
    ),
    (
        "clearance-cookie-passes-a-challenge",
        f"{DOCS}/cloudflare-challenges/concepts/clearance/",
        zone(rulesets=(waf(rule("managed_challenge")),)),
        [asked(headers={"cookie": "cf_clearance=yes"})],
        None,
        {"status": 200},
    ),
    (
        "log-does-not-stop-later-rules",
        ACTIONS,
        zone(rulesets=(waf(rule("log"), rule("block")),)),
        [asked()],
        None,
        {"status": 403},
    ),
    (
        "first-terminating-rule-wins",
        ACTIONS,
        zone(rulesets=(waf(rule("managed_challenge"), rule("block")),)),
        [asked()],
        None,
        {"cf-mitigated": "challenge"},
    ),
    ("account-level-goes-first", f"{DOCS}/ruleset-engine/about/phases/", BOTH, [asked()], None, {"code": 1020}),
    ("skip-of-the-account-does-not-reach-the-zone", SKIP, ACCOUNT_SKIP, [asked()], None, {"code": 1020}),
    ("skip-the-rest-of-the-ruleset", SKIP, skipping(ruleset="current"), [asked("/x")], None, {"status": 200}),
    ("skip-the-current-phase", SKIP, skipping(phase="current"), [asked("/x")], None, {"status": 200}),
    (
        "skip-the-ruleset-leaves-rate-limits",
        SKIP,
        skipping(ruleset="current"),
        times(2, "/y"),
        None,
        {"status": 429, "code": 1015},
    ),
    ("skip-the-rate-limits", SKIP, skipping(phases=["http_ratelimit"]), times(5, "/y"), None, {"status": 200}),
    (
        "skip-of-another-phase-leaves-this-one",
        SKIP,
        skipping(phases=["http_ratelimit"]),
        [asked("/x")],
        None,
        {"code": 1020},
    ),
    (
        "skip-the-managed-rules",
        SKIP,
        skipping(phases=["http_request_firewall_managed"]),
        [asked("/y", **SHELLSHOCK)],
        None,
        {"status": 200},
    ),
    (
        "skip-a-single-managed-rule",
        f"{DOCS}/waf/managed-rules/waf-exceptions/define-api/",
        zone(
            rulesets=(
                entry(
                    "http_request_firewall_managed",
                    rule("skip", action_parameters={"rules": {FREE: ["d9ea1ba1b4a94b6b8bc6bb1ba4ef0b31"]}}),
                    EXECUTE,
                ),
            )
        ),
        [asked(**SHELLSHOCK)],
        None,
        {"status": 200},
    ),
    (
        "skip-a-whole-managed-ruleset",
        f"{DOCS}/waf/managed-rules/waf-exceptions/define-api/",
        zone(
            rulesets=(
                entry("http_request_firewall_managed", rule("skip", action_parameters={"rulesets": [FREE]}), EXECUTE),
            )
        ),
        [asked(**SHELLSHOCK)],
        None,
        {"status": 200},
    ),
    (
        "managed-rule-blocks",
        f"{DOCS}/waf/managed-rules/reference/",
        managed(),
        [asked(**SHELLSHOCK)],
        None,
        {"code": 1020},
    ),
    (
        "managed-rules-leave-others-alone",
        f"{DOCS}/waf/managed-rules/reference/",
        managed(),
        [asked()],
        None,
        {"status": 200},
    ),
    ("override-of-all-disables", MANAGED, managed(enabled=False), [asked(**SHELLSHOCK)], None, {"status": 200}),
    (
        "override-of-a-category-goes-before-that-of-all",
        MANAGED,
        managed(enabled=False, categories=[{"category": "cve-2014-6271", "enabled": True}]),
        [asked(**SHELLSHOCK)],
        None,
        {"code": 1020},
    ),
    (
        "override-of-a-rule-goes-before-that-of-a-category",
        MANAGED,
        managed(
            categories=[{"category": "cve-2014-6271", "action": "block"}],
            rules=[{"id": "d9ea1ba1b4a94b6b8bc6bb1ba4ef0b31", "action": "managed_challenge"}],
        ),
        [asked(**SHELLSHOCK)],
        None,
        {"cf-mitigated": "challenge"},
    ),
    (
        "override-enables-a-rule-that-is-off",
        MANAGED,
        managed(categories=[{"category": "wordpress", "enabled": True}]),
        [asked("/xmlrpc.php", method="POST")],
        None,
        {"code": 1020},
    ),
    (
        "custom-ruleset-runs-where-it-is-executed",
        f"{DOCS}/ruleset-engine/custom-rulesets/deploy-custom-ruleset/",
        zone(
            rulesets=(
                waf(rule("execute", FORM, action_parameters={"id": "own"})),
                {
                    "id": "own",
                    "kind": "custom",
                    "phase": "http_request_firewall_custom",
                    "rules": [{"id": "1", "action": "block", "expression": "true", "enabled": True}],
                },
            )
        ),
        [asked("/login")],
        None,
        {"code": 1020},
    ),
    (
        "custom-ruleset-does-not-run-elsewhere",
        f"{DOCS}/ruleset-engine/custom-rulesets/deploy-custom-ruleset/",
        zone(
            rulesets=(
                waf(rule("execute", FORM, action_parameters={"id": "own"})),
                {
                    "id": "own",
                    "kind": "custom",
                    "phase": "http_request_firewall_custom",
                    "rules": [{"id": "1", "action": "block", "expression": "true", "enabled": True}],
                },
            )
        ),
        [asked("/")],
        None,
        {"status": 200},
    ),
    ("rewritten-path-is-what-the-firewall-sees", PHASES, REWRITTEN, [asked("/old")], None, {"code": 1020}),
    ("raw-fields-keep-the-first-path", f"{TRANSFORM}url-rewrite/", RAW, [asked("/old")], None, {"code": 1020}),
    (
        "redirect-goes-before-the-firewall",
        PHASES,
        REDIRECTED,
        [asked("/old?a=1")],
        None,
        {"status": 302, "location": "https://example.com/old?a=1"},
    ),
    ("redirect-leaves-other-paths-alone", REDIRECTS, REDIRECTED, [asked("/new")], None, {"status": 200}),
    # Rate limiting
    ("rate-at-the-limit-passes", RATES, limited(), times(2), None, {"status": 200}),
    ("rate-above-the-limit-is-429-with-1015", RATES, limited(), times(3), None, {"status": 429, "code": 1015}),
    (
        "addresses-are-counted-apart",
        RATES,
        limited(),
        [*times(2), asked(ip="203.0.113.9", at=1_000_000_003.0)],
        None,
        {"status": 200},
    ),
    (
        "data-centers-do-not-share-counters",
        RATES,
        limited(),
        [*times(2), asked(colo="FRA", at=1_000_000_003.0)],
        None,
        {"status": 200},
    ),
    (
        "header-values-are-counted-apart",
        RATES,
        limited(characteristics=["cf.colo.id", 'http.request.headers["x-api-key"]']),
        [*times(2, headers={"x-api-key": "a"}), asked(headers={"x-api-key": "b"}, at=1_000_000_003.0)],
        None,
        {"status": 200},
    ),
    (
        "another-period-counts-anew",
        RATE_PARAMETERS,
        limited(),
        [*times(2), asked(at=1_000_000_010.0)],
        None,
        {"status": 200},
    ),
    (
        "action-lasts-for-the-mitigation-timeout",
        RATE_PARAMETERS,
        limited(),
        [*times(3), asked(at=1_000_000_031.0)],
        None,
        {"status": 429},
    ),
    (
        "action-ends-with-the-mitigation-timeout",
        RATE_PARAMETERS,
        limited(),
        [*times(3), asked(at=1_000_000_032.0)],
        None,
        {"status": 200},
    ),
    (
        "rule-acts-on-what-it-matches-only",
        RATES,
        limited(expression=FORM),
        [*times(3, "/login"), asked("/", at=1_000_000_004.0)],
        None,
        {"status": 200},
    ),
    (
        "counting-expression-counts-other-requests",
        RATE_PARAMETERS,
        limited(expression=FORM, counting_expression='http.request.uri.path eq "/counted"'),
        [*times(3, "/counted"), asked("/login", at=1_000_000_004.0)],
        None,
        {"status": 429},
    ),
    (
        "counting-expression-leaves-the-rule-s-own-uncounted",
        RATE_PARAMETERS,
        limited(expression=FORM, counting_expression='http.request.uri.path eq "/counted"'),
        times(5, "/login"),
        None,
        {"status": 200},
    ),
    (
        "counting-by-the-response-s-status",
        RATE_PARAMETERS,
        limited(counting_expression="http.response.code eq 401"),
        times(4, "/login"),
        fixed(401),
        {"status": 429},
    ),
    (
        "good-responses-are-not-counted",
        RATE_PARAMETERS,
        limited(counting_expression="http.response.code eq 401"),
        times(9, "/login"),
        fixed(200),
        {"status": 200},
    ),
    (
        "cached-requests-are-not-counted-when-only-the-origin-matters",
        RATE_PARAMETERS,
        limited(requests_to_origin=True),
        times(9, "/a.css"),
        None,
        {"status": 200, "cache": "HIT"},
    ),
    (
        "cached-requests-are-counted-by-default",
        RATE_PARAMETERS,
        limited(),
        times(3, "/a.css"),
        None,
        {"status": 429},
    ),
    (
        "rate-limit-may-challenge",
        RATE_PARAMETERS,
        limited("managed_challenge", mitigation_timeout=0),
        times(3),
        None,
        {"status": 403, "cf-mitigated": "challenge"},
    ),
    # TLS
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
    # Cache
    ("static-file-is-kept", CACHE, zone(), [asked("/a.css")] * 2, None, {"cache": "HIT", "by": "cache"}),
    ("first-request-is-a-miss", STATUSES, zone(), [asked("/a.css")], None, {"cache": "MISS", "by": "origin"}),
    ("html-is-dynamic", CACHE, zone(), [asked("/a.html")] * 2, None, {"cache": "DYNAMIC"}),
    ("json-is-dynamic", CACHE, zone(), [asked("/a.json")] * 2, None, {"cache": "DYNAMIC"}),
    ("robots-txt-is-kept", CACHE, zone(), [asked("/robots.txt")] * 2, None, {"cache": "HIT"}),
    ("post-is-not-kept", CACHE, zone(), [asked("/a.css", method="POST")] * 2, None, {"cache": "DYNAMIC"}),
    ("extension-in-capitals-is-kept", CACHE, zone(), [asked("/A.CSS")] * 2, None, {"cache": "HIT"}),
    (
        "no-store-bypasses",
        CONTROL,
        zone(),
        [asked("/a.css")] * 2,
        fixed(headers={"cache-control": "no-store"}),
        {"cache": "BYPASS"},
    ),
    (
        "private-bypasses",
        CONTROL,
        zone(),
        [asked("/a.css")] * 2,
        fixed(headers={"cache-control": "private, max-age=600"}),
        {"cache": "BYPASS"},
    ),
    (
        "max-age-0-bypasses",
        CONTROL,
        zone(),
        [asked("/a.css")] * 2,
        fixed(headers={"cache-control": "max-age=0"}),
        {"cache": "BYPASS"},
    ),
    (
        "set-cookie-bypasses",
        STATUSES,
        zone(),
        [asked("/a.css")] * 2,
        fixed(headers={"set-cookie": "a=1"}),
        {"cache": "BYPASS"},
    ),
    (
        "max-age-ends",
        CONTROL,
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_060.0)],
        fixed(headers={"cache-control": "public, max-age=60"}),
        {"cache": "EXPIRED"},
    ),
    (
        "max-age-lasts",
        CONTROL,
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_059.0)],
        fixed(headers={"cache-control": "public, max-age=60"}),
        {"cache": "HIT"},
    ),
    (
        "s-maxage-goes-before-max-age",
        CONTROL,
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_100.0)],
        fixed(headers={"cache-control": "max-age=60, s-maxage=600"}),
        {"cache": "HIT"},
    ),
    (
        "cdn-cache-control-goes-before-cache-control",
        f"{DOCS}/cache/concepts/cdn-cache-control/",
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_100.0)],
        fixed(headers={"cache-control": "no-store", "cdn-cache-control": "max-age=600"}),
        {"cache": "HIT"},
    ),
    (
        "expires-in-the-future-is-kept",
        CACHE,
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_100.0)],
        fixed(headers={"expires": "Sun, 09 Sep 2001 02:46:40 GMT"}),
        {"cache": "HIT"},
    ),
    (
        "expires-in-the-past-is-not",
        CACHE,
        zone(),
        [asked("/a.css")] * 2,
        fixed(headers={"expires": "Sat, 01 Jan 2000 00:00:00 GMT"}),
        {"cache": "BYPASS"},
    ),
    (
        "two-hours-for-200",
        f"{DOCS}/cache/how-to/configure-cache-status-code/",
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_007_199.0)],
        None,
        {"cache": "HIT"},
    ),
    (
        "three-minutes-for-404",
        f"{DOCS}/cache/how-to/configure-cache-status-code/",
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_180.0)],
        fixed(404),
        {"cache": "EXPIRED"},
    ),
    (
        "500-is-not-kept",
        f"{DOCS}/cache/how-to/configure-cache-status-code/",
        zone(),
        [asked("/a.css")] * 2,
        fixed(500),
        {"cache": "BYPASS"},
    ),
    (
        "authorization-needs-public",
        CONTROL,
        zone(),
        [asked("/a.css", headers={"authorization": "Bearer x"})] * 2,
        fixed(headers={"cache-control": "max-age=60"}),
        {"cache": "BYPASS"},
    ),
    (
        "not-modified-revalidates",
        STATUSES,
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_061.0)],
        lambda sent: (
            Returned(304, {})
            if "if-none-match" in sent.headers
            else Returned(200, {"etag": ('"1"',), "cache-control": ("max-age=60",)}, b"x")
        ),
        {"cache": "REVALIDATED", "status": 200, "body": b"x"},
    ),
    (
        "stale-if-error-serves-the-old",
        STATUSES,
        zone(),
        [asked("/a.css"), asked("/a.css", at=1_000_000_061.0)],
        lambda sent: (
            Broken("refused")
            if sent.asked.at > 1_000_000_060
            else Returned(200, {"cache-control": ("max-age=60, stale-if-error=600",)}, b"x")
        ),
        {"cache": "STALE", "status": 200, "body": b"x"},
    ),
    ("cache-rule-makes-html-eligible", CACHE_RULES, cached(), [asked("/a.html")] * 2, None, {"cache": "HIT"}),
    (
        "cache-rule-bypasses",
        CACHE_RULES,
        cached(cache=False),
        [asked("/a.css")] * 2,
        None,
        {"cache": "DYNAMIC"},
    ),
    (
        "edge-ttl-overrides-the-origin",
        CACHE_RULES,
        cached(edge_ttl={"mode": "override_origin", "default": 7200}),
        [asked("/a"), asked("/a", at=1_000_007_100.0)],
        fixed(headers={"cache-control": "no-store", "set-cookie": "a=1"}),
        {"cache": "HIT", "set-cookie": None},
    ),
    (
        "status-code-ttl-goes-first",
        CACHE_RULES,
        cached(
            edge_ttl={
                "mode": "override_origin",
                "default": 7200,
                "status_code_ttl": [{"status_code_range": {"from": 500, "to": 599}, "value": 10}],
            }
        ),
        [asked("/a"), asked("/a", at=1_000_000_011.0)],
        fixed(503),
        {"cache": "EXPIRED"},
    ),
    (
        "bypass-by-default-keeps-nothing-without-headers",
        CACHE_RULES,
        cached(edge_ttl={"mode": "bypass_by_default"}),
        [asked("/a.css")] * 2,
        None,
        {"cache": "BYPASS"},
    ),
    (
        "browser-ttl-of-a-rule",
        CACHE_RULES,
        cached(browser_ttl={"mode": "override_origin", "default": 120}),
        [asked("/a.css")],
        None,
        {"cache-control": "max-age=120"},
    ),
    ("browser-ttl-is-four-hours", BROWSER, zone(), [asked("/a.css")], None, {"cache-control": "max-age=14400"}),
    (
        "browser-ttl-keeps-a-longer-one",
        BROWSER,
        zone(),
        [asked("/a.css")],
        fixed(headers={"cache-control": "max-age=86400"}),
        {"cache-control": "max-age=86400"},
    ),
    (
        "browser-ttl-0-respects-the-origin",
        BROWSER,
        zone(settings={"browser_cache_ttl": 0}),
        [asked("/a.css")],
        fixed(headers={"cache-control": "max-age=60"}),
        {"cache-control": "max-age=60"},
    ),
    ("query-is-part-of-the-key", KEYS, zone(), [asked("/a.css?v=1"), asked("/a.css?v=2")], None, {"cache": "MISS"}),
    (
        "ignore-query-string-level",
        LEVELS,
        zone(settings={"cache_level": "simplified"}),
        [asked("/a.css?v=1"), asked("/a.css?v=2")],
        None,
        {"cache": "HIT"},
    ),
    (
        "no-query-string-level",
        LEVELS,
        zone(settings={"cache_level": "basic"}),
        [asked("/a.css?v=1")] * 2,
        None,
        {"cache": "DYNAMIC"},
    ),
    (
        "origin-header-is-part-of-the-key",
        KEYS,
        zone(),
        [asked("/a.css"), asked("/a.css", headers={"origin": "https://other.example"})],
        None,
        {"cache": "MISS"},
    ),
    (
        "key-without-some-arguments",
        KEYS,
        cached(cache_key={"custom_key": {"query_string": {"exclude": {"list": ["utm"]}}}}),
        [asked("/a.css?v=1&utm=a"), asked("/a.css?v=1&utm=b")],
        None,
        {"cache": "HIT"},
    ),
    (
        "key-by-cookie",
        KEYS,
        cached(cache_key={"custom_key": {"cookie": {"include": ["who"]}}}),
        [asked("/a.css", headers={"cookie": "who=a"}), asked("/a.css", headers={"cookie": "who=b"})],
        None,
        {"cache": "MISS"},
    ),
    (
        "data-centers-keep-their-own",
        KEYS,
        zone(),
        [asked("/a.css"), asked("/a.css", colo="FRA")],
        None,
        {"cache": "MISS"},
    ),
    (
        "development-mode-bypasses",
        f"{DOCS}/cache/reference/development-mode/",
        zone(settings={"development_mode": "on"}),
        [asked("/a.css")] * 2,
        None,
        {"cache": "DYNAMIC"},
    ),
    # DNS
    (
        "unproxied-name-passes-no-edge",
        RECORDS,
        zone(records=({**A, "proxied": False},), rulesets=(waf(rule("block")),)),
        [asked()],
        None,
        {"status": 200, "by": "dns", "server": None},
    ),
    (
        "paused-zone-passes-no-edge",
        f"{DOCS}/fundamentals/manage-domains/pause-cloudflare/",
        zone(paused=True, rulesets=(waf(rule("block")),)),
        [asked()],
        None,
        {"status": 200, "by": "dns"},
    ),
    (
        "unknown-name-does-not-resolve",
        RECORDS,
        zone(),
        [asked(host="no.example.com")],
        None,
        {"status": 0, "failure": "NXDOMAIN"},
    ),
    (
        "wildcard-record-is-proxied",
        f"{DOCS}/dns/manage-dns-records/reference/wildcard-dns-records/",
        zone(records=({**A, "name": "*.example.com"},)),
        [asked(host="any.example.com")],
        None,
        {"status": 200, "server": "cloudflare"},
    ),
    # Rules on the way
    (
        "response-header-is-set",
        f"{TRANSFORM}response-header-modification/",
        response_rule(
            "http_response_headers_transform", "rewrite", headers={"X-A": {"operation": "set", "value": "1"}}
        ),
        [asked()],
        None,
        {"x-a": "1"},
    ),
    (
        "response-header-is-removed",
        f"{TRANSFORM}response-header-modification/",
        response_rule("http_response_headers_transform", "rewrite", headers={"X-Powered-By": {"operation": "remove"}}),
        [asked()],
        fixed(headers={"x-powered-by": "php"}),
        {"x-powered-by": None},
    ),
    (
        "custom-error-for-5xx",
        CUSTOM_ERRORS,
        zone(
            rulesets=(
                entry(
                    "http_custom_errors",
                    rule(
                        "serve_error",
                        "http.response.code ge 500",
                        action_parameters={"content": "sorry", "content_type": "text/plain", "status_code": 503},
                    ),
                ),
            )
        ),
        [asked()],
        broken("refused"),
        {"status": 503, "body": b"sorry"},
    ),
    (
        "custom-error-leaves-good-answers",
        CUSTOM_ERRORS,
        response_rule("http_custom_errors", "serve_error", content="sorry", content_type="text/plain"),
        [asked()],
        None,
        {"status": 200},
    ),
    # Access
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


@pytest.mark.parametrize(
    ("page", "of", "requests", "origin", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_edge_does_as_documented(page, of, requests, origin, expected):
    """What a visitor gets is what the page says."""
    assert page.startswith(DOCS)
    found = ask(of, *requests, origin=origin)
    for name, wanted in expected.items():
        own = {"status", "code", "by", "body", "cache", "failure", "origin", "pool"}
        got = getattr(found, name) if name in own else found.headers.get(name, (None,))[-1]
        assert got == wanted, (name, found.trace)


def test_the_table_has_more_than_eighty_cases_with_names_of_their_own():
    """The table is as long as it is meant to be."""
    names = [case[0] for case in CASES]
    assert len(set(names)) == len(names) >= 80


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


def test_origin_learns_who_asked():
    """The origin gets the visitor's address, country, scheme and the ray, and the path as rules rewrote it."""
    origin = fixed()
    ask(REWRITTEN_FOR_ORIGIN, asked("/old", country="SE", headers={"x-forwarded-for": "198.51.100.1"}), origin=origin)
    sent = origin.sent[0]
    assert sent.headers["cf-connecting-ip"] == ("203.0.113.1",)
    assert sent.headers["x-forwarded-for"] == ("198.51.100.1, 203.0.113.1",)
    assert sent.headers["cf-ipcountry"] == ("SE",)
    assert sent.asked.path == "/new"
    assert sent.headers["x-from"] == ("SE",)
    assert (sent.address, sent.host_header, sent.sni, sent.port) == ("192.0.2.99", "inner", "sni.example.com", 8443)


REWRITTEN_FOR_ORIGIN = zone(
    rulesets=(
        entry("http_request_transform", rule("rewrite", action_parameters={"uri": {"path": {"value": "/new"}}})),
        entry(
            "http_request_late_transform",
            rule(
                "rewrite",
                action_parameters={"headers": {"X-From": {"operation": "set", "expression": "ip.src.country"}}},
            ),
        ),
        entry(
            "http_request_origin",
            rule(
                "route",
                action_parameters={
                    "host_header": "inner",
                    "origin": {"host": "192.0.2.99", "port": 8443},
                    "sni": {"value": "sni.example.com"},
                },
            ),
        ),
    )
)


def test_apex_alias_is_flattened_and_others_are_not():
    """https://developers.cloudflare.com/dns/cname-flattening/ : addresses at the apex, a CNAME below it."""
    from twin.semantics.edge import resolve

    target = {**A, "name": "target.example.com", "proxied": False, "ttl": 600}
    apex = {"type": "CNAME", "name": "example.com", "content": "target.example.com", "proxied": False, "ttl": 120}
    below = {**apex, "name": "alias.example.com"}
    of = zone(records=(target, apex, below))
    assert [(a.type, a.content, a.ttl) for a in resolve(of, "example.com").answers] == [("A", "192.0.2.10", 120)]
    assert [a.type for a in resolve(of, "alias.example.com").answers] == ["CNAME", "A"]
    every = zone(records=(target, apex, below), settings={"cname_flattening": "flatten_all"})
    assert [a.type for a in resolve(every, "alias.example.com").answers] == ["A"]


def test_proxied_name_resolves_to_cloudflare_for_300_seconds():
    """https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/ : automatic is 300."""
    from ipaddress import ip_address, ip_network

    from twin.semantics.edge import resolve

    answers = resolve(zone(), "example.com").answers
    assert {answer.ttl for answer in answers} == {300}
    assert all(ip_address(answer.content) in ip_network("104.16.0.0/13") for answer in answers)
    assert APEX["content"] not in {answer.content for answer in answers}


def test_wildcard_does_not_answer_below_an_existing_name():
    """RFC 4592: the closest encloser decides; a.www exists, so *.example.com does not answer for b.www."""
    from twin.semantics.edge import resolve

    of = zone(records=({**A, "name": "*.example.com"}, {**A, "name": "a.www.example.com"}))
    assert resolve(of, "other.example.com").proxied
    assert not resolve(of, "b.www.example.com").proxied

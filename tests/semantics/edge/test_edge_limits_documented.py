"""What Cloudflare documents: what its rate limits count, and for how long they act; each case with its page."""

from edge_cases import DOCS, FORM, ask, asked, documented, entry, fixed, holds, limit, rule, times, zone

RATES = f"{DOCS}/waf/rate-limiting-rules/request-rate/"
RATE_PARAMETERS = f"{DOCS}/waf/rate-limiting-rules/parameters/"


def limited(action="block", expression="true", **more):
    """Return a zone with one rate limiting rule."""
    return zone(rulesets=(entry("http_ratelimit", rule(action, expression, ratelimit=limit(**more))),))


# (name, page, zone, requests, origin, expected attributes of the last visit)
CASES = [
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
]


@documented(CASES)
def test_rates_are_limited_as_documented(page, of, requests, origin, expected):
    """What a visitor gets is what the page says."""
    holds(page, ask(of, *requests, origin=origin), expected)

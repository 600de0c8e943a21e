"""What Cloudflare documents: what it keeps, under which key, and for how long; each case with its page."""

from edge_cases import DOCS, ask, asked, documented, entry, fixed, holds, rule, zone

from twin.semantics.edge import Broken, Returned

CACHE = f"{DOCS}/cache/concepts/default-cache-behavior/"
STATUSES = f"{DOCS}/cache/concepts/cache-responses/"
CONTROL = f"{DOCS}/cache/concepts/cache-control/"
CACHE_RULES = f"{DOCS}/cache/how-to/cache-rules/settings/"
KEYS = f"{DOCS}/cache/how-to/cache-keys/"
LEVELS = f"{DOCS}/cache/how-to/set-caching-levels/"
BROWSER = f"{DOCS}/cache/how-to/edge-browser-cache-ttl/"


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


# (name, page, zone, requests, origin, expected attributes of the last visit)
CASES = [
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
]


@documented(CASES)
def test_answers_are_kept_as_documented(page, of, requests, origin, expected):
    """What a visitor gets is what the page says."""
    holds(page, ask(of, *requests, origin=origin), expected)

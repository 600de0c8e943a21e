"""What Cloudflare documents: the order of its rules, what they do, and what skips them; each case with its page."""

from edge_cases import (
    DOCS,
    FORM,
    PHASES,
    TRANSFORM,
    ask,
    asked,
    documented,
    entry,
    holds,
    limit,
    rule,
    times,
    waf,
    zone,
)

ACTIONS = f"{DOCS}/ruleset-engine/rules-language/actions/"
SKIP = f"{DOCS}/waf/custom-rules/skip/options/"
MANAGED = f"{DOCS}/ruleset-engine/managed-rulesets/override-managed-ruleset/"
REDIRECTS = f"{DOCS}/rules/url-forwarding/single-redirects/settings/"
FREE = "77454fe2d30c4220b5701f6fdfb893ba"
SHELLSHOCK = {"headers": {"user-agent": "() { :; }; /bin/id"}}
EXECUTE = rule("execute", action_parameters={"id": FREE})


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


BLOCK_X = zone(rulesets=(waf(rule("block", 'http.request.uri.path eq "/x"')),))
BOTH = zone(
    account_rulesets=(waf(rule("block", description="account"), level="account"),),
    rulesets=(waf(rule("managed_challenge")),),
)
ACCOUNT_SKIP = zone(
    account_rulesets=(waf(rule("skip", action_parameters={"phase": "current"}), level="account"),),
    rulesets=(waf(rule("block")),),
)
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
]


@documented(CASES)
def test_rules_act_as_documented(page, of, requests, origin, expected):
    """What a visitor gets is what the page says."""
    holds(page, ask(of, *requests, origin=origin), expected)

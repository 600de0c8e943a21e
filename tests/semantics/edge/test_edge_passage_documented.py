"""What Cloudflare documents: how names are resolved, and what it changes on the way; each case with its page."""

from edge_cases import APEX, DOCS, TRANSFORM, A, ask, asked, broken, documented, entry, fixed, holds, rule, waf, zone

RECORDS = f"{DOCS}/dns/proxy-status/"
CUSTOM_ERRORS = f"{DOCS}/rules/custom-errors/"


def response_rule(phase, action, **parameters):
    """Return a zone with one rule of a response phase."""
    return zone(rulesets=(entry(phase, rule(action, action_parameters=parameters)),))


# (name, page, zone, requests, origin, expected attributes of the last visit)
CASES = [
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
]


@documented(CASES)
def test_passage_is_as_documented(page, of, requests, origin, expected):
    """What a visitor gets is what the page says."""
    holds(page, ask(of, *requests, origin=origin), expected)


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

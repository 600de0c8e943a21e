"""What expressions say of a request, operator by operator and function by function."""

import hashlib
from base64 import b64encode

import pytest
from rules_request import FIELDS, answer

TRUE = [
    # eq and ne
    'http.host eq "www.Example.com"',
    'http.host == "www.Example.com"',
    'http.host ne "www.example.com"',
    'http.host != "x"',
    "cf.threat_score eq 10",
    "cf.threat_score == 0xa",
    "cf.threat_score == 012",
    "cf.threat_score ne -10",
    "ip.src eq 192.0.2.7",
    "ip.src ne 192.0.2.8",
    "ip.src ne ::1",
    "cf.edge.server_ip == 2001:0db8::0001",
    r'http.host eq "\x77ww.\105xample.com"',
    'http.host eq r"www.Example.com"',
    'http.host eq r##"www.Example.com"##',
    "http.host contains 77:77:77",
    # ordering
    "cf.threat_score lt 11",
    "cf.threat_score < 11",
    "cf.threat_score le 10",
    "cf.threat_score <= 10",
    "cf.threat_score gt 9",
    "cf.threat_score > -9223372036854775808",
    "cf.threat_score ge 10",
    "cf.threat_score >= 10",
    'http.host lt "x"',
    'http.host > "w"',
    "ip.src gt 192.0.2.6",
    "cf.threat_score & 2",
    "cf.threat_score bitwise_and 0xff",
    # two values of the request
    "cf.threat_score gt cf.waf.score",
    'http.host eq http.request.headers["host"][0]',
    "len(http.host) eq len(http.host)",
    # strings
    'http.host contains "Example"',
    'http.host contains ""',
    'http.host matches "^www\\."',
    'http.host ~ "(?i)EXAMPLE"',
    r'http.request.uri.path matches r"\.html$"',
    r'http.user_agent matches "a\.b\*c\\d"',
    'http.host wildcard "WWW.*"',
    'http.host wildcard "*"',
    'http.host strict wildcard "www.*.com"',
    r'http.user_agent wildcard r"a.b\*c\\d"',
    'http.user_agent wildcard "a*d"',
    # in
    'http.host in {"a" "www.Example.com"}',
    "cf.threat_score in {1 5..9 10}",
    "cf.threat_score in {0x5..0xf}",
    "cf.threat_score in {-5..10}",
    "ip.src in {192.0.2.0/24}",
    "ip.src in {10.0.0.0/8 192.0.2.5..192.0.2.9}",
    "ip.src in {192.0.2.7}",
    "cf.edge.server_ip in {2001:db8::/32 10.0.0.0/8}",
    "not ip.src in {::/0}",
    "ip.src in {192}",
    # logic and its precedence: not, and, xor, or
    "ssl",
    "not cf.client.bot",
    "!cf.client.bot",
    "not not ssl",
    "ssl and not cf.client.bot",
    "ssl && !cf.client.bot",
    "cf.client.bot or ssl",
    "cf.client.bot || ssl",
    "ssl xor cf.client.bot",
    "ssl ^^ cf.client.bot",
    "ssl xor ssl xor ssl",
    "ssl or cf.client.bot and cf.client.bot",
    "ssl or ssl xor ssl",
    "ssl xor cf.client.bot and cf.client.bot",
    "not cf.client.bot or ssl and cf.client.bot",
    "(ssl)",
    "((ssl) and (not (cf.client.bot)))",
    # arrays and maps
    'http.request.headers["accept"][1] eq "text/html"',
    'any(http.request.headers["accept"][*] == "text/html")',
    'not all(http.request.headers["accept"][*] == "text/html")',
    'any(http.request.headers[*][*] == "text/html")',
    'any(lower(http.request.headers.names[*])[*] == "host")',
    'any(starts_with(http.request.headers.names[*], "H"))',
    'any(not http.request.headers.names[*] == "accept")',
    'all(len(http.request.uri.args["a"][*])[*] in {1})',
    "any(cf.bot_management.detection_ids[*] in {8 9})",
    "cf.bot_management.detection_ids[2] eq 8",
    "any(cf.bot_management.detection_ids[*] gt cf.waf.score)",
    'any(http.request.body.multipart.names[*][*] eq "z")',
    'any(http.request.body.multipart.names[*][1] eq "y")',
    'any((http.request.headers.names[*] == "accept" or http.request.headers.names[*] == "x"))',
    'all((http.request.headers.names[*] == "accept" xor http.request.headers.names[*] == "Host"))',
    'len(http.request.uri.args["a"]) == 2',
    'len(http.request.uri.args["none"]) >= 0 xor ssl',
    'concat(http.request.uri.args["a"], http.request.uri.args["b"])[2] == "2"',
    # missing values: every comparison is false, `ne` too, and `not` of it is true
    'not http.referer ne "x"',
    'not http.referer eq "x"',
    'not http.request.headers["none"][0] ne "x"',
    'not http.request.headers["accept"][9] eq "x"',
    'not http.referer in {"x"}',
    'not http.referer matches ".*"',
    "not http.host eq http.referer",
    'not lower(http.referer) ne "x"',
    'not starts_with(http.referer, "")',
    'not any(http.request.headers["none"][*] == "x")',
    'all(http.request.headers["none"][*] == "x")',
    "not cf.waf.auth_detected",
    'concat(http.referer, "x") eq "x"',
    # functions
    'starts_with(http.request.uri.path, "/Blog")',
    'ends_with(http.request.uri.path, ".html")',
    'lower(http.host) eq "www.example.com"',
    'upper(http.host) eq "WWW.EXAMPLE.COM"',
    "len(http.host) eq 15",
    "cidr(ip.src, 24, 24) eq 192.0.2.0",
    "cidr6(cf.edge.server_ip, 32) eq 2001:db8::",
    "cidr6(ip.src, 32) eq 192.0.2.7",
    'has_key(http.request.headers, "accept")',
    'not has_key(http.request.headers, "none")',
    "has_key(http.request.headers, lower(http.request.headers.names[1]))",
    'has_value(http.request.headers.names, "Host")',
    'not has_value(http.request.headers["accept"], "none")',
    "has_value(cf.bot_management.detection_ids, 5)",
]

FALSE = [
    'http.host eq "www.example.com"',
    'http.host contains "example"',
    'http.host wildcard "www"',
    'http.host strict wildcard "WWW.*"',
    'http.host wildcard "*.com*x"',
    'http.host matches "^Example"',
    "ip.src eq 192.0.2.8",
    "ip.src gt ::",
    "ip.src lt ::",
    "ip.src in {192.0.2.8..192.0.2.255}",
    "ip.src in {::/0}",
    "cf.threat_score in {}",
    "cf.threat_score in {11..20 1..9}",
    "cf.threat_score & 5",
    "ssl xor ssl",
    "not ssl or ssl and cf.client.bot",
    "(ssl or ssl) and cf.client.bot",
    "not (ssl or cf.client.bot)",
    'all(not len(http.request.uri.args["a"][*])[*] in {1})',
]

VALUES = [
    ("http.host", "www.Example.com"),
    ("cf.threat_score", 10),
    ("ssl", True),
    ("ip.src", "192.0.2.7"),
    ("http.referer", None),
    ('http.request.uri.args["a"]', ["1", "3"]),
    ("http.request.uri.args", {"a": ["1", "3"], "b": ["2"]}),
    ('concat("a", http.host, "b")', "awww.Example.comb"),
    ("lower(http.request.headers.names[*])", ["accept", "host"]),
    ('join(http.request.headers.names, ", ")', "accept, Host"),
    ('split(http.host, ".", 2)', ["www", "Example.com"]),
    ("substring(http.host, 4)", "Example.com"),
    ("substring(http.host, -3)", "com"),
    ("substring(http.host, 4, 99)", "Example.com"),
    ("substring(http.host, 9, 4)", ""),
    ("to_string(ip.src)", "192.0.2.7"),
    ("to_string(cf.edge.server_ip)", "2001:db8::1"),
    ("to_string(cf.client.bot)", "false"),
    ("url_decode(http.cookie)", "%20 %u2601 A%zz"),
    ('url_decode(http.cookie, "u")', "%20 ☁ A%zz"),
    ('url_decode(http.cookie, "ur")', "  ☁ A%zz"),
    ('remove_bytes(http.host, "w.")', "Examplecom"),
    ('remove_query_args(http.request.uri.query, "a", "c")', "b=2"),
    ('regex_replace(http.host, "w(w)", "${1}-$$")', "w-$w.Example.com"),
    ('regex_replace(http.host, "^(x)?www", "[${1}${9}]")', "[].Example.com"),
    ('wildcard_replace(http.host, "*.EXAMPLE.*", "${2}/${1}")', "com/www"),
    ('wildcard_replace(http.host, "*.EXAMPLE.*", "${2}", "s")', "www.Example.com"),
    ('lookup_json_string(http.request.body.raw, "a", "b", 1)', "two"),
    ('lookup_json_string(http.request.body.raw, "é")', "ü"),
    ('lookup_json_integer(http.request.body.raw, "a", "b", 0)', 1),
    ('lookup_json_integer(http.request.body.raw, "a", "b", 2)', None),
    ('lookup_json_integer(http.request.body.raw, "a", "b", 3)', None),
    ('lookup_json_integer(http.request.body.raw, "a", "b", -1)', None),
    ('lookup_json_integer(http.request.body.raw, "big")', None),
    ('lookup_json_string(http.host, "a")', None),
    ('encode_base64("hello world")', "aGVsbG8gd29ybGQ"),
    ('encode_base64("hello world", "up")', "aGVsbG8gd29ybGQ="),
    ("encode_base64(sha256(http.referer))", None),
    ('encode_base64(sha256("a"), "p")', b64encode(hashlib.sha256(b"a").digest()).decode()),
    ("uuidv4(cf.random_seed)", "19b25856-e1c1-40ca-834c-ffc8b59b23ad"),
    ("decode_base64(http.host)", None),
]


@pytest.mark.parametrize("expression", TRUE)
def test_expression_is_true(expression):
    """Each holds of the request; its negation therefore does not."""
    assert answer(expression) == {"value": True}
    assert answer(f"not ({expression})") == {"value": False}


@pytest.mark.parametrize("expression", FALSE)
def test_expression_is_false(expression):
    """Each does not hold of the request."""
    assert answer(expression) == {"value": False}


@pytest.mark.parametrize(("expression", "value"), VALUES)
def test_value_expression_has_value(expression, value):
    """Fields and functions are values where nothing is compared."""
    assert answer(expression) == {"value": value}


def test_whole_expression_may_be_true_or_false():
    """As in rules for all requests; a part of an expression may not."""
    assert answer("true") == {"value": True}
    assert answer(" false ") == {"value": False}
    assert answer("ssl and true")["error"]["offset"] == 8
    assert answer("true", form="value")["error"]["offset"] == 0


@pytest.mark.parametrize("body", ['{"a": NaN, "n": 1}', '{"n": 1} x', "{'n': 1}", '{"n": 1,}', "", "[1"])
def test_lookup_in_what_is_no_json_has_no_value(body):
    """The document must be valid as a whole, also where the key stands before the mistake."""
    assert answer('lookup_json_integer(http.request.body.raw, "n")', {"http.request.body.raw": body}) == {"value": None}
    assert answer('lookup_json_integer(http.request.body.raw, "n")', {"http.request.body.raw": '{"n": 1}'}) == {
        "value": 1
    }


def test_named_list_holds_its_items():
    """The lists of the account come with the question; one that is missing is an error at its name."""
    lists = {"office": ["192.0.2.0/24", "2001:db8::1"], "hosts": ["www.Example.com"], "scores": [10]}
    for expression in ("ip.src in $office", "http.host in $hosts", "cf.threat_score in $scores"):
        assert answer(expression, lists=lists) == {"value": True}
    assert answer("ip.src in $home", lists=lists)["error"] == {"message": "there is no list $home", "offset": 10}
    assert answer("ip.src in $hosts", lists=lists)["error"]["offset"] == 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("http.host", 3),
        ("cf.threat_score", "3"),
        ("cf.threat_score", True),
        ("cf.threat_score", 2**63),
        ("ssl", 1),
        ("ip.src", "nowhere"),
        ("http.request.headers", ["a"]),
        ("http.request.headers", {"a": "b"}),
    ],
)
def test_value_of_another_type_is_refused(name, value):
    """A request with a field of the wrong type has no answer."""
    assert name in answer("ssl", {**FIELDS, name: value})["error"]["message"]


@pytest.mark.parametrize(
    "more",
    [
        {"phase": 7},
        {"phase": ["http_ratelimit"]},
        {"lists": {"office": None}},
        {"lists": {"office": "192.0.2.7"}},
        {"lists": []},
        {"form": ["filter"]},
    ],
    ids=str,
)
def test_question_of_another_form_is_refused(more):
    """The mistake is named on its line; a list is one of items, never a text."""
    assert "must be" in answer("ip.src in $office", **more)["error"]["message"]

"""What is no expression, and the character that the error points at."""

import pytest

from twin.semantics.rules import RuleError, decide, parse

# The caret is under the character that is wrong.
MISTAKES = """
http.host ends_with ".html"
          ^ comparison operator
http.host
         ^ comparison operator
http.hots eq "a"
^ http.host
http.host EQ "a"
          ^ comparison operator
http.host eq "a" AND ssl
                 ^ unrecognised
http.host eq "a" and
                    ^ field or a function
(http.host eq "a"
                 ^ ')'
http.host eq "a")
                ^ unrecognised
()
 ^ field or a function
ssl eq true
    ^ unrecognised
http.host eq "a
              ^ ending quote
http.host eq r#"a"
              ^ ending quote
http.host eq "\\d"
               ^ xHH
http.host eq "\\x4"
                ^ 2 digits
http.host eq "\\400"
               ^ one byte
http.host eq 80
               ^ ':'
http.host eq 'a'
             ^ digits of base 16
http.host eq ip.src
             ^ String, but got IP address
http.host in {"a","b"}
                 ^ digits of base 16
http.host in "a"
             ^ '{'
http.host in $Office
              ^ list
http.host in $.a
              ^ list
cf.threat_score eq "80"
                   ^ digit
cf.threat_score eq 08
                   ^ base 8
cf.threat_score eq 10fe
                   ^ base 10
cf.threat_score eq 9223372036854775808
                   ^ 64 bits
cf.threat_score contains "8"
                ^ Integer
cf.threat_score matches "8"
                ^ Integer
cf.threat_score in {3..1}
                    ^ bounds
cf.threat_score in {1..}
                       ^ digit
ip.src eq 10.0.0.0/8
          ^ IP address
ip.src eq "1.2.3.4"
          ^ IP address
ip.src eq 01.2.3.4
          ^ IP address
ip.src contains "1"
       ^ IP address
ip.src in {10.0.0.1/8}
           ^ bits set
ip.src in {1.2.3.4/33}
           ^ 32 bits
ip.src in {1.2.3.4/}
                   ^ length
ip.src in {1.2.3.9..1.2.3.4}
           ^ bounds
ip.src in {1.2.3.4..::1}
           ^ bounds
http.host wildcard "a**b"
                   ^ double star
http.host wildcard r"a\\b"
                   ^ escape
http.host wildcard "*1*2*3*4*5*6*7*8*9*10*11"
                   ^ limit
http.host matches "a(?=b)"
                   ^ (?=
http.host matches "("
                   ^ missing )
http.host matches "(a)\\1"
                   ^ backreference
http.host matches "\\y"
                   ^ escape sequence
http.host matches "\\p{Greek}"
                   ^ Unicode
http.host matches "a{,3}"
                   ^ repetition
http.host matches "[a&&b]"
                   ^ not supported
http.request.headers["a"][*] == "b"
^ any() or all()
ssl and http.request.headers["a"][*] == "b"
        ^ Array<Boolean>
http.request.headers == "a"
                     ^ Map<Array<String>>
any(http.request.headers.names == "b")
                               ^ Array<String>
http.request.headers[0] eq "b"
                    ^ Map
http.request.headers.names["a"] eq "b"
                          ^ Array
http.request.headers.names[-1] eq "b"
                           ^ from 0 on
http.host[0] eq "a"
         ^ String
http.request.headers.names[*][*] == "x"
                             ^ String
any(ssl)
    ^ Array<Boolean>
lower("a") eq "a"
      ^ not a literal
starts_with("foo", "f")
            ^ not a literal
starts_with(http.host, 5)
                       ^ String
starts_with(http.host)
                     ^ 2 arguments
starts_with(http.host, "a", "b")
                            ^ 2 arguments
any(starts_with(http.host, http.request.headers.names[*]))
                           ^ first argument
lower eq "a"
      ^ '('
lower(http.request.headers.names) eq "a"
      ^ String, but got Array<String>
concat("a") eq "b"
          ^ at least 2
concat(http.host, 1) == "a"
                  ^ String
cidr(ip.src, 33, 24) eq 1.2.3.4
             ^ 1 to 32
cidr6(ip.src, 0) eq ::1
              ^ 1 to 128
cidr(1.2.3.4, 24, 24) eq 1.2.3.0
     ^ not a literal
split(http.host, "", 4)[0] eq "a"
                 ^ not empty
split(http.host, ",", 129)[0] eq "a"
                      ^ 1 to 128
remove_query_args(http.host, "a") eq "b"
                  ^ http.request.uri.query
url_decode(http.host, "x") eq "a"
                      ^ letters
url_decode("a%20b") eq "a b"
           ^ not a literal
has_value(http.request.headers, "a")
          ^ single values
has_value(cf.bot_management.detection_ids, "3")
                                           ^ Integer
to_string(http.host) eq "a"
          ^ Integer or Boolean or IP address
len(cf.threat_score) > 1
    ^ String or Array
regex_replace(http.host, "(", "b") == "c"
                          ^ missing )
wildcard_replace(http.host, "**", "b") == "c"
                            ^ double star
concat(regex_replace(http.host, "a", "b"), regex_replace(http.host, "a", "b")) == "c"
                                           ^ together
regex_replace(http.host, "a", "${1}${1}${1}${1}${1}${1}${1}${1}${1}") == "c"
                              ^ 8 are the most
"a" eq http.host
^ field or a function
# comment
^ field or a function
http.host eq "é" and missing
                     ^ unknown identifier
"""


def _mistakes():
    lines = MISTAKES.strip("\n").split("\n")
    for text, caret in zip(lines[::2], lines[1::2], strict=True):
        offset = caret.index("^")
        yield pytest.param(text, offset, caret[offset + 2 :], id=text)


@pytest.mark.parametrize(("text", "offset", "said"), list(_mistakes()))
def test_mistake_points_at_its_character(text, offset, said):
    """The offset is that of the caret, and the message names what was expected or found there."""
    with pytest.raises(RuleError) as refused:
        parse(text, "filter")
    assert (refused.value.offset, said) == (offset, said if said in refused.value.message else refused.value.message)


def test_expression_of_4096_characters_is_the_longest():
    """One more is refused."""
    longest = f'http.host eq "{"a" * (4096 - 15)}"'
    assert len(longest) == 4096
    assert decide({"expression": longest, "fields": {}}) == {"value": False}
    assert decide({"expression": longest + " ", "fields": {}})["error"]["offset"] == 4096


def test_nesting_of_128_is_the_deepest():
    """One parenthesis, negation or call more is refused where it opens."""
    for opening, closing in (("(", ")"), ("!", ""), ("not ", "")):
        assert parse(opening * 128 + "ssl" + closing * 128)
        with pytest.raises(RuleError, match="128") as refused:
            parse(opening * 129 + "ssl" + closing * 129)
        assert refused.value.offset == 128 * len(opening)
    calls = "lower(" * 128 + "http.host" + ")" * 128
    assert decide({"expression": calls, "fields": {"http.host": "A"}}) == {"value": "a"}
    with pytest.raises(RuleError, match="128"):
        parse(f"lower({calls})")


@pytest.mark.parametrize("text", ["", "  \n ", "\t"])
def test_empty_expression_is_refused(text):
    """There is nothing to evaluate."""
    assert decide({"expression": text})["error"]["message"] == "the expression is empty"


@pytest.mark.parametrize(
    ("text", "phase", "form", "offset"),
    [
        ('regex_replace(http.host, "a", "b") eq "c"', "http_request_firewall_custom", "filter", 0),
        ('concat("a", to_string(cf.threat_score))', "http_request_cache_settings", "value", 12),
        ("cidr(ip.src, 24, 24) eq 1.2.3.0", "http_request_cache_settings", "filter", 0),
        ("ssl and tcp.dstport eq 80", "http_request_firewall_custom", "filter", 8),
        ('join(split(http.host, ".", 2), "-")', "http_request_late_transform", "value", 5),
        ('split(http.host, ".", 2)[0] eq "a"', "http_request_firewall_custom", "filter", 0),
        ('wildcard_replace(http.host, "*", "b")', "http_response_headers_transform", "value", 0),
        ('encode_base64("a")', "http_request_transform", "value", 0),
        ("encode_base64(sha256(http.host))", "http_request_transform", "value", 0),
        ('cf.load_balancer.region eq "ENAM"', "http_request_firewall_custom", "filter", 0),
    ],
)
def test_phase_refuses_what_it_does_not_have(text, phase, form, offset):
    """The same expression stands without a phase, and in the phases that the documentation names."""
    assert parse(text, form)
    with pytest.raises(RuleError) as refused:
        parse(text, form, phase)
    assert refused.value.offset == offset


def test_phase_allows_what_it_has():
    """What the documentation gives to a phase is accepted in it."""
    assert parse("cidr(ip.src, 24, 24) eq 1.2.3.0", "filter", "http_ratelimit")
    assert parse('regex_replace(http.request.uri.path, "a", "b")', "value", "http_request_transform")
    assert parse('wildcard_replace(http.request.full_uri, "a*", "b")', "value", "http_request_dynamic_redirect")
    assert parse('join(split(http.host, ".", 2), "-")', "value", "http_response_headers_transform")
    assert parse("encode_base64(sha256(http.host))", "value", "http_request_late_transform")


def test_value_where_a_condition_stands_is_refused():
    """A rewrite needs a value, a rule a condition."""
    with pytest.raises(RuleError):
        parse('http.host eq "a"', "value")
    with pytest.raises(RuleError):
        parse("lower(http.host)", "filter")
    assert parse("ssl", "value")


@pytest.mark.parametrize("text", ["bit_slice(udp, 0, 8) eq 3", 'is_jwt_valid("51231d16-01f1-48e3-93f8-91c99e81288e")'])
def test_function_that_needs_more_than_fields_is_refused_by_name(text):
    """It parses, for it is an expression, and is not answered with a guess."""
    assert parse(text)
    error = decide({"expression": text, "fields": {}})["error"]
    assert "which the twin does not have" in error["message"]


@pytest.mark.parametrize(
    "question", [{}, {"expression": 3}, {"expression": "ssl", "form": "x"}, {"expression": "ssl", "fields": []}]
)
def test_question_that_is_none_has_an_error(question):
    """An answer comes all the same, with the id of the question."""
    answer = decide({"id": "q", **question})
    assert answer["id"] == "q"
    assert answer["error"]["offset"] == 0

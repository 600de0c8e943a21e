"""`twin check` finds expressions that Cloudflare would refuse, at their character."""

import pytest

from twin.address import Address
from twin.codes import codes
from twin.resources.cloudflare.ruleset import RateLimit, Rule, Ruleset
from twin.resources.resource import Peers
from twin.resources.scope import Scope

SCOPE = Scope(org="acme", environment="test", cloudflare_account="0" * 32)


def found(phase="http_request_firewall_custom", action="block", **fields):
    """Return what the check of a rule finds."""
    rule = Rule(**{"expression": 'http.host eq "a"', "action": action, **fields})
    ruleset = Ruleset(zone="zone", phase=phase, rules=[rule])
    problems = ruleset.check(Address("cloudflare.ruleset", "it"), Peers({}, SCOPE))
    return [(problem.code, problem.message.split(": ", 1)[1]) for problem in problems]


def rewrite(expression):
    """Return the parameters of a rewrite whose path is computed."""
    return {"uri": {"path": {"expression": expression}}}


def test_good_expressions_have_no_problem():
    """A condition, and a path that is computed."""
    assert found() == []
    assert found(expression="true") == []
    path = rewrite('regex_replace(http.request.uri.path, "^/old/", "/new/")')
    assert found("http_request_transform", "rewrite", action_parameters=path) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expression": 'http.hots eq "a"'}, "its expression is wrong at character 0: unknown identifier http.hots"),
        ({"expression": "ip.src eq 10.0.0.0/8"}, "its expression is wrong at character 10: 10.0.0.0/8 is no IP"),
        ({"expression": "lower(http.host)"}, "its expression is wrong at character 16: expected a comparison"),
        ({"expression": 'to_string(ssl) eq "true"'}, "its expression is wrong at character 0: to_string() is only for"),
        (
            {"phase": "http_request_transform", "action": "rewrite", "action_parameters": rewrite("ssl and ssl")},
            "the expression of its action at uri.path.expression is wrong at character 0",
        ),
        (
            {"phase": "http_request_transform", "action": "rewrite", "action_parameters": rewrite("lower(http.hots)")},
            "the expression of its action at uri.path.expression is wrong at character 6",
        ),
    ],
)
def test_expression_that_is_none_is_found_at_its_character(fields, said):
    """One problem, with the code that `twin explain` knows."""
    [(code, message)] = found(**fields)
    assert (code, message[: len(said)]) == ("TW0541", said)
    assert "TW0541" in codes()


def test_counting_expression_is_parsed_too():
    """It may use the response, of which a condition knows nothing yet."""
    limit = {"characteristics": ["cf.colo.id", "ip.src"], "period": 10}
    limit |= {"requests_per_period": 5, "mitigation_timeout": 10}
    for counted, codes_found in (("http.response.code eq 401", []), ("http.response.code eq 40x", ["TW0541"])):
        rule = RateLimit(**limit, counting_expression=counted)
        assert [code for code, _ in found("http_ratelimit", ratelimit=rule)] == codes_found


def test_expression_that_is_not_yet_known_is_left_alone():
    """What another resource will say cannot be parsed before it exists."""
    assert found(expression='http.host eq "${cloudflare.zone.main.name}" and nonsense') == []
    assert found(expression='http.host eq "example.com" and nonsense') != []

"""Laws of the edge that hold whatever the rules and the request, and purging."""

import pytest
from edge_cases import ask, asked, entry, fixed, rule, waf, zone
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.semantics.edge import Memory, purge

PATHS = st.sampled_from(["/", "/a", "/b.css", "/c"])
EXPRESSIONS = st.sampled_from(
    ["true", 'http.request.uri.path eq "/a"', 'starts_with(http.request.uri.path, "/b")', "ip.src in {203.0.113.0/24}"]
)
RULES = st.lists(
    st.builds(
        lambda action, expression, enabled: rule(action, expression, enabled=enabled),
        st.sampled_from(["block", "managed_challenge", "log"]),
        EXPRESSIONS,
        st.booleans(),
    ),
    max_size=4,
)
SKIPS = st.sampled_from(
    [{"ruleset": "current"}, {"phase": "current"}, {"phases": ["http_ratelimit", "http_request_firewall_managed"]}]
)
LIMIT = {"characteristics": ["cf.colo.id", "ip.src"], "period": 10, "requests_per_period": 2, "mitigation_timeout": 10}


def blocked(found):
    """Tell whether the edge stood in the way."""
    return found.by == "edge"


@settings(max_examples=examples(150))
@given(rules=RULES, path=PATHS)
def test_disabled_rules_never_act(rules, path):
    """Leaving the disabled rules out changes nothing."""
    all_, enabled = zone(rulesets=(waf(*rules),)), zone(rulesets=(waf(*[r for r in rules if r["enabled"]]),))
    assert ask(all_, asked(path)).status == ask(enabled, asked(path)).status


@settings(max_examples=examples(150))
@given(rules=RULES, path=PATHS, skip=SKIPS, where=EXPRESSIONS, at=st.integers(0, 4))
def test_skip_never_blocks_more(rules, path, skip, where, at):
    """Whatever passed without a skip passes with it, wherever it stands."""
    with_skip = [*rules[:at], rule("skip", where, action_parameters=skip), *rules[at:]]
    before = ask(zone(rulesets=(waf(*rules),)), asked(path))
    after = ask(zone(rulesets=(waf(*with_skip),)), asked(path))
    assert blocked(before) or not blocked(after)


@settings(max_examples=examples(100))
@given(rules=RULES, path=PATHS)
def test_account_rules_decide_before_the_zone(rules, path):
    """What the account's rules stop is stopped, whatever the zone says."""
    account = zone(account_rulesets=(waf(*rules, level="account"),))
    both = zone(account_rulesets=(waf(*rules, level="account"),), rulesets=(waf(rule("block")),))
    assert blocked(ask(both, asked(path)))
    if blocked(ask(account, asked(path))):
        assert ask(both, asked(path)).status == ask(account, asked(path)).status


@settings(max_examples=examples(50))
@given(steps=st.lists(st.floats(0, 15), min_size=1, max_size=30))
def test_rate_limit_never_lets_more_through_than_its_rate(steps):
    """In a period from any request that passed, at most twice the limit passes: windows may meet in it."""
    of, memory, at, passed = (
        zone(rulesets=(entry("http_ratelimit", rule("block", ratelimit=LIMIT)),)),
        Memory(),
        0.0,
        [],
    )
    for step in steps:
        at += step
        if not blocked(ask(of, asked(at=at), memory=memory)):
            passed.append(at)
    for first in passed:
        assert sum(first <= other < first + LIMIT["period"] for other in passed) <= 2 * LIMIT["requests_per_period"]


@settings(max_examples=examples(50))
@given(rules=RULES, path=PATHS)
def test_same_request_same_visit(rules, path):
    """Nothing is drawn but from the ray."""
    of = zone(rulesets=(waf(*rules),))
    assert ask(of, asked(path)) == ask(of, asked(path))


def test_every_step_of_a_block_names_its_rule():
    """The trace tells which rule of which ruleset at which level stopped the request, and the log has one event."""
    found = ask(zone(rulesets=(waf(rule("block", description="no", id="b1")),)), asked())
    step = found.trace[-1]
    assert (step.said, step.rule, step.level) == ("block", "b1", "zone")
    assert [(event.action, event.rule, event.description) for event in found.events] == [("block", "b1", "no")]


def test_expression_that_cannot_be_evaluated_is_told_and_matches_nothing():
    """A list that is not there does not stop a request, and the trace says why the rule did not act."""
    found = ask(zone(rulesets=(waf(rule("block", "ip.src in $gone")),)), asked())
    assert found.status == 200
    assert any("$gone" in step.said for step in found.trace)


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ({"purge_everything": True}, []),
        ({"files": ["https://www.example.com/a.css"]}, ["/b/c.css", "/b.css"]),
        ({"files": ["https://www.example.com/A.css"]}, ["/a.css", "/b/c.css", "/b.css"]),
        ({"prefixes": ["www.example.com/b"]}, ["/a.css", "/b.css"]),
        ({"hosts": ["www.example.com"]}, []),
        ({"hosts": ["other.example.com"]}, ["/a.css", "/b/c.css", "/b.css"]),
        ({"tags": ["RED"]}, []),
        ({"tags": ["blue"]}, ["/a.css", "/b/c.css", "/b.css"]),
    ],
    ids=["everything", "file", "file-other-case", "prefix", "host", "other-host", "tag", "other-tag"],
)
def test_purge_takes_out_what_it_names_and_nothing_else(what, left):
    """https://developers.cloudflare.com/cache/how-to/purge-cache/ : everything, by URL, by tag, host and prefix."""
    of, memory, origin = zone(), Memory(), fixed(headers={"cache-tag": "red,green"})
    paths = ["/a.css", "/b/c.css", "/b.css"]
    ask(of, *map(asked, paths), origin=origin, memory=memory)
    assert len(memory.objects) == 3
    purge(memory, what, "example.com")
    kept = [path for path in paths if ask(of, asked(path), memory=memory).cache == "HIT"]
    assert kept == left

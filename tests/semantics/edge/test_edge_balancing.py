"""Load balancing as Cloudflare documents it: pools, health, steering, affinity, rules, fallback."""

from dataclasses import replace

import pytest
from edge_cases import A, ask, asked, fixed, per_address, zone

from twin.semantics.edge import Broken, Returned
from twin.semantics.edge.health import heard, passes, pool_state

PAGES = "https://developers.cloudflare.com/load-balancing/"
EAST = {"name": "east", "address": "192.0.2.31", "enabled": True, "weight": 1}
WEST = {"name": "west", "address": "192.0.2.32", "enabled": True, "weight": 1}
POOLS = {
    "p1": {"id": "p1", "enabled": True, "minimum_origins": 1, "origins": [EAST, WEST]},
    "p2": {
        "id": "p2",
        "enabled": True,
        "minimum_origins": 1,
        "origins": [{**EAST, "name": "two", "address": "192.0.2.41"}],
    },
    "p3": {
        "id": "p3",
        "enabled": True,
        "minimum_origins": 1,
        "origins": [{**EAST, "name": "last", "address": "192.0.2.51"}],
    },
}
BALANCER = {
    "id": "lb",
    "name": "www.example.com",
    "enabled": True,
    "proxied": True,
    "default_pools": ["p1", "p2"],
    "fallback_pool": "p3",
    "steering_policy": "off",
}
UP, DOWN = {"east": True, "west": True}, {"east": False, "west": False}


def balanced(health=None, pools=POOLS, **changes):
    """Return a zone with the balancer changed."""
    return zone(balancers=({**BALANCER, **changes},), pools=pools, health=health or {})


def pool_of(of, **parts):
    """Return the pool that a request reaches."""
    return ask(of, asked(**parts)).pool


CASES = [
    ("balancer-goes-before-a-record", balanced(), {}, "p1"),
    ("unmonitored-pool-takes-traffic", balanced({}), {}, "p1"),
    ("healthy-pool-first", balanced({"p1": UP, "p2": {"two": True}}), {}, "p1"),
    ("degraded-pool-takes-traffic", balanced({"p1": {"east": True, "west": False}}), {}, "p1"),
    ("critical-pool-is-passed-over", balanced({"p1": DOWN}), {}, "p2"),
    (
        "pool-below-its-minimum-is-critical",
        balanced({"p1": {"east": True, "west": False}}, pools={**POOLS, "p1": {**POOLS["p1"], "minimum_origins": 2}}),
        {},
        "p2",
    ),
    ("disabled-pool-is-passed-over", balanced(pools={**POOLS, "p1": {**POOLS["p1"], "enabled": False}}), {}, "p2"),
    ("fallback-when-none-is-healthy", balanced({"p1": DOWN, "p2": {"two": False}}), {}, "p3"),
    ("fallback-ignores-its-own-health", balanced({"p1": DOWN, "p2": {"two": False}, "p3": {"last": False}}), {}, "p3"),
    ("geo-by-country", balanced(steering_policy="geo", country_pools={"SE": ["p2"]}), {"country": "SE"}, "p2"),
    ("geo-by-region", balanced(steering_policy="geo", region_pools={"WEU": ["p2"]}), {"region": "WEU"}, "p2"),
    (
        "geo-country-before-region",
        balanced(steering_policy="geo", country_pools={"SE": ["p3"]}, region_pools={"WEU": ["p2"]}),
        {"country": "SE", "region": "WEU"},
        "p3",
    ),
    ("geo-elsewhere-goes-to-the-default", balanced(steering_policy="geo", country_pools={"SE": ["p2"]}), {}, "p1"),
    (
        "random-by-weight",
        balanced(steering_policy="random", random_steering={"pool_weights": {"p1": 0, "p2": 1}}),
        {},
        "p2",
    ),
    (
        "proximity-takes-the-nearest",
        balanced(
            steering_policy="proximity",
            pools={
                "p1": {**POOLS["p1"], "latitude": 40.7, "longitude": -74.0},
                "p2": {**POOLS["p2"], "latitude": 52.4, "longitude": 4.9},
                "p3": POOLS["p3"],
            },
        ),
        {"latitude": 59.3, "longitude": 18.1},
        "p2",
    ),
    (
        "rule-overrides-the-pools",
        balanced(
            rules=[
                {"name": "api", "condition": 'http.request.uri.path eq "/api"', "overrides": {"default_pools": ["p2"]}}
            ]
        ),
        {"path": "/api"},
        "p2",
    ),
    (
        "disabled-rule-of-a-balancer-does-nothing",
        balanced(rules=[{"name": "api", "disabled": True, "overrides": {"default_pools": ["p2"]}}]),
        {},
        "p1",
    ),
]


@pytest.mark.parametrize(("of", "parts", "pool"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_request_reaches_the_pool_that_the_documentation_names(of, parts, pool):
    """understand-basics/health-details, traffic-steering/steering-policies, additional-options/load-balancing-rules."""
    assert pool_of(of, **parts) == pool


def test_disabled_fallback_is_530_with_1016():
    """understand-basics/health-details: without a usable pool and a fallback, a proxied name answers 530."""
    pools = {**POOLS, "p3": {**POOLS["p3"], "enabled": False}}
    found = ask(balanced({"p1": DOWN, "p2": {"two": False}}, pools=pools), asked())
    assert (found.status, found.code) == (530, 1016)


def test_fixed_response_of_a_rule_answers_without_an_origin():
    """load-balancing-rules/actions: a fixed response comes from the edge."""
    origin = fixed()
    fixed_response = {"status_code": 503, "content_type": "text/plain", "message_body": "closed"}
    found = ask(balanced(rules=[{"name": "closed", "fixed_response": fixed_response}]), asked(), origin=origin)
    assert (found.status, found.body, origin.sent) == (503, b"closed", [])


def test_unhealthy_origin_of_a_healthy_pool_gets_nothing():
    """understand-basics/health-details: only healthy endpoints of a pool are used."""
    of = balanced({"p1": {"east": False, "west": True}})
    origin = fixed()
    ask(of, *[asked()] * 20, origin=origin)
    assert {sent.address for sent in origin.sent} == {"192.0.2.32"}


def test_weights_divide_the_traffic_of_a_pool():
    """origin-level-steering: an endpoint of weight 0 gets nothing, equal weights about half each."""
    origin = fixed()
    ask(balanced(), *[asked()] * 200, origin=origin)
    east = sum(sent.address == "192.0.2.31" for sent in origin.sent)
    assert 60 < east < 140
    none = {**POOLS, "p1": {**POOLS["p1"], "origins": [EAST, {**WEST, "weight": 0}]}}
    origin = fixed()
    ask(balanced(pools=none), *[asked()] * 20, origin=origin)
    assert {sent.address for sent in origin.sent} == {"192.0.2.31"}


def test_cookie_keeps_a_visitor_at_one_origin_until_it_dies():
    """session-affinity: the cookie names the endpoint; an unhealthy one is left."""
    of = balanced({"p1": UP}, session_affinity="cookie")
    first = ask(of, asked())
    cookie = first.headers["set-cookie"][0].partition(";")[0]
    origin = fixed()
    ask(of, *[asked(headers={"cookie": cookie})] * 20, origin=origin)
    assert {sent.address for sent in origin.sent} == {first.origin}
    left = {"east": first.origin != "192.0.2.31", "west": first.origin != "192.0.2.32"}
    moved = ask(replace(of, health={"p1": left}), asked(headers={"cookie": cookie}))
    assert moved.origin != first.origin
    assert "set-cookie" in moved.headers


def test_another_origin_is_tried_when_one_refuses():
    """zero-downtime failover within the pool."""
    found = ask(balanced(), asked(), origin=per_address({"192.0.2.31": "refused", "192.0.2.32": 200}))
    assert (found.status, found.origin) == (200, "192.0.2.32")


def test_balancer_without_proxy_leads_past_the_edge():
    """load-balancers/dns-records: DNS-only balancers answer with an endpoint's address."""
    found = ask(balanced(proxied=False), asked())
    assert found.by == "dns"
    assert found.addresses[0] in ("192.0.2.31", "192.0.2.32")
    assert A["content"] not in found.addresses


MONITOR = {"type": "https", "expected_codes": "2xx,301", "expected_body": "alive"}


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Returned(204, body=b"I am ALIVE"), None),
        (Returned(301, body=b"alive"), None),
        (Returned(302, body=b"alive"), "Response code mismatch error"),
        (Returned(200, body=b"dead"), "Response body mismatch error"),
        (Broken("timeout"), "TCP connection timed out"),
        (Broken("refused"), "TCP connection failed"),
    ],
    ids=["code-range", "code", "other-code", "other-body", "timeout", "refused"],
)
def test_probe_passes_by_code_and_body(answer, failure):
    """monitors: expected codes by range or number, and a text in the body, whatever its case."""
    assert passes(MONITOR, answer) == failure


def test_origin_turns_after_so_many_probes_in_a_row():
    """consecutive_down and consecutive_up; a probe that passes between starts the count anew."""
    monitor = {"consecutive_down": 3, "consecutive_up": 2}
    seen = heard(monitor, None, None)
    states = []
    for failure in ("x", "x", None, "x", "x", "x", None, None):
        seen = heard(monitor, seen, failure)
        states.append(seen.up)
    assert states == [True, True, True, True, True, False, False, True]


def test_pool_state_follows_its_origins():
    """healthy, degraded, critical."""
    pool = POOLS["p1"]
    assert [pool_state(pool, health) for health in (None, UP, {"east": True, "west": False}, DOWN)] == [
        "healthy",
        "healthy",
        "degraded",
        "critical",
    ]

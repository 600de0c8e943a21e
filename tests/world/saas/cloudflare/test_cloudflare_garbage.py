"""Whatever a client sends, the answer comes in the envelope: each part of good bodies replaced by each odd value."""

import copy
import json

import pytest
from werkzeug.datastructures import Headers

from twin.wire import Request

ACCOUNT = "/accounts/" + "a" * 32
DNS_READ = "82e64a83756745bbbb1c9c2701bf816b"
ODD = [None, True, 0, -1, 1.5, 10**30, "", "x", "\ud800", [], {}, [[]], [{}], [None], {"a": []}, {"in": 1}, ["x", "x"]]
RATE = {"characteristics": ["cf.colo.id"], "period": 10, "requests_per_period": 5, "mitigation_timeout": 10}
RULES = [
    ("http_ratelimit", {"action": "block", "expression": "true", "ratelimit": RATE}),
    ("http_request_firewall_custom", {"action": "skip", "action_parameters": {"phases": ["http_ratelimit"]}}),
    ("http_request_firewall_custom", {"action": "block", "action_parameters": {"response": {"status_code": 403}}}),
    (
        "http_request_firewall_managed",
        {"action": "execute", "action_parameters": {"id": "f" * 32, "overrides": {"rules": [{"id": "x"}]}}},
    ),
    ("http_request_transform", {"action": "rewrite", "action_parameters": {"uri": {"path": {"value": "/"}}}}),
    (
        "http_response_headers_transform",
        {"action": "rewrite", "action_parameters": {"headers": {"A": {"operation": "set", "value": "b"}}}},
    ),
    (
        "http_request_dynamic_redirect",
        {"action": "redirect", "action_parameters": {"from_value": {"target_url": {"value": "x"}, "status_code": 301}}},
    ),
    ("http_request_origin", {"action": "route", "action_parameters": {"origin": {"port": 1}, "sni": {"value": "a"}}}),
    (
        "http_request_cache_settings",
        {
            "action": "set_cache_settings",
            "action_parameters": {"edge_ttl": {"mode": "override_origin", "default": 7200}},
        },
    ),
    ("http_config_settings", {"action": "set_config", "action_parameters": {"ssl": "full"}}),
    (
        "http_response_compression",
        {"action": "compress_response", "action_parameters": {"algorithms": [{"name": "gzip"}]}},
    ),
]
POLICY = {
    "effect": "allow",
    "resources": {"com.cloudflare.api.account.zone.*": "*"},
    "permission_groups": [{"id": DNS_READ}],
}


def spoiled(value):
    """Yield copies of a JSON value, in each of which one part is odd or missing."""
    yield from ODD
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            for part in spoiled(value[key]):
                changed = copy.deepcopy(value)
                changed[key] = part
                yield changed
            if isinstance(value, dict):
                yield {name: part for name, part in value.items() if name != key}
        if isinstance(value, dict):
            yield {**value, "surplus": 1}


def bodies(zone, pool, monitor, record):
    """Yield method, path and a good body of every operation that takes one."""
    a = {"type": "A", "name": "w", "content": "192.0.2.1", "ttl": 1, "proxied": False, "comment": "c", "tags": []}
    srv = {"type": "SRV", "name": "s", "data": {"priority": 1, "weight": 1, "port": 1, "target": "a.example.net"}}
    mx = {"type": "MX", "name": "m", "content": "a.example.net", "priority": 1}
    yield "POST", "/zones", {"name": "other.com", "type": "full", "account": {"id": "a" * 32}}
    for body in ({"paused": True}, {"plan": {"id": "free"}}, {"vanity_name_servers": ["a.b.com"]}):
        yield "PATCH", zone, body
    yield "PATCH", f"{zone}/settings", [{"id": "ssl", "value": "full"}]
    hsts = {"value": {"strict_transport_security": {"enabled": True, "max_age": 1}}}
    yield "PATCH", f"{zone}/settings/security_header", hsts
    yield "PATCH", f"{zone}/settings/browser_cache_ttl", {"value": 0}
    for body in (a, srv, mx):
        yield "POST", f"{zone}/dns_records", body
    yield "PATCH", f"{zone}/dns_records/{record}", {"type": "TXT", "content": "x"}
    yield "PUT", f"{zone}/dns_records/{record}", a
    yield "POST", f"{zone}/dns_records/batch", {"deletes": [{"id": "x"}], "patches": [{"id": "x"}], "posts": [a]}
    for phase, rule in RULES:
        rules = {"rules": [{"expression": "true", "enabled": True, "ref": "r", **rule}]}
        yield "PUT", f"{zone}/rulesets/phases/{phase}/entrypoint", rules
    yield "POST", f"{zone}/rulesets", {"name": "n", "kind": "custom", "phase": "http_ratelimit", "rules": []}
    yield (
        "POST",
        "/user/tokens",
        {"name": "n", "policies": [POLICY], "condition": {"request_ip": {"in": ["192.0.2.0/24"]}}},
    )
    yield "PUT", ACCOUNT, {"name": "n", "settings": {"enforce_twofactor": True}}
    yield "POST", f"{ACCOUNT}/load_balancers/monitors", {"type": "http", "header": {"Host": ["a"]}, "interval": 60}
    origin = {"name": "o", "address": "192.0.2.1", "weight": 1, "port": 1, "header": {"Host": ["a"]}}
    steering = {"policy": "random"}
    body = {"name": "p2", "monitor": monitor, "check_regions": ["WEU"], "latitude": 1.0, "longitude": 1.0}
    yield "POST", f"{ACCOUNT}/load_balancers/pools", {**body, "origins": [origin], "origin_steering": steering}
    rule = {
        "name": "r",
        "condition": "true",
        "overrides": {"default_pools": [pool]},
        "fixed_response": {"status_code": 200},
    }
    balancer = {
        "name": "lb",
        "default_pools": [pool],
        "fallback_pool": pool,
        "region_pools": {"WEU": [pool]},
        "ttl": 30,
    }
    yield "POST", f"{zone}/load_balancers", {**balancer, "rules": [rule], "steering_policy": "geo"}


@pytest.fixture
def world(api, zone):
    """Return an api with one of everything, and its good bodies."""
    monitor = api.ok("POST", f"{ACCOUNT}/load_balancers/monitors", {})["id"]
    origins = [{"name": "o", "address": "192.0.2.1"}]
    pool = api.ok("POST", f"{ACCOUNT}/load_balancers/pools", {"name": "p", "origins": origins})["id"]
    record = api.ok("POST", f"{zone}/dns_records", {"type": "A", "name": "g", "content": "192.0.2.7"})["id"]
    return api, list(bodies(zone, pool, monitor, record))


def test_odd_bodies_are_answered_in_the_envelope(world):
    """Thousands of bodies; never an exception, never a 5xx, and most of them refused."""
    api, good = world
    headers = Headers([("Authorization", f"Bearer {api.token}"), ("Content-Type", "application/json")])
    answers = {True: 0, False: 0}
    for method, path, body in good:
        for odd in spoiled(body):
            url = f"https://api.cloudflare.com/client/v4{path}"
            reply = api.server.handle(Request(method, url, headers, json.dumps(odd).encode()))
            shown = json.loads(reply.body)
            assert reply.status < 500, (method, path, odd)
            assert shown["success"] == (reply.status < 400), (method, path, odd)
            answers[shown["success"]] += 1
    assert answers[False] > 3 * answers[True] > 300

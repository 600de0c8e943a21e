"""Findings about a zone: each is there for its weakness, and gone without it."""

import pytest

from twin.analysis.zero_trust.edge import Promise, differing, edge_trust
from twin.semantics.edge import Zone

SAFE = {"min_tls_version": "1.2", "tls_1_3": "on", "always_use_https": "on", "ssl": "strict"}
A = {"type": "A", "name": "www.example.com", "content": "192.0.2.10", "proxied": True}


def kinds(settings=None, records=(A,), promise=None, admits=None, **parts):
    """Return the kinds of findings about a zone that is safe but for what is given."""
    zone = Zone(name="example.com", settings={**SAFE, **(settings or {})}, records=records, **parts)
    return [finding.kind for finding in edge_trust(zone, promise or Promise(), admits)]


def test_a_safe_zone_has_no_findings():
    """Nor does one that is safer than the spec says."""
    assert kinds() == []
    assert kinds({"min_tls_version": "1.3"}) == []


@pytest.mark.parametrize(
    ("settings", "promise", "kind"),
    [
        ({"min_tls_version": "1.1"}, Promise(), "tls-below-the-least"),
        ({"min_tls_version": "1.2"}, Promise(least_tls="1.3"), "tls-below-the-least"),
        ({"min_tls_version": "1.3", "tls_1_3": "off"}, Promise(least_tls="1.3"), "tls-below-the-least"),
        ({"always_use_https": "off"}, Promise(), "http-is-served"),
        ({}, Promise(hsts=True), "hsts-is-off"),
        ({"ssl": "full"}, Promise(), "origin-is-not-verified"),
        ({"ssl": "flexible"}, Promise(), "origin-is-not-verified"),
    ],
    ids=["tls-1-1", "tls-1-2-for-1-3", "tls-1-3-off", "http", "hsts", "full", "flexible"],
)
def test_a_setting_below_the_promise_is_found(settings, promise, kind):
    """One finding, of its kind."""
    assert kinds(settings, promise=promise) == [kind]


def test_a_record_that_tells_an_origin_is_found():
    """An address behind the edge stands in a record that is not proxied; another address does not matter."""
    direct = {**A, "name": "direct.example.com", "proxied": False}
    assert kinds(records=(A, direct)) == ["origin-is-told"]
    assert kinds(records=(A, {**direct, "content": "192.0.2.99"})) == []


def test_origins_that_admit_strangers_are_found_when_the_network_tells():
    """Pools count as records do; nothing is claimed without a network."""
    pool = {"p": {"origins": [{"name": "o", "address": "192.0.2.50"}]}}
    balancer = ({"name": "app.example.com", "proxied": True, "default_pools": ["p"]},)
    opened = kinds(balancers=balancer, pools=pool, admits=lambda address, _: address == "192.0.2.50")
    assert opened == ["origin-accepts-strangers"]
    assert kinds(balancers=balancer, pools=pool, admits=lambda *_: False) == []
    assert kinds(balancers=balancer, pools=pool) == []


def test_a_zone_that_left_its_spec_is_found():
    """What a plan would change at Cloudflare, and nothing of others."""
    found = differing(
        [("update", "cloudflare.dns_record.www"), ("no-op", "cloudflare.zone.main"), ("update", "aws.x.y")]
    )
    assert [(finding.kind, finding.subject) for finding in found] == [
        ("zone-differs-from-its-spec", "cloudflare.dns_record.www")
    ]

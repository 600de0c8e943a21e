"""Each Cloudflare type keeps the resource contract on the twin's own server."""

import pytest

from twin.errors import TargetError
from twin.resources.call import Refused, cloudflare
from twin.resources.cloudflare.api_token import ApiToken, TokenPolicy
from twin.resources.cloudflare.dns_record import DnsRecord
from twin.resources.cloudflare.load_balancing import LoadBalancer, Monitor, Origin, Pool
from twin.resources.cloudflare.ruleset import RateLimit, Rule, Ruleset
from twin.resources.cloudflare.zone import Zone, ZoneSettings

ZONE = "${cloudflare.zone.main.id}"


@pytest.fixture
def zoned(bench):
    """An account that has the zone example.com."""
    bench.create("main", Zone(name="example.com"))
    return bench


def test_zone_lives_active_and_dies(bench):
    """A zone is added, activated, and removed."""
    bench.lifecycle("main", Zone(name="example.com"))


def test_zone_that_waits_is_activated_by_the_next_run(bench):
    """A zone whose creation was cut before the activation check shows as different and is mended."""
    address = bench.create("main", Zone(name="example.com", active=False))
    assert bench.differences(address, Zone(name="example.com")) == {"active": (True, False)}
    bench.change(address, Zone(name="example.com"))


def test_plan_of_a_zone_is_not_bought(bench):
    """A zone on another plan than the spec says is told, and nothing is sent."""
    address = bench.create("main", Zone(name="example.com"))
    wanted = Zone(name="example.com", plan="pro")
    seen = bench.observe(address, wanted)
    sent = len(bench.sent)
    with pytest.raises(TargetError, match="is on the free plan"):
        bench.run(wanted.update(bench.scope, address, seen, frozenset({"plan"})))
    assert len(bench.sent) == sent


RECORDS = {
    "a": ({"type": "A", "content": "192.0.2.1"}, {"content": "192.0.2.2", "ttl": 300, "comment": "the front"}),
    "aaaa": ({"type": "AAAA", "content": "2001:DB8:0:0::1"}, {"content": "2001:db8::2"}),
    "alias": ({"type": "CNAME", "content": "Origin.Example.net", "proxied": True}, {"proxied": False}),
    "mail": ({"type": "MX", "content": "mx.example.net", "priority": 10}, {"priority": 20}),
    "text": ({"type": "TXT", "content": "v=spf1 -all"}, {"content": "v=spf1 include:example.net -all"}),
    "caa": ({"type": "CAA", "content": '0 issue "letsencrypt.org"'}, {"content": "0 issue pki.goog"}),
    "srv": ({"type": "SRV", "content": "1 5 443 sip.example.net"}, {"content": "1 5 8443 sip.example.net"}),
    "tlsa": ({"type": "TLSA", "content": "3 1 1 " + "ab" * 32}, {"content": "3 1 1 " + "cd" * 32}),
    "case": ({"type": "TXT", "content": "verify=AbC"}, {"content": "verify=abc"}),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_record_lives_and_dies(zoned, kind):
    """A record of each form is made, changed in place and deleted."""
    first, change = RECORDS[kind]
    name = f"_sip._tcp.{kind}.example.com"
    zoned.lifecycle(
        kind, DnsRecord(zone=ZONE, name=name, **first), DnsRecord(zone=ZONE, name=name, **{**first, **change})
    )


def test_apex_may_be_an_alias(zoned):
    """Cloudflare takes a CNAME at the apex."""
    zoned.lifecycle("apex", DnsRecord(zone=ZONE, name="example.com", type="CNAME", content="origin.example.net"))


def test_foreign_record_is_seen_and_not_ours(zoned):
    """A record without our mark is read with no owner."""
    zone = next(iter(zoned.outputs.values()))["id"]
    body = {"type": "A", "name": "rogue.example.com", "content": "192.0.2.66", "ttl": 1}
    zoned.systems["cloudflare"].execute(cloudflare("POST", f"/zones/{zone}/dns_records", body))
    (seen,) = zoned.read(DnsRecord)
    assert (seen.owner, seen.fields["name"]) == (None, "rogue.example.com")


def test_settings_are_written_together_and_only_ours_compared(zoned):
    """Settings cost one call; those that are not managed are no difference."""
    first = ZoneSettings(zone=ZONE, settings={"ssl": "strict", "min_tls_version": "1.2"})
    before = len(zoned.sent)
    address = zoned.create("main", first)
    assert len(zoned.sent) - before == 1
    assert zoned.differences(address, first) == {}
    zoned.change(address, ZoneSettings(zone=ZONE, settings={"ssl": "full", "always_use_https": "on"}))


def test_unknown_setting_is_refused_by_the_server(zoned):
    """What the check finds at plan time the server refuses too."""
    with pytest.raises(Refused):
        zoned.create("main", ZoneSettings(zone=ZONE, settings={"sll": "strict"}))


BLOCK = Rule(description="no xmlrpc", expression='http.request.uri.path eq "/xmlrpc.php"', action="block")
LIMIT = Rule(
    description="logins",
    expression='http.request.uri.path eq "/login"',
    action="block",
    ratelimit=RateLimit(
        characteristics=["cf.colo.id", "ip.src"], period=10, requests_per_period=5, mitigation_timeout=10
    ),
)
CACHE = Rule(
    description="assets",
    expression='starts_with(http.request.uri.path, "/assets/")',
    action="set_cache_settings",
    action_parameters={"cache": True, "edge_ttl": {"mode": "override_origin", "default": 7200}},
)


@pytest.mark.parametrize(
    ("phase", "rule"),
    [("http_request_firewall_custom", BLOCK), ("http_ratelimit", LIMIT), ("http_request_cache_settings", CACHE)],
)
def test_ruleset_lives_and_dies(zoned, phase, rule):
    """A phase's rules are written whole, changed whole and removed."""
    zoned.lifecycle(
        "edge",
        Ruleset(zone=ZONE, phase=phase, rules=[rule]),
        Ruleset(zone=ZONE, phase=phase, description="off", rules=[rule.model_copy(update={"enabled": False})]),
    )


def test_rogue_rule_is_a_difference(zoned):
    """A rule added by hand to our ruleset shows as a difference of its rules."""
    wanted = Ruleset(zone=ZONE, phase="http_request_firewall_custom", rules=[BLOCK])
    address = zoned.create("waf", wanted)
    zone, ruleset = zoned.resolved(wanted).zone, zoned.outputs[address]["id"]
    rogue = {"expression": "ip.src eq 192.0.2.1", "action": "skip", "action_parameters": {"ruleset": "current"}}
    zoned.systems["cloudflare"].execute(cloudflare("POST", f"/zones/{zone}/rulesets/{ruleset}/rules", rogue))
    assert set(zoned.differences(address, wanted)) == {"rules"}
    zoned.change(address, wanted)


def test_load_balancing_lives_and_dies(zoned):
    """Monitor, pool and load balancer are made, changed and deleted."""
    monitor = Monitor(path="/health", expected_codes="200")
    zoned.create("web", monitor)
    pool = Pool(
        name="web-a",
        monitor="${cloudflare.monitor.web.id}",
        origins=[Origin(name="a", address="192.0.2.10"), Origin(name="b", address="192.0.2.11", weight=0.5)],
    )
    zoned.create("web", pool)
    balancer = LoadBalancer(
        zone=ZONE,
        name="www.example.com",
        default_pools=["${cloudflare.pool.web.id}"],
        fallback_pool="${cloudflare.pool.web.id}",
    )
    zoned.lifecycle("www", balancer, balancer.model_copy(update={"session_affinity": "cookie", "description": "shop"}))
    zoned.lifecycle("other", pool.model_copy(update={"name": "web-b"}), pool.model_copy(update={"name": "web-c"}))
    zoned.lifecycle("deep", monitor, monitor.model_copy(update={"interval": 120, "path": "/deep"}))


TOKEN = ApiToken(
    name="dns-writer",
    policies=[TokenPolicy(permission_groups=["DNS Write"], resources={f"com.cloudflare.api.account.zone.{ZONE}": "*"})],
    store="arn:aws:secretsmanager:us-east-1:123456789012:secret:edge",
)


def test_token_lives_and_its_value_is_only_in_the_store(zoned):
    """The value goes to Secrets Manager; neither outputs nor what is read hold it."""
    zoned.lifecycle("dns", TOKEN, TOKEN.model_copy(update={"expires_on": "2027-06-01T00:00:00Z"}))
    (put,) = zoned.systems["aws"].calls
    assert (put.service, put.operation) == ("secretsmanager", "PutSecretValue")
    value = put.params["SecretString"]
    assert len(value) >= 40
    assert value not in repr(zoned.outputs)
    assert value not in repr(zoned.read(ApiToken))


def test_permission_that_does_not_exist_is_told_by_name(zoned):
    """An unknown permission group ends the creation before a token is made."""
    policy = TOKEN.policies[0].model_copy(update={"permission_groups": ["DNS Writer"]})
    with pytest.raises(TargetError, match="DNS Writer"):
        zoned.create("dns", TOKEN.model_copy(update={"policies": [policy]}))
    assert zoned.read(ApiToken) == [] or all(t.fields["name"] != "dns-writer" for t in zoned.read(ApiToken))

"""What Cloudflare refuses is found before anything is sent, on the field that caused it."""

import pytest

from twin.address import Address
from twin.codes import codes
from twin.engine.check import CHECKS, STAND_IN
from twin.resources.cloudflare.api_token import ApiToken, TokenPolicy
from twin.resources.cloudflare.compare import covers
from twin.resources.cloudflare.dns_record import DnsRecord
from twin.resources.cloudflare.load_balancing import LoadBalancer, Monitor, Origin, Pool
from twin.resources.cloudflare.ruleset import RateLimit, Rule, Ruleset
from twin.resources.cloudflare.zone import Zone, ZoneSettings
from twin.resources.resource import Peers, drain
from twin.resources.scope import Scope

ZONE = "${cloudflare.zone.main.id}"
SCOPE = Scope(org="acme", environment="test", cloudflare_account="0" * 32)


def problems(resource, *, plan="free", others=()):
    """Check a resource beside the zone example.com; returns pairs of code and field."""
    address = Address(resource.TYPE, "it")
    desired = {Address("cloudflare.zone", "main"): Zone(name="example.com", plan=plan), address: resource}
    desired |= {Address(other.TYPE, f"a{n}"): other for n, other in enumerate(others)}
    found = list(resource.check(address, Peers(desired, SCOPE)))
    assert all(problem.code in codes() for problem in found), "every code is explained"
    return [(problem.code, problem.field) for problem in found]


def record(**fields):
    """Make an A record, with other fields on top."""
    return DnsRecord(**{"zone": ZONE, "type": "A", "name": "www.example.com", "content": "192.0.2.1", **fields})


def waf(*rules, phase="http_request_firewall_custom"):
    """Make a ruleset."""
    return Ruleset(zone=ZONE, phase=phase, rules=list(rules))


def rule(expression='http.host eq "a"', action="block", **fields):
    """Make a rule."""
    return Rule(expression=expression, action=action, **fields)


def limit(**fields):
    """Make a rate limit that the Free plan takes, with other fields on top."""
    base = {
        "characteristics": ["cf.colo.id", "ip.src"],
        "period": 10,
        "requests_per_period": 5,
        "mitigation_timeout": 10,
    }
    return RateLimit(**{**base, **fields})


def balancer(**fields):
    """Make a load balancer."""
    base = {"zone": ZONE, "name": "www.example.com", "default_pools": ["p"], "fallback_pool": "p"}
    return LoadBalancer(**{**base, **fields})


GOOD = [
    Zone(name="example.com"),
    Zone(name="xn--bcher-kva.example"),
    ZoneSettings(zone=ZONE, settings={"ssl": "strict", "browser_cache_ttl": 3600, "ciphers": ["AES128-SHA"]}),
    record(),
    record(name="example.com", type="CNAME", content="origin.example.net", proxied=True),
    record(name="Example.com."),
    record(type="AAAA", content="2001:db8::1"),
    record(content="${aws.ec2.eip.nat.public_ip}"),
    record(type="TXT", content="anything at all"),
    record(comment="x" * 50),
    waf(*[rule()] * 5),
    waf(rule('http.user_agent contains "a matches b ~ c"')),
    waf(rule(r'http.user_agent contains "quote \" and (bracket"')),
    waf(rule('http.request.uri.path wildcard r"/a(b"')),
    waf(rule(ratelimit=limit()), phase="http_ratelimit"),
    Monitor(path="/", expected_codes="200"),
    Monitor(type="tcp", port=5432),
    Pool(name="web", origins=[Origin(name="a", address="192.0.2.1")]),
    balancer(),
    ApiToken(name="t", policies=[TokenPolicy(permission_groups=["DNS Write"], resources={"r": "*"})], store="s"),
]


@pytest.mark.parametrize("resource", GOOD, ids=lambda r: f"{r.TYPE}-{GOOD.index(r)}")
def test_what_cloudflare_takes_has_no_problem(resource):
    """A good resource yields nothing."""
    assert problems(resource) == []


BAD = [
    (Zone(name="Example.com"), "TW0501", "name"),
    (Zone(name="example"), "TW0501", "name"),
    (ZoneSettings(zone=ZONE, settings={"sll": "on"}), "TW0510", "settings"),
    (ZoneSettings(zone=ZONE, settings={"min_tls_version": 1.2}), "TW0511", "settings"),
    (ZoneSettings(zone=ZONE, settings={"always_use_https": True}), "TW0511", "settings"),
    (record(name="www"), "TW0502", "name"),
    (record(name="www.notexample.com"), "TW0502", "name"),
    (record(comment="x" * 60), "TW0503", "comment"),
    (record(type="CAA", content="letsencrypt.org"), "TW0504", "content"),
    (record(type="MX", content="mx.example.net"), "TW0504", "priority"),
    (record(content="origin.example.net"), "TW0505", "content"),
    (record(content="2001:db8::1"), "TW0505", "content"),
    (record(type="AAAA"), "TW0505", "content"),
    (record(type="CNAME", content="WWW.example.com."), "TW0506", "content"),
    (record(type="TXT", proxied=True), "TW0507", "proxied"),
    (record(proxied=True, ttl=300), "TW0508", "ttl"),
    (record(ttl=30), "TW0508", "ttl"),
    (record(ttl=86401), "TW0508", "ttl"),
    (waf(rule(), phase="http_request_firewall"), "TW0520", "phase"),
    (waf(*[rule()] * 6), "TW0521", "rules"),
    (waf(*[rule(ratelimit=limit())] * 2, phase="http_ratelimit"), "TW0521", "rules"),
    (waf(*[rule(action="set_cache_settings")] * 11, phase="http_request_cache_settings"), "TW0521", "rules"),
    (waf(rule(action="rewrite")), "TW0522", "rules"),
    (waf(rule(f'http.host eq "{"a" * 4096}"')), "TW0523", "rules"),
    (waf(rule('(http.host eq "a"')), "TW0524", "rules"),
    (waf(rule('http.host eq "a')), "TW0524", "rules"),
    (waf(rule(), phase="http_ratelimit"), "TW0525", "rules"),
    (waf(rule(ratelimit=limit())), "TW0525", "rules"),
    (waf(rule(ratelimit=limit(characteristics=["ip.src"])), phase="http_ratelimit"), "TW0526", "rules"),
    (waf(rule('http.host matches "a+"')), "TW0527", "rules"),
    (waf(rule('http.host ~ "a+"')), "TW0527", "rules"),
    (waf(rule(action="log")), "TW0528", "rules"),
    (waf(rule(ratelimit=limit(period=60)), phase="http_ratelimit"), "TW0529", "rules"),
    (waf(rule(ratelimit=limit(mitigation_timeout=60)), phase="http_ratelimit"), "TW0529", "rules"),
    (
        waf(rule(ratelimit=limit(characteristics=["cf.colo.id", 'http.request.headers["x"]'])), phase="http_ratelimit"),
        "TW0529",
        "rules",
    ),
    (Monitor(expected_codes="200", timeout=30), "TW0530", "interval"),
    (Monitor(type="https"), "TW0531", "expected_codes"),
    (Monitor(type="tcp"), "TW0531", "port"),
    (Pool(name="web", origins=[Origin(name="a", address="x")] * 2), "TW0532", "origins"),
    (Pool(name="web", minimum_origins=2, origins=[Origin(name="a", address="x")]), "TW0533", "minimum_origins"),
    (balancer(steering_policy="nearest"), "TW0534", "steering_policy"),
    (balancer(default_pools=[]), "TW0535", "default_pools"),
    (balancer(ttl=30), "TW0508", "ttl"),
    (balancer(name="www.example.net"), "TW0502", "name"),
    (ApiToken(name="t", policies=[], store="s"), "TW0540", "policies"),
]


@pytest.mark.parametrize(("resource", "code", "field"), BAD, ids=lambda v: str(v)[:40] if isinstance(v, str) else "")
def test_what_cloudflare_refuses_is_found(resource, code, field):
    """A bad resource yields its one problem on its field."""
    assert problems(resource) == [(code, field)]


def test_a_larger_plan_allows_more():
    """What is refused on Free passes on the plan that has it."""
    regex, many = waf(rule('http.host matches "a+"')), waf(*[rule()] * 6)
    assert problems(regex, plan="business") == []
    assert problems(regex, plan="pro") == [("TW0527", "rules")]
    assert problems(many, plan="pro") == []
    assert problems(record(comment="x" * 60), plan="pro") == []
    assert problems(record(ttl=30), plan="enterprise") == []


def test_an_alias_stands_alone_on_its_name():
    """A CNAME beside any record is the problem, two addresses or two name servers are none."""
    alias = record(type="CNAME", content="origin.example.net")
    assert problems(alias, others=[record(name="WWW.example.com.")]) == [("TW0509", "name")]
    assert problems(alias, others=[record(name="api.example.com")]) == []
    assert problems(record(), others=[record(content="192.0.2.2")]) == []
    delegated = record(type="NS", content="ns1.example.net")
    assert problems(delegated, others=[record(type="NS", content="ns2.example.net")]) == []
    assert problems(delegated, others=[record()]) == [("TW0509", "name")]


@pytest.mark.parametrize("resource", GOOD, ids=lambda r: f"{r.TYPE}-{GOOD.index(r)}")
def test_calls_are_known_before_anything_is_sent(resource):
    """Creation runs on stand-ins, as a plan runs it, and its calls have whole paths."""
    address = Address(resource.TYPE, "it")
    calls, outputs = drain(resource.create(SCOPE, address), STAND_IN)
    assert "id" in outputs
    assert calls
    assert [CHECKS[call.system](call) for call in calls] == [[]] * len(calls)


@pytest.mark.parametrize(
    ("observed", "desired", "equal"),
    [
        ({"a": 1, "b": "", "c": False, "d": {"e": None}}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": 1, "b": None}, True),
        ([{"a": 1}], [{"a": 1}, {"a": 1}], False),
        ({"a": 1.0}, {"a": 1}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({}, {"a": False}, False),
    ],
)
def test_an_echo_may_add_only_what_is_empty(observed, desired, equal):
    """What Cloudflare fills in is no difference, what somebody added is."""
    assert covers(observed, desired) is equal


MANAGED, FREE = "efb7b8c949ac4650a09736fc376e9aee", "77454fe2d30c4220b5701f6fdfb893ba"


def deploy(ruleset):
    """Make the managed phase execute a ruleset."""
    return waf(rule("true", "execute", action_parameters={"id": ruleset}), phase="http_request_firewall_managed")


def keep(seconds):
    """Make a cache rule with an edge TTL."""
    parameters = {"cache": True, "edge_ttl": {"mode": "override_origin", "default": seconds}}
    return waf(rule("true", "set_cache_settings", action_parameters=parameters), phase="http_request_cache_settings")


@pytest.mark.parametrize(
    ("resource", "plan", "codes_"),
    [
        (waf(*[rule()] * 5), "free", []),
        (waf(*[rule()] * 6), "free", ["TW0521"]),
        (waf(*[rule()] * 20), "pro", []),
        (waf(*[rule()] * 21), "pro", ["TW0521"]),
        (waf(*[rule()] * 100), "business", []),
        (waf(*[rule()] * 101), "business", ["TW0521"]),
        (waf(rule('http.host matches "a"')), "pro", ["TW0527"]),
        (waf(rule('http.host matches "a"')), "business", []),
        (waf(rule(action="log")), "business", ["TW0528"]),
        (waf(rule(ratelimit=limit(counting_expression="ssl")), phase="http_ratelimit"), "free", ["TW0529"]),
        (waf(rule(ratelimit=limit(counting_expression="ssl")), phase="http_ratelimit"), "business", []),
        (deploy(FREE), "free", []),
        (deploy(MANAGED), "free", ["TW0542"]),
        (deploy(MANAGED), "pro", []),
        (keep(7200), "free", []),
        (keep(3600), "free", ["TW0543"]),
        (keep(3600), "pro", []),
        (keep(60), "business", []),
    ],
    ids=[f"case-{n}" for n in range(18)],
)
def test_plan_s_quotas_and_entitlements_are_known_before_anything_is_sent(resource, plan, codes_):
    """What Cloudflare refuses on a plan is found, and nothing else."""
    assert [code for code, _ in problems(resource, plan=plan)] == codes_


def test_a_zone_holds_as_many_records_as_its_plan():
    """200 on Free, more on Pro."""
    many = [record(name=f"h{n}.example.com") for n in range(201)]
    for plan, count, found in (("free", 200, []), ("free", 201, [("TW0544", "plan")]), ("pro", 201, [])):
        zone_, address = Zone(name="example.com", plan=plan), Address("cloudflare.zone", "main")
        desired = {address: zone_} | {Address("cloudflare.dns_record", f"a{n}"): r for n, r in enumerate(many[:count])}
        assert [(p.code, p.field) for p in zone_.check(address, Peers(desired, SCOPE))] == found

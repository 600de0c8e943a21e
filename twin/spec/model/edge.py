"""The edge and names: the Cloudflare zone with its rules, and Route 53."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from pydantic import Field

from twin.spec.model.reference import HealthCheckName, Item
from twin.spec.model.region import Region
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Domain, Duration, Host, IpRange, Name, Port, Text, Url

RecordType = Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"]


class DnsRecord(Section):
    """One DNS record."""

    name: Text
    """The name within the zone; `@` for the zone itself."""
    type: RecordType
    """The record type."""
    value: Text | None = None
    """What it says."""
    target: Item | None = None
    """The item of this spec whose address it gives, such as `compute.alb`."""
    ttl: Duration | None = None
    """How long answers may be kept; the vendor's choice when absent."""
    priority: int | None = Field(default=None, ge=0, le=65535)
    """Preference among several; lower is first."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a record that says nothing, or two things, or lacks its priority."""
        if (self.value is None) == (self.target is None):
            yield Problem("TW0214", (), "a record has either `value` or `target`")
        if self.type == "MX" and self.priority is None:
            yield Problem("TW0214", (), "an MX record needs a `priority`")


class Failover(Section):
    """Where a name leads when its own target fails."""

    to: Region
    """The Region whose item of the same path takes over."""
    health_check: HealthCheckName | None = None
    """The health check that decides; a load balancer's own health, when absent."""
    watched: bool = True
    """Whether anything decides: without it the name leads to its own target, healthy or not."""


class ZoneRecord(DnsRecord):
    """One record of a Route 53 zone."""

    failover: Failover | None = None
    """The Region that takes over."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a failover of what stands in no Region, or whose values nothing watches."""
        yield from super().problems()
        if self.failover and not self.target:
            yield Problem("TW0214", ("failover",), "what fails over has a `target`")
        if self.failover and self.type == "CNAME" and self.failover.watched and not self.failover.health_check:
            yield Problem("TW0214", ("failover",), "a CNAME fails over by a `health_check`")


class EdgeRecord(DnsRecord):
    """One record of the Cloudflare zone."""

    proxied: bool = False
    """Whether requests pass through Cloudflare."""

    def problems(self) -> Iterator[Problem]:
        """Refuse proxying what cannot be proxied."""
        yield from super().problems()
        if self.proxied and self.type not in ("A", "AAAA", "CNAME"):
            yield Problem("TW0214", ("proxied",), f"{self.type} records cannot be proxied")


class Hsts(Section):
    """A promise to browsers that the site is always on HTTPS."""

    max_age: Duration = timedelta(days=365)
    """How long browsers remember."""
    subdomains: bool = True
    """Whether it covers subdomains."""
    preload: bool = False
    """Whether browsers may ship with it."""


class EdgeTls(Section):
    """TLS at the edge."""

    min: Literal["1.0", "1.1", "1.2", "1.3"] = "1.2"
    """The oldest version that is accepted."""
    mode: Literal["off", "flexible", "full", "strict"] = "strict"
    """How Cloudflare connects to the origin."""
    always_https: bool = True
    """Whether plain HTTP is redirected."""
    hsts: Hsts | None = None
    """HTTP Strict Transport Security."""


class Rule(Section):
    """A rule of a Cloudflare phase; rules are tried in order."""

    name: Text
    """What it is for."""
    expression: Text
    """When it applies, in the Cloudflare rules language."""


class WafRule(Rule):
    """A custom firewall rule."""

    action: Literal["block", "challenge", "js_challenge", "managed_challenge", "log", "skip"] = "block"
    """What happens to matching requests."""


class Waf(Section):
    """The web application firewall."""

    managed: bool = False
    """Whether Cloudflare's managed rules run (a paid plan)."""
    rules: tuple[WafRule, ...] = ()
    """Custom rules."""


class RateLimit(Rule):
    """A limit on requests."""

    requests: int = Field(ge=1)
    """Requests that may pass in one period."""
    period: Duration = timedelta(seconds=10)
    """The period."""
    block_for: Duration = timedelta(seconds=10)
    """How long more are refused."""
    action: Literal["block", "managed_challenge", "log"] = "block"
    """What happens to more."""
    by: tuple[Text, ...] = ("ip.src", "cf.colo.id")
    """What is counted together."""


class CacheRule(Rule):
    """What is kept at the edge."""

    bypass: bool = False
    """Whether matching requests always go to the origin."""
    edge_ttl: Duration | None = None
    """How long the edge keeps a reply."""
    browser_ttl: Duration | None = None
    """How long browsers keep it."""

    def problems(self) -> Iterator[Problem]:
        """Refuse lifetimes for what is not kept."""
        if self.bypass and (self.edge_ttl or self.browser_ttl):
            yield Problem("TW0214", ("bypass",), "what bypasses the cache has no `edge_ttl` or `browser_ttl`")


class Origin(Section):
    """A server behind the edge."""

    address: Text | None = None
    """Its address or host name."""
    target: Item | None = None
    """The item of this spec that it is."""
    weight: float = Field(default=1, ge=0, le=1)
    """Its share of requests."""

    def problems(self) -> Iterator[Problem]:
        """Refuse an origin without exactly one place."""
        if (self.address is None) == (self.target is None):
            yield Problem("TW0214", (), "an origin has either `address` or `target`")


class Monitor(Section):
    """How origins are probed."""

    path: Text = "/healthz"
    """The path that is asked for."""
    interval: Duration = timedelta(seconds=60)
    """How often."""
    timeout: Duration = timedelta(seconds=5)
    """When a probe has failed."""
    retries: int = Field(default=2, ge=0, le=5)
    """Probes after the first before an origin counts as down."""
    expect: Text = "2xx"
    """Status codes that are well."""


class EdgeLoadBalancer(Section):
    """A Cloudflare load balancer with its pools and monitor."""

    host: Host
    """The name that it answers to."""
    pools: dict[Name, dict[Name, Origin]] = Field(min_length=1)
    """Pools of origins by name, the first preferred."""
    monitor: Monitor = Monitor()
    """How origins are probed."""


class Token(Section):
    """A Cloudflare API token for this zone."""

    permissions: tuple[Text, ...] = Field(min_length=1)
    """Permission groups, such as `DNS Write`."""
    allowed_from: tuple[IpRange, ...] = ()
    """Addresses from which it works; all when empty."""
    expires_after: Duration | None = None
    """Its lifetime; unlimited when absent. Not supported yet: refused."""


class Edge(Section):
    """The Cloudflare zone."""

    zone: Domain
    """Its domain."""
    records: tuple[EdgeRecord, ...] = ()
    """DNS records."""
    tls: EdgeTls = EdgeTls()
    """TLS at the edge."""
    waf: Waf = Waf()
    """The web application firewall."""
    rate_limits: tuple[RateLimit, ...] = ()
    """Limits on requests."""
    cache: tuple[CacheRule, ...] = ()
    """What is kept at the edge."""
    load_balancers: dict[Name, EdgeLoadBalancer] = Field(default_factory=dict)
    """Load balancers by name."""
    tokens: dict[Name, Token] = Field(default_factory=dict)
    """API tokens by name."""

    def problems(self) -> Iterator[Problem]:
        """Refuse load balancers outside of the zone."""
        for name, balancer in self.load_balancers.items():
            if balancer.host != self.zone and not balancer.host.endswith(f".{self.zone}"):
                place = ("load_balancers", name, "host")
                yield Problem("TW0303", place, f"`{balancer.host}` is not in the zone {self.zone}")


class DnsZone(Section):
    """A Route 53 hosted zone."""

    domain: Domain
    """Its domain."""
    private: bool = False
    """Whether only the VPC sees it."""
    records: tuple[ZoneRecord, ...] = ()
    """Its records."""


class HealthCheck(Section):
    """A Route 53 health check."""

    url: Url
    """What is asked for."""
    port: Port | None = None
    """The port; the scheme's own when absent."""
    interval: Literal[10, 30] = 30
    """Seconds between probes."""
    failures: int = Field(default=3, ge=1, le=10)
    """Failed probes in a row after which it is down."""


class Dns(Section):
    """Names in AWS."""

    zones: dict[Name, DnsZone] = Field(default_factory=dict)
    """Hosted zones by name."""
    health_checks: dict[Name, HealthCheck] = Field(default_factory=dict)
    """Health checks by name."""

"""The application load balancer: its group, listeners and targets, and the certificate that its hosts need."""

from functools import cache
from importlib.resources import files

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.network import ANYWHERE, VPC, subnets_of, vpc_range
from twin.data_files import read_yaml
from twin.resources.aws.acm import Certificate
from twin.resources.aws.listener import Listener, Redirect
from twin.resources.aws.load_balancer import AccessLogs, LoadBalancer
from twin.resources.aws.record import Record
from twin.resources.aws.security_group import SecurityGroup, SecurityRule
from twin.resources.aws.target_group import TargetGroup
from twin.resources.cloudflare.dns_record import DnsRecord
from twin.resources.declaration import Declaration, Path
from twin.spec.model.compute import LoadBalancer as Intent

AT: Path = ("compute", "alb")
ITEM = "compute.alb"
HTTP, HTTPS = 80, 443
PROOF_TTL = 300


def build(blueprint: Blueprint) -> None:
    """Declare the load balancer and what stands around it."""
    intent = blueprint.org.compute.alb
    if intent is None:
        return
    ports = [HTTPS, *([HTTP] if intent.redirect_http else [])] if intent.https else [HTTP]
    group = SecurityGroup(
        vpc=VPC,
        name=blueprint.name("alb"),
        description="The load balancer",
        ingress=[_from(range_, port) for range_ in _clients(blueprint, intent) for port in ports],
        egress=[_to_targets(vpc_range(blueprint), intent.port)],
    )
    guard = blueprint.add("alb", group, AT)
    balancer = LoadBalancer(
        name=blueprint.name("alb"),
        internal=intent.internal,
        subnets=subnets_of(blueprint, intent.subnets),
        security_groups=[guard.id],
        deletion_protection=intent.deletion_protection,
        idle_timeout=int(intent.idle_timeout.total_seconds()),
        drop_invalid_headers=True,
        access_logs=AccessLogs(bucket=ref("aws.s3.bucket", intent.access_logs), prefix="alb")
        if intent.access_logs
        else None,
    )
    places = {field: (*AT, field) for field in ("subnets", "idle_timeout", "access_logs", "internal")}
    blueprint.add("alb", balancer, AT, places)
    _targets(blueprint, intent)
    _listeners(blueprint, intent)


def _targets(blueprint: Blueprint, intent: Intent) -> None:
    instances = any(workers.behind_alb for workers in blueprint.org.compute.workers.values())
    targets = TargetGroup(
        name=blueprint.name("app"),
        vpc=VPC,
        port=intent.port,
        target_type="instance" if instances else "ip",
        health_path=intent.health_path,
    )
    blueprint.add("app", targets, AT, {"port": (*AT, "port"), "health_path": (*AT, "health_path")})


def _listeners(blueprint: Blueprint, intent: Intent) -> None:
    balancer, targets = ref("aws.elbv2.load_balancer", "alb", "arn"), ref("aws.elbv2.target_group", "app", "arn")
    if not intent.https:
        listener = Listener(load_balancer=balancer, port=HTTP, protocol="HTTP", target_group=targets)
        blueprint.add("http", listener, AT)
        return
    secure = Listener(
        load_balancer=balancer,
        port=HTTPS,
        protocol="HTTPS",
        certificate=_certificate(blueprint, intent),
        tls_policy=intent.tls_policy,
        target_group=targets,
    )
    blueprint.add("https", secure, AT, {"tls_policy": (*AT, "tls_policy"), "certificate": (*AT, "hosts")})
    if intent.redirect_http:
        plain = Listener(load_balancer=balancer, port=HTTP, protocol="HTTP", redirect=Redirect())
        blueprint.add("http", plain, (*AT, "redirect_http"))


def _certificate(blueprint: Blueprint, intent: Intent) -> str:
    """Declare a certificate for the hosts, proven by one record in the zone that holds them."""
    at = (*AT, "hosts")
    domain, names = common_name(intent.hosts)
    if domain is None:
        message = f"no one certificate covers {', '.join(intent.hosts)}"
        blueprint.problem("TW0730", message, at, "name one host, or hosts side by side under one domain")
        return ""
    certificate = blueprint.add("alb", Certificate(domain=domain, names=names), at, {"domain": at, "names": at})
    if not blueprint.abroad:  # one record proves a domain for an account's certificates in every Region
        _prove(blueprint, domain, certificate)
    return certificate.arn


def _prove(blueprint: Blueprint, domain: str, certificate: Declaration) -> None:
    """Declare the record that proves a domain, in the zone that answers for it."""
    at, edge = (*AT, "hosts"), blueprint.org.edge
    name, value = certificate.ref("validation_name"), certificate.ref("validation_value")
    if edge is not None and f".{domain}".endswith(f".{edge.zone}"):
        there = ref("cloudflare.zone", "main")
        blueprint.add("alb-certificate", DnsRecord(zone=there, type="CNAME", name=name, content=value), at)
        return
    public = {key: zone.domain for key, zone in blueprint.org.dns.zones.items() if not zone.private}
    held = [key for key, zone in public.items() if f".{domain}".endswith(f".{zone}")]
    if not held:
        message = f"nobody answers for {domain}, so AWS would never issue its certificate"
        blueprint.problem("TW0731", message, at, "add `edge:` or a public zone under `dns`, or set `https: false`")
        return
    zone = ref("aws.route53.zone", max(held, key=lambda key: len(public[key])))
    record = Record(zone=zone, type="CNAME", name=name, ttl=PROOF_TTL, records=[value])
    blueprint.add("alb-certificate", record, at)


def common_name(hosts: tuple[str, ...]) -> tuple[str | None, list[str]]:
    """Return the domain and the further names of one certificate for all hosts; no domain when there is none.

    Names that a wildcard covers share the record that proves the domain.
    """
    if len(set(hosts)) == 1:
        return hosts[0], []
    for parent in {hosts[0], hosts[0].partition(".")[2]}:
        if all(host in (parent, f"*.{parent}") or host.partition(".")[2] == parent for host in hosts):
            return parent, [f"*.{parent}"]
    return None, []


def _clients(blueprint: Blueprint, intent: Intent) -> list[str]:
    """Who may connect: the VPC, Cloudflare alone where every name for it is proxied, or everybody."""
    org = blueprint.org
    if intent.internal:
        return [vpc_range(blueprint)]
    records = [record.proxied for record in org.edge.records if record.target == ITEM] if org.edge else []
    public = [record for zone in org.dns.zones.values() for record in zone.records if record.target == ITEM]
    return cloudflare_ranges() if records and all(records) and not public else [ANYWHERE]


@cache
def cloudflare_ranges() -> list[str]:
    """Return the IPv4 ranges from which Cloudflare connects to origins."""
    text = (files("twin.blueprints") / "cloudflare_ranges.yaml").read_text(encoding="utf-8")
    return list(read_yaml(text)["ipv4"]["value"])


def _from(range_: str, port: int) -> SecurityRule:
    return SecurityRule(from_port=port, to_port=port, cidr=range_)


def _to_targets(range_: str, port: int) -> SecurityRule:
    return SecurityRule(from_port=port, to_port=port, cidr=range_, description="The targets")

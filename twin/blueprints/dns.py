"""Names in AWS: Route 53 zones with their records, and health checks."""

from typing import Any
from urllib.parse import urlsplit

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.network import VPC
from twin.blueprints.records import host_of, labels_of, target_of
from twin.resources.aws.health_check import HealthCheck
from twin.resources.aws.record import Alias, Record
from twin.resources.aws.route53 import HostedZone
from twin.resources.declaration import Path
from twin.spec.model.edge import DnsZone, ZoneRecord
from twin.spec.model.edge import HealthCheck as HealthIntent

DEFAULT_TTL = 300
PORTS = {"http": 80, "https": 443}


def build(blueprint: Blueprint) -> None:
    """Declare zones, records and health checks."""
    for name, zone in blueprint.org.dns.zones.items():
        if zone.private or not blueprint.abroad:
            _zone(blueprint, name, zone)
    for name, intent in blueprint.org.dns.health_checks.items() if not blueprint.abroad else ():
        _health_check(blueprint, name, intent)


def _zone(blueprint: Blueprint, name: str, intent: DnsZone) -> None:
    at: Path = ("dns", "zones", name)
    if intent.private and blueprint.org.network is None:
        blueprint.problem("TW0732", f"the private zone {name} needs a `network`", at, "add a `network` section")
        return
    zone = HostedZone(name=intent.domain, private=intent.private, vpcs=[VPC] if intent.private else [])
    made = blueprint.add(name, zone, at, {"name": (*at, "domain"), "private": (*at, "private")})
    for index, (label, record) in enumerate(zip(labels_of(intent.records), intent.records, strict=True)):
        _record(blueprint, f"{name}-{label}", record, (*at, "records", index), zone=made.id, domain=intent.domain)


def _record(blueprint: Blueprint, label: str, intent: ZoneRecord, at: Path, *, zone: str, domain: str) -> None:
    """Declare a record; an address record to the load balancer is an alias, as AWS wants it at an apex."""
    failover, host = intent.failover, host_of(intent.name, domain)
    places: dict[str, Path] = {"name": (*at, "name"), "type": (*at, "type"), "ttl": (*at, "ttl")}
    places |= {"alias": (*at, "target"), "records": (*at, "target" if intent.target else "value")}
    if failover is None:
        record = Record(zone=zone, name=host, type=intent.type, **_content(blueprint, intent, at))
        blueprint.add(label, record, at, places)
        return
    if failover.to not in blueprint.spec.regions:
        message = f"nothing of this org stands in {failover.to}"
        blueprint.problem("TW0737", message, (*at, "failover", "to"), "name a Region under `regions`")
        return
    check = ref("aws.route53.health_check", failover.health_check) if failover.health_check else None
    here, there = blueprint.scope.region, failover.to
    for region, role, watch in ((here, "PRIMARY", failover.watched), (there, "SECONDARY", False)):
        content = _content(blueprint, intent, at, place=f"@{region}" if region != here else "", watched=watch)
        routing = {"set_identifier": region, "failover": role, "health_check": check if watch else None}
        record = Record(zone=zone, name=host, type=intent.type, **content, **routing)
        blueprint.add(label if region == here else f"{label}-{region}", record, at, places)


def _content(
    blueprint: Blueprint, intent: ZoneRecord, at: Path, *, place: str = "", watched: bool = True
) -> dict[str, Any]:  # fmt: skip
    """Return what a record says, of the item of another Region where `place` names one."""
    ttl = int(intent.ttl.total_seconds()) if intent.ttl else DEFAULT_TTL
    if intent.target == "compute.alb" and intent.type in ("A", "AAAA"):
        balancer = ("aws.elbv2.load_balancer", f"alb{place}")
        name, zone = ref(*balancer, "dns_name"), ref(*balancer, "zone_id")
        return {"alias": Alias(dns_name=name, zone_id=zone, evaluate_health=watched)}
    if intent.target:
        return {"ttl": ttl, "records": [target_of(blueprint, intent.target, (*at, "target"), place=place)]}
    return {"ttl": ttl, "records": [_value(intent)]}


def _value(intent: ZoneRecord) -> str:
    """Write a value as a zone file does."""
    value = intent.value or ""
    if intent.type == "TXT" and not value.startswith('"'):
        return f'"{value}"'
    return f"{intent.priority} {value}" if intent.type == "MX" else value


def _health_check(blueprint: Blueprint, name: str, intent: HealthIntent) -> None:
    at: Path = ("dns", "health_checks", name)
    url = urlsplit(intent.url)
    check = HealthCheck(
        kind="HTTP" if url.scheme == "http" else "HTTPS",
        domain=url.hostname,
        port=intent.port or url.port or PORTS[url.scheme],
        path=url.path or "/",
        interval=intent.interval,
        failures=intent.failures,
    )
    places = {field: (*at, field) for field in ("port", "interval", "failures")}
    blueprint.add(name, check, at, {**places, "domain": (*at, "url"), "path": (*at, "url"), "kind": (*at, "url")})

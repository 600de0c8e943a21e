"""DNS records: the Cloudflare zone's, and what a record's target and name are."""

from collections.abc import Iterable

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.names import database_type
from twin.resources.cloudflare.dns_record import DnsRecord
from twin.resources.declaration import Path
from twin.spec.model.edge import DnsRecord as RecordIntent
from twin.spec.model.edge import EdgeRecord

AT: Path = ("edge", "records")
APEX = "@"


def build(blueprint: Blueprint) -> None:
    """Declare the records of the Cloudflare zone."""
    edge = blueprint.org.edge
    if edge is None:
        return
    labels = labels_of(edge.records)
    for index, (label, intent) in enumerate(zip(labels, edge.records, strict=True)):
        _record(blueprint, label, intent, (*AT, index))


def _record(blueprint: Blueprint, label: str, intent: EdgeRecord, at: Path) -> None:
    edge = blueprint.org.edge
    zone = edge.zone if edge else ""
    content = target_of(blueprint, intent.target, (*at, "target")) if intent.target else intent.value or ""
    record = DnsRecord(
        zone=ref("cloudflare.zone", "main"),
        type=intent.type,
        name=host_of(intent.name, zone),
        content=content,
        ttl=int(intent.ttl.total_seconds()) if intent.ttl else 1,
        proxied=intent.proxied,
        priority=intent.priority,
    )
    places = {field: (*at, field) for field in ("type", "name", "ttl", "proxied", "priority")}
    said = (*at, "target" if intent.target else "value")
    blueprint.add(label, record, at, {**places, "content": said})


def labels_of(records: Iterable[RecordIntent]) -> list[str]:
    """Return a resource name for each record: name and type, numbered when several share them."""
    found: list[str] = []
    for record in records:
        name = "apex" if record.name == APEX else record.name.replace("*", "any").replace(".", "-").strip("_")
        label = f"{name}-{record.type.lower()}"
        same = sum(other == label or other.rpartition("-")[0] == label for other in found)
        found.append(f"{label}-{same + 1}" if same else label)
    return found


def host_of(name: str, zone: str) -> str:
    """Return the full name of a record in a zone."""
    if name in (APEX, zone):
        return zone
    return name if name.endswith(f".{zone}") else f"{name}.{zone}"


def target_of(blueprint: Blueprint, item: str, at: Path, *, place: str = "") -> str:
    """Return the address of an item of the spec, in the Region that `place` names; a problem when it has none."""
    section, _, key = item.rpartition(".")
    if item == "compute.alb":
        return ref("aws.elbv2.load_balancer", f"alb{place}", "dns_name")
    if section == "compute.databases":
        there = blueprint.elsewhere(place[1:]) if place else blueprint
        return ref(database_type(there.org.compute.databases[key]), key + place, "endpoint")
    blueprint.problem("TW0736", f"`{item}` has no address", at, "name `compute.alb` or a database")
    return ""

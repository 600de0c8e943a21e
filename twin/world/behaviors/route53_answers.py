"""What Route 53 answers to a DNS question: a function of its records, their health, and where the resolver is."""

from collections.abc import Sequence
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.route53_endpoints import balancer_alive, find_balancer
from twin.world.behaviors.route53_health import is_healthy
from twin.world.scene import Scene
from twin.world.signals.dns_choice import UnknownRegionError, choose
from twin.world.stores.moto_store import backends

PROVIDES = {"dns-failover": "Route 53 answers by failover, weight, latency, place and health of records."}
DEEPEST = 8


class Answer(NamedTuple):
    """An answer: `code` (NOERROR, NXDOMAIN), the type, the values, and the record that gave them.

    An alias to a load balancer or another service answers with that service's name in `values`.
    """

    code: str
    type: str
    values: tuple[str, ...] = ()
    identifier: str | None = None
    alias: bool = False


def zone_of(name: str) -> str | None:
    """Return the id of the public hosted zone that answers for a name, the most specific; None when none does."""
    found = [
        zone
        for held in list(backends("route53").values())
        for zone in held["aws"].zones.values()
        if not zone.private_zone and f".{name.rstrip('.')}.".lower().endswith(f".{zone.name.rstrip('.')}.".lower())
    ]
    return max(found, key=lambda zone: len(zone.name)).id if found else None


def answer(
    scene: Scene, zone_id: str, name: str, kind: str, *, resolver_region: str = "us-east-1", depth: int = 0
) -> Answer:  # fmt: skip
    """Return what a zone answers to a resolver near a Region; weights are drawn anew each minute of the clock."""
    zone = _zone(zone_id)
    records = _records(zone, name, kind)
    if not records:
        known = any(_same(record.name, name) for record in zone.rrsets)
        return Answer("NOERROR" if known else "NXDOMAIN", kind)
    chosen = choose(
        records,
        healthy=lambda record: _healthy(scene, zone, record, depth=depth),
        resolver_region=resolver_region,
        chance=_chance(scene, zone_id, name, kind=kind, region=resolver_region),
    )
    values: list[str] = []
    for record in chosen:
        target = record.alias_target
        if not target:
            values += record.records
            continue
        if _in_zone(zone, target["DNSName"]) and depth < DEEPEST:
            place = {"resolver_region": resolver_region, "depth": depth + 1}
            return answer(scene, zone_id, target["DNSName"], kind, **place)  # type: ignore[arg-type]
        return Answer("NOERROR", record.type, (target["DNSName"].rstrip("."),), record.set_identifier, alias=True)
    first = chosen[0] if chosen else None
    identifier = first.set_identifier if first is not None else None
    return Answer("NOERROR", first.type if first is not None else kind, tuple(values), identifier)


def _zone(zone_id: str) -> Any:
    bare = zone_id.removeprefix("/hostedzone/")
    for held in list(backends("route53").values()):
        if bare in held["aws"].zones:
            return held["aws"].zones[bare]
    raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {bare}", 404)


def _records(zone: Any, name: str, kind: str) -> list[Any]:
    """Return the records of a name and type, else its CNAME, else those of the nearest wildcard."""
    labels = name.rstrip(".").split(".")
    names = [name, *("*." + ".".join(labels[number:]) for number in range(1, len(labels)))]
    for one in names:
        of_name = [record for record in zone.rrsets if _same(record.name, one)]
        found = [record for record in of_name if record.type == kind]
        found = found or [record for record in of_name if record.type == "CNAME"]
        if of_name:
            return found
    return []


def _same(one: str, other: str) -> bool:
    return one.rstrip(".").lower().replace("\\052", "*") == other.rstrip(".").lower()


def _in_zone(zone: Any, name: str) -> bool:
    return any(_same(record.name, name) for record in zone.rrsets)


def _healthy(scene: Scene, zone: Any, record: Any, *, depth: int) -> bool:
    if record.health_check_id and not is_healthy(scene, record.health_check_id):
        return False
    target = record.alias_target
    if not target or str(target.get("EvaluateTargetHealth")).lower() != "true":
        return True
    balancer = find_balancer(target["DNSName"])
    if balancer is not None:
        return balancer_alive(scene, *balancer)
    if depth >= DEEPEST:
        return True
    inner: Sequence[Any] = _records(zone, target["DNSName"], record.type)
    return not inner or any(_healthy(scene, zone, one, depth=depth + 1) for one in inner)


def _chance(scene: Scene, zone_id: str, name: str, *, kind: str, region: str) -> Random:
    minute = int(scene.now().timestamp() // 60)
    return Random(f"twin:{scene.seed}:dns:{zone_id}:{name}:{kind}:{region}:{minute}")  # noqa: S311 - reproducible


@answers("route53", "TestDNSAnswer")
def test_answer(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Answer as Route 53 would to a resolver in the Region of the twin's first zone, us-east-1."""
    told = asked.parameters
    name, kind = told["RecordName"], told["RecordType"]
    if not _in_own(asked, told["HostedZoneId"]):
        raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {told['HostedZoneId']}", 404)
    try:
        found = answer(scene, told["HostedZoneId"], name, kind)
    except UnknownRegionError as unknown:
        raise AwsError("TwinUnsupportedOperation", f"The twin does not know where {unknown} is.") from unknown
    data = [_addresses(value) for value in found.values] if found.alias and kind in ("A", "AAAA") else []
    return {
        "Nameserver": "ns-2048.awsdns-64.com",
        "RecordName": name if name.endswith(".") else f"{name}.",
        "RecordType": found.type,
        "RecordData": [one for group in data for one in group] or list(found.values),
        "ResponseCode": found.code,
        "Protocol": "UDP",
    }


def _in_own(asked: Asked, zone_id: str) -> bool:
    return zone_id.removeprefix("/hostedzone/") in asked.state().zones


def _addresses(name: str) -> list[str]:
    """Return the addresses of a load balancer, one per zone, from the range that is kept for documentation."""
    balancer = find_balancer(name)
    subnets = balancer[1].subnets if balancer is not None else [None]
    digest = sha256(name.encode()).digest()
    return [f"203.0.113.{1 + (digest[number % 32] % 254)}" for number, _ in enumerate(subnets or [None])]

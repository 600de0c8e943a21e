"""VPC flow logs: packets that traffic tells are gathered by interface, flow and interval, and written when due.

Traffic is told in sums, so a record is a flow's share of it and `start` and `end` are those of what was told. Where
nothing was told of any interface that a flow log covers, no record is written, not even NODATA: silence costs nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from twin.world.behaviors import happens
from twin.world.behaviors.flow_log_delivery import Record, deliver
from twin.world.behaviors.flow_log_records import Amount, Interface, Packets, line, values_of
from twin.world.delays import delay
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

PROVIDES = {"flow-logs": "VPC flow logs hold what traffic sends, with what security groups and network ACLs reject."}
WAITING = "flow_logs.windows"


class Place(NamedTuple):
    """A flow log's interval, by its end in seconds since 1970."""

    account: str
    region: str
    log: str
    end: int


class Seen(NamedTuple):
    """What was seen of a flow within an interval."""

    packets: int
    bytes: int
    start: int
    end: int


def logged(account: str) -> bool:
    """Tell whether an account has a flow log in some Region."""
    return any(backend.flow_logs for backend in backends("ec2")[account].values())


def flowed(
    scene: Scene, where: tuple[str, str], span: tuple[float, float], *, flows: Mapping[Packets, Amount]
) -> None:  # fmt: skip
    """Take note of packets that passed or were dropped between two instants, in an account and Region."""
    for log in scene.state("ec2", *where).flow_logs.values():
        covered = {one: amount for one, amount in flows.items() if _covers(log, one.interface)}
        if not covered:
            continue
        for end, share, part in _windows(span, int(log.max_aggregation_interval)):
            _gather(scene, log, Place(*where, log.id, end), flows=_shared(covered, share), span=part)


def _covers(log: Any, interface: Interface) -> bool:
    return log.resource_id in (interface.vpc, interface.subnet, interface.id)


def _windows(span: tuple[float, float], interval: int) -> Iterator[tuple[int, float, tuple[int, int]]]:
    """Yield the end of each interval that a span lies in, the span's share in it, and that part of the span."""
    start, stop = span
    at = start
    while at < stop:
        end = (int(at) // interval + 1) * interval
        until = min(end, stop)
        yield end, (until - at) / (stop - start), (int(at), int(until))
        at = until


def _shared(flows: Mapping[Packets, Amount], share: float) -> dict[Packets, Amount]:
    parts = {one: Amount(round(a.packets * share), round(a.bytes * share)) for one, a in flows.items()}
    return {one: amount for one, amount in parts.items() if amount.packets}


def _gather(
    scene: Scene, log: Any, place: Place, *, flows: Mapping[Packets, Amount], span: tuple[int, int]
) -> None:  # fmt: skip
    windows = scene.memory.setdefault(WAITING, {})
    if place not in windows:
        late = delay("flow_logs.to_bucket" if log.log_destination_type == "s3" else "flow_logs.to_logs").least
        scene.agenda.at(datetime.fromtimestamp(place.end + late, UTC), "flow_logs.window", place=place)
    held: dict[Packets, Seen] = windows.setdefault(place, {})
    for one, amount in flows.items():
        was = held.get(one, Seen(0, 0, *span))
        held[one] = Seen(
            was.packets + amount.packets, was.bytes + amount.bytes, min(was.start, span[0]), max(was.end, span[1])
        )


@happens("flow_logs.window")
def due(scene: Scene, *, place: tuple[str, str, str, int]) -> None:
    """Write the records of an interval, unless the flow log is gone."""
    kept = Place(*place)
    held = scene.memory[WAITING].pop(kept)
    log = scene.state("ec2", kept.account, kept.region).flow_logs.get(kept.log)
    if log is None:
        return
    error = deliver(scene, (kept.account, kept.region), log, records=list(_records(scene, log, kept, held=held)))
    log.deliver_logs_status = "FAILED" if error else "SUCCESS"
    log.deliver_logs_error_message = error


def _records(scene: Scene, log: Any, place: Place, *, held: Mapping[Packets, Seen]) -> Iterator[Record]:
    """Yield a record per flow that the flow log takes, and one without data per interface that saw nothing."""
    ec2 = scene.state("ec2", place.account, place.region)
    zones = {subnet.id: subnet.availability_zone_id for zone in ec2.subnets.values() for subnet in zone.values()}

    def record(interface: Interface, seen: tuple[int, int], values: Mapping[str, Any]) -> Record:
        told = {
            "account-id": place.account, "interface-id": interface.id, "vpc-id": interface.vpc,
            "subnet-id": interface.subnet, "instance-id": interface.instance or "-", "region": place.region,
            "az-id": zones.get(interface.subnet, "-"), "start": seen[0], "end": seen[1], **values,
        }  # fmt: skip
        return Record(interface.id, seen[1], line(log.log_format, told))

    for packets, seen in held.items():
        if log.traffic_type in ("ALL", packets.action):
            amount = Amount(seen.packets, seen.bytes)
            yield record(packets.interface, (seen.start, seen.end), values_of(packets, amount))
    busy = {packets.interface.id for packets in held}
    span = (place.end - int(log.max_aggregation_interval), place.end)
    for quiet in _interfaces(ec2):
        if quiet.id not in busy and _covers(log, quiet):
            yield record(quiet, span, {"log-status": "NODATA"})


def _interfaces(ec2: Any) -> Iterable[Interface]:
    for eni in ec2.enis.values():
        if eni.status == "in-use":
            yield Interface(eni.id, eni.subnet.vpc_id, eni.subnet.id, getattr(eni.instance, "id", "") or "")

"""EC2: running instances, volumes, snapshots, NAT gateways, public addresses, endpoints, attachments."""

from collections.abc import Iterator
from typing import Any

from twin.world.metering.held import Held, Place, reads
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

VOLUMES = {
    "standard": "EBS:VolumeUsage", "gp2": "EBS:VolumeUsage.gp2", "gp3": "EBS:VolumeUsage.gp3",
    "io1": "EBS:VolumeUsage.piops", "io2": "EBS:VolumeUsage.io2", "st1": "EBS:VolumeUsage.st1",
    "sc1": "EBS:VolumeUsage.sc1",
}  # fmt: skip
GP3_FREE_IOPS = 3000
"""https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html (assumed: not read again)."""


@reads("ec2")
def held_by_ec2(scene: Scene, place: Place) -> Iterator[Held]:
    """Read what EC2 and its network hold in a Region."""
    backend = backends("ec2")[place.account][place.region]
    yield from _instances(backend)
    yield from _volumes(backend)
    yield from _snapshots(backend, place.account)
    yield from _addresses(backend)
    for gateway in backend.nat_gateways.values():
        if gateway.state == "available":
            yield Held(gateway.id, "ec2-other", "NatGateway-Hours", 1, _tags(backend, gateway.id))
    for endpoint in backend.vpc_end_points.values():
        if endpoint.vpc_endpoint_type != "Gateway" and endpoint.state == "available" and endpoint.subnet_ids:
            zones = len(endpoint.subnet_ids)
            yield Held(endpoint.id, "vpc", "VpcEndpoint-Hours", zones, _tags(backend, endpoint.id))
    for attachment in backend.transit_gateway_attachments.values():
        if attachment.state == "available":
            yield Held(attachment.id, "vpc", "TransitGateway-Hours", 1, _tags(backend, attachment.id))


def _tags(backend: Any, resource: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, str(value)) for key, value in backend.tags.get(resource, {}).items()))


def _instances(backend: Any) -> Iterator[Held]:
    for reservation in backend.reservations.values():
        for instance in reservation.instances:
            if instance.state == "running":
                kind = "SpotUsage" if instance.lifecycle == "spot" else "BoxUsage"
                # Other systems than Linux are dearer; the book has no figures for them, and the bill says so.
                system = f":{instance.platform}" if instance.platform == "windows" else ""
                usage = f"{kind}:{instance.instance_type}{system}"
                yield Held(instance.id, "ec2", usage, 1, _tags(backend, instance.id))


def _volumes(backend: Any) -> Iterator[Held]:
    for volume in backend.volumes.values():
        tags = _tags(backend, volume.id)
        usage = VOLUMES.get(volume.volume_type, f"EBS:VolumeUsage.{volume.volume_type}")
        yield Held(volume.id, "ec2-other", usage, float(volume.size), tags)
        iops = int(volume.iops or 0)
        if volume.volume_type in ("io1", "io2") and iops:
            yield Held(volume.id, "ec2-other", "EBS:VolumeP-IOPS.piops", iops, tags)
        elif volume.volume_type == "gp3" and iops > GP3_FREE_IOPS:
            yield Held(volume.id, "ec2-other", "EBS:VolumeP-IOPS.gp3", iops - GP3_FREE_IOPS, tags)


def _snapshots(backend: Any, account: str) -> Iterator[Held]:
    # The store has the snapshots of Amazon's images too. A snapshot is taken to be as large as its volume.
    for snapshot in backend.snapshots.values():
        if snapshot.owner_id == account and not snapshot.from_ami and snapshot.status == "completed":
            size = float(snapshot.volume.size)
            yield Held(snapshot.id, "ec2-other", "EBS:SnapshotUsage", size, _tags(backend, snapshot.id))


def _addresses(backend: Any) -> Iterator[Held]:
    elastic = {address.public_ip for address in backend.addresses}
    for address in backend.addresses:
        used = address.instance is not None or address.eni is not None
        usage = "PublicIPv4:InUseAddress" if used else "PublicIPv4:IdleAddress"
        yield Held(address.allocation_id or address.public_ip, "vpc", usage, 1, _tags(backend, address.allocation_id))
    for card in backend.enis.values():
        instance = getattr(card, "instance", None)
        if card.public_ip and card.public_ip not in elastic and (instance is None or instance.state == "running"):
            yield Held(card.id, "vpc", "PublicIPv4:InUseAddress", 1, _tags(backend, card.id))

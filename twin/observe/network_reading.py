"""Describe replies read from a target's own endpoints, in the form of a folder of saved ones."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from twin.observe import reads
from twin.observe.iam.reader import Reader
from twin.observe.snapshot import Item, Snapshot

NETWORK = (
    "Vpcs",
    "Subnets",
    "RouteTables",
    "NetworkAcls",
    "SecurityGroups",
    "Reservations",
    "NetworkInterfaces",
    "InternetGateways",
    "EgressOnlyInternetGateways",
    "NatGateways",
    "VpcEndpoints",
    "VpcPeeringConnections",
)
READS = {one.key: one.operation for one in reads.READS if one.key in NETWORK}
"""The kinds of EC2 that make up a network, each with the call that tells it."""
MOVING = ("Reservations",)
"""What comes and goes with instances, their interfaces with them, while the network stays as it is."""
BALANCING = ("LoadBalancers", "Listeners", "Rules", "TargetGroups", "TargetHealthDescriptions")


def read_network(reader: Reader, kinds: Iterable[str] | None = None) -> Snapshot:
    """Read the network of an account and Region, or some kinds of it; what is refused is among the reader's gaps."""
    items = {kind: tuple(_plain(reader, kind)) for kind in (READS if kinds is None else kinds)}
    return Snapshot(items, tuple(reader.gaps))


def _plain(reader: Reader, kind: str) -> Iterator[Item]:
    yield from listed(reader, "ec2", READS[kind], kind)


def read_balancing(reader: Reader) -> Snapshot:
    """Read load balancers with their listeners, rules, target groups and the health of their targets."""
    items: dict[str, list[Item]] = {kind: [] for kind in BALANCING}
    for balancer in listed(reader, "elbv2", "DescribeLoadBalancers", "LoadBalancers"):
        items["LoadBalancers"].append(balancer)
        named = {"LoadBalancerArn": balancer.data["LoadBalancerArn"]}
        for listener in listed(reader, "elbv2", "DescribeListeners", "Listeners", named):
            items["Listeners"].append(listener)
            asked = {"ListenerArn": listener.data["ListenerArn"]}
            items["Rules"] += listed(reader, "elbv2", "DescribeRules", "Rules", asked)
    items["TargetGroups"] += listed(reader, "elbv2", "DescribeTargetGroups", "TargetGroups")
    items["TargetHealthDescriptions"] += read_health(
        reader, [one.data["TargetGroupArn"] for one in items["TargetGroups"]]
    )
    return Snapshot({kind: tuple(found) for kind, found in items.items()}, tuple(reader.gaps))


def read_health(reader: Reader, groups: Iterable[str]) -> Iterator[Item]:
    """Yield the health of target groups' targets, each beside its group's ARN."""
    for arn in groups:
        asked = {"TargetGroupArn": arn}
        yield from listed(reader, "elbv2", "DescribeTargetHealth", "TargetHealthDescriptions", asked)


def listed(
    reader: Reader, service: str, operation: str, kind: str, asked: dict[str, Any] | None = None
) -> Iterator[Item]:
    """Yield the objects of one call's reply, with what was asked for beside them."""
    place = Path(reader.account) / reader.region / operation
    for data in reader.read(service, operation, asked).get(kind) or ():
        yield Item(data, place, reader.region, reader.account, asked or {})
